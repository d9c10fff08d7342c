import type { SocketPort } from '../lib/socket-port.ts';
import type { SocketCommand } from '../protocol/chat-preset.ts';
import type { ParseContext } from '../protocol/route.ts';

/** Milliseconds until an answer on the socket counts as lost. */
const answerMs = 10_000;

export interface BySocketSettings extends Pick<SocketPort, 'request'> {
  capabilities(): Promise<{ readonly acks: boolean }>;
  isConnected(): boolean;
  parseContext(): ParseContext;
}

/** Does it by socket, where that answers and can do it now; else resolves with `null`. */
export type BySocket = <Input, Output>(
  command: SocketCommand<Input, Output> | null,
  input: Input,
) => Promise<Output | null>;

export function createBySocket(settings: BySocketSettings): BySocket {
  return async (command, input) => {
    if (!command || !(await settings.capabilities()).acks || !settings.isConnected()) return null;
    const event = command.emit(input);
    return event && command.parse(await settings.request(event, answerMs), input, settings.parseContext());
  };
}
