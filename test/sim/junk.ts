import type { SeededRandom } from '../../src/testing/index.ts';

export const junkNames = [
  'user:avatar:updated',
  'user:avatar:deleted',
  'user:profile:updated',
  'new_message',
  'message_deleted',
  'conversation_list_updated',
  'unread_count_updated',
  'typing_status_update',
  'user_typing',
  'user_status_update',
  'user_offline',
  'conversation_state_changed',
  'message_seen',
  'messages_seen_update',
  'notification',
  'message_error',
  'seen_error',
  'sync_state',
  '__proto__',
  'constructor',
  'toString',
  '',
] as const;

const leaves = [
  null,
  undefined,
  true,
  -1,
  1.5,
  Number.NaN,
  1e308,
  '',
  '\0',
  '\ud800',
  '__proto__',
  'javascript:alert(1)',
  [],
  {},
] as const;
const keys = [
  'user',
  'Id',
  'message',
  'payload',
  '__proto__',
  'constructor',
  'avatar_url',
  'avatar_version',
  'unread_count',
  'is_typing',
  'data',
] as const;

/** A JSON-like value that no schema of ours takes: no field in it names a user or a conversation. */
export function junk(random: SeededRandom, depth = 0): unknown {
  const kind = random.below(depth > 3 ? 1 : 4);
  if (kind === 0) return random.pick(leaves);
  if (kind === 1) return Array.from({ length: random.below(4) }, () => junk(random, depth + 1));
  const made: Record<string, unknown> = Object.create(null);
  for (let count = random.below(5); count > 0; count -= 1) made[random.pick(keys)] = junk(random, depth + 1);
  return made;
}
