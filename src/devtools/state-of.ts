import type { DehydratedState, Fact } from '../index.ts';
import type { Recording } from './recording.ts';

/** What passes by, such as typing, is no state. */
const stays: ReadonlySet<Fact['kind']> = new Set([
  'avatar',
  'name',
  'username',
  'message',
  'page',
  'conversation',
  'activity',
  'read',
  'unread',
]);

/**
 * What the recorded client knew, for the `hydrate` option of a client in a test: facts merge to the same state whenever
 * they are taken in.
 *
 * @param until - how many entries to take, to find the one with which something went wrong. Default all.
 * @example
 * const client = createClient({ ...backend.device('u1').options, hydrate: stateOf(JSON.parse(file)) });
 */
export function stateOf({ version, userId, entries }: Recording, until = entries.length): DehydratedState {
  const facts = entries
    .slice(0, until)
    .flatMap((entry) => (entry.kind === 'facts' ? entry.facts : []))
    .filter(({ kind }) => stays.has(kind));
  const users = new Set<string>();
  const conversations = new Set<string>();
  for (const fact of facts) {
    if ('conversationId' in fact && fact.conversationId !== null) conversations.add(fact.conversationId);
    if (fact.kind === 'avatar' || fact.kind === 'name') users.add(fact.userId);
  }
  return {
    version,
    userId,
    facts,
    users: [...users].map((id) => ({ id, status: 'ready' })),
    chat: {
      inbox: { status: 'ready', hasMore: false, pages: 1 },
      threads: [...conversations].map((id) => ({ id, status: 'ready' })),
    },
  };
}
