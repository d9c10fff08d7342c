import type { SocketPort } from '../lib/socket-port.ts';
import type { SocketCommand } from '../protocol/chat-preset.ts';
import type { ParseContext } from '../protocol/route.ts';

/** Milliseconds until an answer on the socket counts as lost. */
const answerMs = 10_000;

export interface BySocketSettings {
  readonly connection: Pick<SocketPort, 'request'> & { readonly isOpen: boolean };
  parseContext(): ParseContext;
}

/** Does it by socket, where that answers and can do it now; else resolves with `null`. */
export type BySocket = <Input, Output>(
  command: SocketCommand<Input, Output> | null,
  input: Input,
) => Promise<Output | null>;

export function createBySocket(
  { connection, parseContext }: BySocketSettings,
  capabilities: () => Promise<{ readonly acks: boolean }>,
): BySocket {
  return async (command, input) => {
    if (!command || !(await capabilities()).acks || !connection.isOpen) return null;
    const event = command.emit(input);
    return event && command.parse(await connection.request(event, answerMs), input, parseContext());
  };
}
