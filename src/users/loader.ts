import { HttpError, mayPass, VisavisError } from '../errors.ts';
import type { UserFact } from '../facts.ts';
import { type Backoff, backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { raceAbort } from '../lib/wait.ts';

export type LoadStatus = 'idle' | 'loading' | 'ready' | 'missing' | 'failed';

export interface LoaderSettings {
  readonly clock: Clock;
  readonly random: () => number;
  /** Reads one profile; `null` when the backend has no such user. */
  read(userId: string, signal: AbortSignal): Promise<readonly UserFact[] | null>;
  onFacts(facts: readonly UserFact[]): void;
  onStatus(userId: string): void;
  /** Whether anything on screen still shows this user, so that a failed read is worth repeating. */
  isWatched(userId: string): boolean;
}

export interface Loader {
  status(userId: string): LoadStatus;
  /** Reads the profile; joins a read that has not been sent yet. Rejects with what made it fail. */
  read(userId: string, signal?: AbortSignal): Promise<void>;
  /** Reads the profile unless that was done before or is on its way. */
  ensure(userId: string): void;
  /** Reads soon, once for many calls: a weaker statement came in and the backend should say what holds. */
  doubt(userId: string): void;
  /** Reads at some moment between `from` and `to` milliseconds from now, if somebody still looks then. */
  refreshWithin(userId: string, spread: { readonly from: number; readonly to: number }): void;
  /** Users on screen whose profile was asked for. */
  watched(): string[];
  /** How far the reading of each user who was asked for is. */
  statuses(): { readonly id: string; readonly status: LoadStatus }[];
  /** Read elsewhere: shown as such, and read again when somebody looks. */
  restore(userId: string, status: LoadStatus): void;
  /** What was read of users that nothing on screen shows is out of date: read it again when somebody looks. */
  expire(): void;
  dispose(): void;
}

const parallel = 4;
const doubtMs = 250;
const backoff: Backoff = { baseMs: 1_000, maxMs: 60_000 };

/** Reads profiles: few at a time, each once, repeated with backoff while somebody looks. */
export function createLoader(settings: LoaderSettings): Loader {
  const { clock, random } = settings;
  const statuses = new Map<string, LoadStatus>();
  const waiting = new Map<string, Promise<void>>();
  const doubted = new Map<string, () => void>();
  const retries = new Map<string, () => void>();
  const restored = new Set<string>();
  const queue: (() => void)[] = [];
  const life = new AbortController();
  let running = 0;
  /** Whose read is being taken in: what it says is not doubted again. */
  let settling: string | undefined;

  function setStatus(userId: string, status: LoadStatus) {
    if (statuses.get(userId) === status) return;
    statuses.set(userId, status);
    settings.onStatus(userId);
  }

  async function turn(): Promise<void> {
    if (running >= parallel) return new Promise((resolve) => queue.push(resolve));
    running += 1;
  }

  /** Hands the turn to the next in the queue. */
  function done() {
    const next = queue.shift();
    if (next) next();
    else running -= 1;
  }

  async function fetchOne(userId: string) {
    await turn();
    // From here on the request is out: a later read must ask again.
    waiting.delete(userId);
    try {
      const facts = await settings.read(userId, life.signal);
      settling = userId;
      if (facts) settings.onFacts(facts);
      settling = undefined;
      setStatus(userId, facts ? 'ready' : 'missing');
      settle(userId);
    } catch (error) {
      if (!life.signal.aborted && statuses.get(userId) !== 'ready') setStatus(userId, 'failed');
      throw error;
    } finally {
      done();
    }
  }

  function settle(userId: string) {
    retries.get(userId)?.();
    retries.delete(userId);
  }

  function request(userId: string): Promise<void> {
    const joined = waiting.get(userId);
    if (joined) return joined;
    if (life.signal.aborted)
      return Promise.reject(
        new VisavisError('DISPOSED', 'unable to read the profile; the client is disposed'),
      );
    if (statuses.get(userId) !== 'ready') setStatus(userId, 'loading');
    const started = fetchOne(userId);
    waiting.set(userId, started);
    return started;
  }

  /** A read nobody waits for: repeated with backoff as long as the user is on screen. */
  function background(userId: string, failures = 0) {
    request(userId).catch((error: unknown) => {
      if (life.signal.aborted || !settings.isWatched(userId)) return;
      if (!mayPass(error)) return;
      settle(userId);
      const asked = error instanceof HttpError ? error.retryAfterMs : undefined;
      const pause = asked ?? backoffMs(failures, backoff, random);
      retries.set(
        userId,
        clock.schedule(() => background(userId, failures + 1), pause),
      );
    });
  }

  /** Not put off by a further call: a read must come while doubts last. */
  function readLater(userId: string, ms: number) {
    if (doubted.has(userId)) return;
    doubted.set(
      userId,
      clock.schedule(() => {
        doubted.delete(userId);
        background(userId);
      }, ms),
    );
  }

  return {
    status: (userId) => statuses.get(userId) ?? 'idle',
    read: (userId, signal) => raceAbort(request(userId), signal),
    ensure(userId) {
      const status = statuses.get(userId) ?? 'idle';
      if (restored.delete(userId) || status === 'idle' || (status === 'failed' && !retries.has(userId)))
        background(userId);
    },
    doubt(userId) {
      if (userId !== settling) readLater(userId, doubtMs);
    },
    refreshWithin: (userId, { from, to }) => readLater(userId, from + random() * (to - from)),
    statuses: () => [...statuses].map(([id, status]) => ({ id, status })),
    restore(userId, status) {
      statuses.set(userId, status);
      if (status === 'ready') restored.add(userId);
    },
    watched: () => [...statuses.keys()].filter(settings.isWatched),
    expire() {
      for (const userId of [...statuses.keys()]) {
        if (!settings.isWatched(userId) && !restored.has(userId)) setStatus(userId, 'idle');
      }
    },
    dispose() {
      life.abort();
      for (const cancel of [...doubted.values(), ...retries.values()]) cancel();
      doubted.clear();
      retries.clear();
      for (const next of queue.splice(0)) next();
    },
  };
}
