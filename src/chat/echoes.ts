import type { MessageFact } from '../facts.ts';
import type { OutboxItem } from './outbox-item.ts';

/** Device and backend clocks may differ by this much, in milliseconds. */
const clockSkewMs = 120_000;

/**
 * Where a backend echoes no client id, the echo of a message that is still on its way comes without a name: shown as one
 * with its optimistic copy. Each copy takes one echo at most, so equal texts are never hidden. Only a matter of showing:
 * what counts as sent is the backend's answer.
 *
 * @returns client ids by the id of the message that is taken for its echo.
 */
export function matchEchoes(
  shown: readonly MessageFact[],
  waiting: readonly OutboxItem[],
  ownId: string,
  isConfirmed: (clientId: string) => boolean,
): ReadonlyMap<string, string> {
  const echoes = new Map<string, string>();
  const open = waiting.filter(
    ({ clientId, state, mayHaveArrived }) =>
      (state === 'sending' || (state === 'queued' && mayHaveArrived)) && !isConfirmed(clientId),
  );
  if (open.length === 0) return echoes;
  const taken = new Set<string>();
  for (const item of open) {
    const echo = shown.find(
      (message) =>
        message.clientId === null &&
        message.senderId === ownId &&
        message.text === item.text.trim() &&
        message.mediaUrl === item.mediaUrl &&
        message.createdAt >= item.createdAt - clockSkewMs &&
        !taken.has(message.messageId),
    );
    if (!echo) continue;
    taken.add(echo.messageId);
    echoes.set(echo.messageId, item.clientId);
  }
  return echoes;
}
