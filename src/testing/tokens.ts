import { Refusal } from './refusal.ts';

/** Bearer tokens: issued, expired and checked. */
export interface Tokens {
  issue(userId: string, lifeMs?: number): string;
  /** Makes every token of a user worthless from now on. */
  revoke(userId: string): void;
  /** Throws a {@link Refusal} when the token is missing, unknown or expired. */
  verify(token: string | null): { readonly userId: string; readonly expiresAt: number };
}

export interface TokenSettings {
  readonly now: () => number;
  readonly lifeMs: number;
  /** Running plain backends say 403 where others say 401. */
  readonly refusedStatus: 401 | 403;
}

export function createTokens({ now, lifeMs, refusedStatus }: TokenSettings): Tokens {
  const issued = new Map<string, { readonly userId: string; expiresAt: number }>();

  return {
    issue(userId, life = lifeMs) {
      const token = `token-${issued.size + 1}-of-${userId}`;
      issued.set(token, { userId, expiresAt: now() + life });
      return token;
    },
    revoke(userId) {
      for (const entry of issued.values()) {
        if (entry.userId === userId) entry.expiresAt = Math.min(entry.expiresAt, now());
      }
    },
    verify(token) {
      if (token === null) throw new Refusal(401, 'UNAUTHORIZED', 'No token provided');
      const entry = issued.get(token);
      if (entry && now() < entry.expiresAt) return entry;
      throw new Refusal(refusedStatus, entry ? 'TOKEN_EXPIRED' : 'INVALID_TOKEN', 'Invalid token');
    },
  };
}
