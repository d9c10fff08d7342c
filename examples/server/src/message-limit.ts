import { ApiError } from './errors.ts';

export class RateLimitedError extends ApiError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(429, 'RATE_LIMITED', 'unable to send; too many messages, wait a little');
    this.retryAfterMs = retryAfterMs;
  }
}

const MANY_USERS = 10_000;

/** Lets each user send so many messages within any such time. Throws {@link RateLimitedError}. */
export function createMessageLimit(settings: {
  messages: number;
  withinMs: number;
  clock: () => number;
}): (userId: string) => void {
  const { messages, withinMs, clock } = settings;
  const sent = new Map<string, number[]>();
  return (userId) => {
    const now = clock();
    // A clock set back must not lock anyone out.
    const recent = (sent.get(userId) ?? []).filter((time) => time > now - withinMs && time <= now);
    const oldest = recent[recent.length - messages];
    if (oldest !== undefined) throw new RateLimitedError(oldest + withinMs - now);
    if (sent.size >= MANY_USERS) {
      for (const [id, times] of sent) if ((times.at(-1) ?? 0) <= now - withinMs) sent.delete(id);
    }
    sent.set(userId, [...recent, now]);
  };
}
