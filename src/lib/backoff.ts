export interface Backoff {
  /** Milliseconds; the ceiling of the first wait. */
  readonly baseMs: number;
  /** Milliseconds; no wait is longer. */
  readonly maxMs: number;
}

/** Full jitter: a wait drawn from 0 to the doubled ceiling, so that many clients spread out. */
export function backoffMs(attempt: number, { baseMs, maxMs }: Backoff, random: () => number): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
}
