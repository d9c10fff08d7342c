import { setTimeout as sleep } from 'node:timers/promises';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { z } from 'zod';
import type { RedisClient, RedisLink } from './redis-link.ts';

/** How long a reader waits for news: well below the silence at which a connection is given up. */
const BLOCK_MS = 1_000;
const PAUSE_MS = 200;
/** Events kept for sockets that were cut off, and for a node that reads late: a full one says five thousand a second. */
const KEPT_EVENTS = 50_000;
/** Who missed more than this is quicker by asking for what changed. */
const MOST_MISSED = 500;

/** Typed before the cut is not typing now, so it is not told after it. */
const typing = /^\{"packet":\{"type":2,"data":\["(user_typing|typing_status_update)"/;

const identity = z.object({ expiresAt: z.number() });

/**
 * Carries what is emitted on one node to the sockets of all. With a plain client the adapter would wait for a Redis
 * that is gone before it tells even its own sockets, spin while it cannot read, and end the process by promises that
 * nobody watches; so it gets what it uses of one, and no more.
 */
export function redisAdapter(
  link: RedisLink,
  { prefix, clock }: { prefix: string; clock: () => number },
): ReturnType<typeof createAdapter> {
  const writer = {
    sSubscribe: isPackageRedis,
    duplicate: () => reader(link.another()),
    xAdd: (...given: Parameters<RedisClient['xAdd']>) => link.ask((client) => client.xAdd(...given)),
    async xRange(key: string, start: string, end: string) {
      const range = await link.ask((client) => client.xRange(key, start, end, { COUNT: MOST_MISSED }));
      const entries = range ?? [];
      if (entries.length === MOST_MISSED) throw new Error('unable to recover; too much was missed');
      return end === '+' ? entries.filter(({ message }) => !typing.test(message.data ?? '')) : entries;
    },
    set: (...given: Parameters<RedisClient['set']>) =>
      link.ask((client) => client.set(...given)).catch(ignore),
    publish: (...given: Parameters<RedisClient['publish']>) =>
      link.ask((client) => client.publish(...given)).catch(ignore),
    multi: () => ({
      get: (key: string) => ({
        del: () => ({ exec: () => link.ask((client) => client.multi().get(key).del(key).exec()) }),
      }),
    }),
  };
  const createFor = createAdapter(writer, {
    streamName: `${prefix}:events`,
    channelPrefix: `${prefix}:nodes`,
    sessionKeyPrefix: `${prefix}:session:`,
    maxLen: KEPT_EVENTS,
    blockTimeInMs: BLOCK_MS,
    onlyPlaintext: true,
  });
  // Socket.IO calls it with `new`, which an arrow function does not take.
  return function recoverable(namespace: unknown) {
    const adapter = createFor(namespace);
    const restore = adapter.restoreSession.bind(adapter);
    // What was missed is handed out before any middleware has seen the new token.
    adapter.restoreSession = async (pid, offset) => {
      const session = await restore(pid, offset);
      if (identity.parse(session.data).expiresAt <= clock())
        throw new Error('unable to recover; the token has expired');
      return session;
    };
    const broadcast = adapter.broadcast.bind(adapter);
    // What is for one socket that is here concerns no other node; the heartbeat alone would fill the stream.
    adapter.broadcast = (packet, options) => {
      const [room = ''] = options.rooms;
      const isForOne = options.rooms.size === 1 && adapter.sids.has(room);
      return broadcast(packet, isForOne ? { ...options, flags: { ...options.flags, local: true } } : options);
    };
    return adapter;
  };
}

function reader(client: RedisClient) {
  return {
    sSubscribe: isPackageRedis,
    on: () => {},
    connect: () => client.connect(),
    async xRead(...given: Parameters<RedisClient['xRead']>) {
      try {
        return await client.xRead(...given);
      } catch (error) {
        await sleep(PAUSE_MS);
        throw error;
      }
    },
    async subscribe(...given: Parameters<RedisClient['subscribe']>) {
      while (client.isOpen) {
        try {
          return await client.subscribe(...given);
        } catch {
          await sleep(PAUSE_MS);
        }
      }
    },
    disconnect: () => void (client.isOpen && client.destroy()),
  };
}

/** By having this method, a client of the package `redis` is told from others. */
function isPackageRedis(): never {
  throw new Error('unable to subscribe; sharded channels are not in use');
}

function ignore(): void {}
