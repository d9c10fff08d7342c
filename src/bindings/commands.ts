import type { Live } from '../index.ts';

/** What can be done with a live view, without the view itself. */
export type CommandsOf<View extends Live<unknown>> = Omit<View, keyof Live<unknown>>;

export function commandsOf<View extends Live<unknown>>(view: View): CommandsOf<View> {
  const { getSnapshot: _, getServerSnapshot: __, subscribe: ___, ...commands } = view;
  return commands;
}
