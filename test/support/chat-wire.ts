import type { Fact } from '../../src/facts.ts';
import { chatEvents } from '../../src/protocol/chat-events.ts';
import type { ParseContext } from '../../src/protocol/route.ts';

/** When statements of these tests arrive. */
export const arrivedAt = 9_000_000_000_000;

export const context: ParseContext = {
  userId: 'me',
  at: arrivedAt,
  resolveUrl: (url) => new URL(url, 'https://api.example.com/').href,
  isStamped: true,
  isSafeUrl: (url) => !url.startsWith('javascript:'),
};

/** What an event of the wire states; it went through JSON, as on the wire. */
export function factsOf(name: string, payload: unknown, events = chatEvents): readonly Fact[] {
  const parser = Object.hasOwn(events, name) ? events[name] : undefined;
  if (!parser) throw new Error(`there is no parser for ${name}`);
  return parser(payload === undefined ? undefined : JSON.parse(JSON.stringify(payload)), context);
}

/** A message row as running backends send it. */
export const wireRow = (fields: object = {}) => ({
  id: 'm1',
  conversation_id: 'c1',
  sender_id: 'u2',
  message: 'hello',
  message_type: 'text',
  media_url: null,
  seen: false,
  created_at: '2026-01-02T03:04:05.678Z',
  ...fields,
});

/** The moment of {@link wireRow}. */
export const rowTime = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
