import { compareStamps, type PresenceFact } from '../facts.ts';
import type { Presence } from '../models.ts';

/** Who is there, as far as the backend told during this connection. */
export interface PresenceTable {
  get(userId: string): Presence;
  /** Tells whether the user's presence changed. */
  merge(fact: PresenceFact): boolean;
  /** The connection is gone, and what it told with it. Returns whose presence changed. */
  expire(): readonly string[];
}

export function createPresenceTable(): PresenceTable {
  const facts = new Map<string, PresenceFact>();

  return {
    get: (userId) => facts.get(userId)?.presence ?? 'unknown',
    merge(fact) {
      const held = facts.get(fact.userId);
      if (held && compareStamps(fact.stamp, held.stamp) <= 0) return false;
      facts.set(fact.userId, fact);
      return held?.presence !== fact.presence;
    },
    expire() {
      const userIds = [...facts.keys()];
      facts.clear();
      return userIds;
    },
  };
}
