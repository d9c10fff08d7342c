import { randomUUID } from 'node:crypto';
import { ApiError } from '../errors.ts';
import type { RedisLink } from './redis-link.ts';

export class RateLimitedError extends ApiError {
  readonly retryAfterMs: number;

  constructor(doing: string, retryAfterMs: number) {
    super(429, 'RATE_LIMITED', `unable to ${doing}; too many tries, wait a little`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Counts one try of a user. Throws {@link RateLimitedError} for one too many, which is not counted. */
export type RateLimit = (userId: string) => Promise<void>;

/** Makes limits of so many tries within any such time, in milliseconds; one allowance for all nodes. */
export type RateLimits = (doing: string, most: number, withinMs: number) => RateLimit;

/** Milliseconds until there is room again; 0 when there was, and the try is counted. */
type Window = (key: string, most: number, withinMs: number) => number | Promise<number>;

/** While Redis is away every node counts for itself. */
export function createRateLimits(settings: {
  clock: () => number;
  redis: { link: RedisLink; prefix: string } | undefined;
}): RateLimits {
  const { clock, redis } = settings;
  const own = windowsHere(clock);
  const shared = redis && windowsInRedis(redis.link, redis.prefix, clock);
  const wait: Window = async (...given) => {
    if (!shared) return own(...given);
    try {
      return await shared(...given);
    } catch {
      return own(...given);
    }
  };
  return (doing, most, withinMs) => async (userId) => {
    const ms = await wait(`${doing}:${userId}`, most, withinMs);
    if (ms > 0) throw new RateLimitedError(doing, ms);
  };
}

const MANY_KEYS = 10_000;

function windowsHere(clock: () => number): (...given: Parameters<Window>) => number {
  const windows = new Map<string, { times: number[]; endsAt: number }>();
  return (key, most, withinMs) => {
    const now = clock();
    const { times } = windows.get(key) ?? { times: [] as number[] };
    while (times[0] !== undefined && times[0] <= now - withinMs) times.shift();
    // A clock set back must not lock anyone out.
    while ((times.at(-1) ?? now) > now) times.pop();
    const oldest = times[times.length - most];
    if (oldest !== undefined) return oldest + withinMs - now;
    if (windows.size >= MANY_KEYS) {
      for (const [other, { endsAt }] of windows) if (endsAt <= now) windows.delete(other);
    }
    times.push(now);
    windows.set(key, { times, endsAt: now + withinMs });
    return 0;
  };
}

/** The clocks of nodes differ a little, so a time may lie ahead; one far ahead is from a clock that was wrong. */
const script = `
local key, now, within, most = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('zremrangebyscore', key, '-inf', now - within)
redis.call('zremrangebyscore', key, now + within, '+inf')
local oldest = redis.call('zrange', key, -most, -most, 'withscores')[2]
if oldest then return math.ceil(oldest + within - now) end
redis.call('zadd', key, now, ARGV[4])
redis.call('pexpire', key, within)
return 0`;

function windowsInRedis(link: RedisLink, prefix: string, clock: () => number): Window {
  const node = randomUUID();
  let tries = 0;
  return async (key, most, withinMs) => {
    tries += 1;
    const numbers = [clock(), withinMs, most].map(String);
    const call = { keys: [`${prefix}:limit:${key}`], arguments: [...numbers, `${node}:${tries}`] };
    return Number(await link.ask((client) => client.eval(script, call)));
  };
}
