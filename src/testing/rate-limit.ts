import { Refusal } from './refusal.ts';

/** How often something may be done in a window of time. */
export interface Quota {
  readonly count: number;
  readonly windowMs: number;
}

/** Counts per user, in memory: a restart forgets. */
export interface RateLimit {
  /** Throws a {@link Refusal} with `Retry-After` when it is too often. */
  take(kind: string, userId: string, quota: Quota): void;
  clear(): void;
}

export function createRateLimit(now: () => number): RateLimit {
  const taken = new Map<string, number[]>();

  return {
    take(kind, userId, { count, windowMs }) {
      const key = `${kind} ${userId}`;
      const recent = (taken.get(key) ?? []).filter((at) => at > now() - windowMs);
      taken.set(key, recent);
      const [oldest = now()] = recent;
      if (recent.length < count) return void recent.push(now());
      const seconds = Math.max(1, Math.ceil((oldest + windowMs - now()) / 1000));
      throw new Refusal(429, 'RATE_LIMITED', 'unable to go on; too many tries, wait a little', {
        'retry-after': String(seconds),
      });
    },
    clear: () => taken.clear(),
  };
}
