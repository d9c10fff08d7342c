import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbedded } from '../../examples/server/src/database/embedded-database.ts';
import { migrate } from '../../examples/server/src/database/migrate.ts';
import { seedPairs } from '../../test/support/pairs.ts';
import { ReferenceServer } from '../../test/support/reference-server.ts';
import { freePort } from '../../test/support/services/free-port.ts';
import type { Postgres } from '../../test/support/services/postgres.ts';
import type { Redis } from '../../test/support/services/redis.ts';

/** Servers that a crowd can talk over, with people and their conversations. */
export interface Way {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly conversations: readonly string[];
  /** Whether those who talk to each other are on different nodes. */
  readonly isSpread: boolean;
  token(userId: string): Promise<string | undefined>;
  /** How many messages are kept; `undefined` where none are. */
  rows(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export interface Node {
  readonly url: string;
  readonly pid: number;
  /** Bytes of the JavaScript heap in use; `undefined` where it is not told. */
  heap(): Promise<number | undefined>;
}

const settings = {
  NODE_ENV: 'test',
  VISAVIS_MESSAGES_PER_10S: '100000000',
  VISAVIS_WRITES_PER_MINUTE: '100000',
  VISAVIS_LOG: 'error',
};

export async function overPostgres(
  engines: { postgres: Postgres; redis: Redis },
  people: number,
): Promise<Way> {
  const name = 'bench';
  const { postgres, redis } = engines;
  const address = await postgres.createDatabase(name);
  const folder = await mkdtemp(join(tmpdir(), 'visavis-bench-'));
  const own = {
    ...settings,
    DATABASE_URL: address,
    REDIS_URL: redis.url,
    REDIS_PREFIX: name,
    VISAVIS_DATA: folder,
  };
  const started = await Promise.all([start(own), start(own)]);
  const conversations = await seedPairs((sql, values) => postgres.query(name, sql, values), people);
  return {
    name: 'two nodes, PostgreSQL, Redis',
    nodes: started.map(({ node }) => node),
    conversations,
    isSpread: true,
    token: (userId) => (started[0] as Started).server.login(userId),
    rows: async () => {
      const [row] = await postgres.query<{ count: string }>(name, 'select count(*) from messages');
      return Number(row?.count);
    },
    async stop() {
      await Promise.all(started.map(({ server }) => server.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function overEmbedded(people: number): Promise<Way> {
  const folder = await mkdtemp(join(tmpdir(), 'visavis-bench-'));
  const open = () => openEmbedded(join(folder, 'database'));
  const database = await open();
  await migrate(database);
  const conversations = await seedPairs((sql, values) => database.query(sql, values), people);
  await database.close();
  const { server, node } = await start({ ...settings, VISAVIS_DATA: folder });
  return {
    name: 'one node, PGlite',
    nodes: [node],
    conversations,
    isSpread: false,
    token: (userId) => server.login(userId),
    async rows() {
      // Nobody else may look while the server has it.
      await server.kill();
      const stopped = await open();
      const [row] = await stopped.query<{ count: number }>('select count(*)::integer as count from messages');
      await stopped.close();
      return row?.count;
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The floor of this machine, in the same run. */
export async function overRelay(people: number, count: number): Promise<Way> {
  const relays = Array.from({ length: count }, () =>
    fork(fileURLToPath(new URL('./relay.ts', import.meta.url))),
  );
  const ports = await Promise.all(relays.map(async (relay) => (await once(relay, 'message'))[0]));
  return {
    name: `bare Socket.IO, ${count === 1 ? 'one process' : `${count} processes`}`,
    nodes: relays.map(({ pid = 0 }, at) => ({
      url: `http://127.0.0.1:${ports[at]}`,
      pid,
      heap: async () => undefined,
    })),
    conversations: Array.from({ length: people / 2 }, (_, at) => `c${at}`),
    isSpread: false,
    token: async () => undefined,
    rows: async () => undefined,
    stop: async () => {
      for (const relay of relays) relay.kill();
    },
  };
}

interface Started {
  readonly server: ReferenceServer;
  readonly node: Node;
}

async function start(env: Readonly<Record<string, string>>): Promise<Started> {
  const metrics = await freePort();
  const server = new ReferenceServer({ ...env, VISAVIS_METRICS_PORT: String(metrics) });
  await server.start();
  return {
    server,
    node: {
      url: server.url,
      pid: server.pid ?? 0,
      async heap() {
        const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
        return Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(text)?.[1]);
      },
    },
  };
}

/** Bytes that a process holds in memory. */
export function residentBytes({ pid }: Node): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}
