import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';

export type RedisClient = ReturnType<typeof makeClient>;

/** A Redis that others can do without: nobody waits for one that is gone, and nobody for long for one that is stuck. */
export interface RedisLink {
  /**
   * Rejects at once while Redis is away, and soon when it does not answer. Of one that is slow only the answer is not
   * waited for: the command is sent all the same, so that what is told to other nodes arrives.
   */
  ask<T>(command: (client: RedisClient) => Promise<T>): Promise<T>;
  /** A connection of one's own, for commands that wait: these are kept until Redis is there again. */
  another(): RedisClient;
  isThere(): boolean;
  /** Told whenever Redis is there again, and since when it was not, in milliseconds since the epoch. */
  onReturn(listener: (awaySince: number) => void): void;
  close(): void;
}

export class RedisAwayError extends Error {
  override name = 'RedisAwayError';
}

/** How long a start waits for Redis before it goes on without. */
const START_MS = 3_000;
const SLOW_MS = 250;
/** How long nobody waits for a slow one. Commands pile up no longer than until it counts as silent. */
const REST_MS = 2_000;
/** A connection on which nothing comes for this long, pings included, is given up. */
const SILENCE_MS = 3_000;

export async function connectRedis(settings: {
  url: string;
  clock: () => number;
  report: (error: unknown) => void;
}): Promise<RedisLink> {
  const { url, clock, report } = settings;
  const client = makeClient(url);
  const listeners: ((awaySince: number) => void)[] = [];
  let awaySince: number | undefined;
  let restUntil = 0;

  client.on('error', (error) => {
    // It is tried again and again; once tells it all.
    if (awaySince === undefined) report(error);
    awaySince ??= clock();
  });
  client.on('ready', () => {
    const since = awaySince;
    awaySince = undefined;
    restUntil = 0;
    if (since !== undefined) for (const listener of listeners) listener(since);
  });
  await Promise.race([client.connect(), sleep(START_MS)]);

  const isThere = () => client.isReady && performance.now() >= restUntil;

  return {
    isThere,
    async ask(command) {
      if (!client.isReady) throw new RedisAwayError('unable to ask Redis; it is away');
      const answer = command(client);
      if (!isThere()) {
        answer.catch(() => {});
        throw new RedisAwayError('unable to wait for Redis; it is slow');
      }
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          restUntil = performance.now() + REST_MS;
          reject(new RedisAwayError(`unable to wait for Redis; no answer within ${SLOW_MS} ms`));
        }, SLOW_MS);
      });
      try {
        return await Promise.race([answer, tooLong]);
      } finally {
        clearTimeout(timer);
      }
    },
    another() {
      const own = client.duplicate({ disableOfflineQueue: false });
      // It comes back by itself, and what is wrong has been told of the first connection.
      own.on('error', () => {});
      return own;
    },
    onReturn: (listener) => void listeners.push(listener),
    close: () => client.destroy(),
  };
}

function makeClient(url: string) {
  return createClient({
    url,
    // The adapter reads answers in the older form.
    RESP: 2,
    disableOfflineQueue: true,
    pingInterval: 1_000,
    socket: {
      connectTimeout: SILENCE_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (tries) => Math.random() * Math.min(100 * 2 ** tries, 2_000),
    },
  });
}
