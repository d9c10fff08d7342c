import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createClient, type VisavisClient } from '../../src/client.ts';
import { presigned } from '../../src/presets/presigned.ts';
import { seedPairs } from '../support/pairs.ts';
import { ReferenceServer } from '../support/reference-server.ts';
import { Nginx } from '../support/services/nginx.ts';
import type { Postgres } from '../support/services/postgres.ts';
import type { Redis } from '../support/services/redis.ts';
import { sharpEncoder } from '../support/sharp-encoder.ts';

export interface Deployment {
  /** Where clients are sent to: nginx. */
  readonly url: string;
  readonly nodes: readonly [ReferenceServer, ReferenceServer];
  /** Asks the database that is in charge. */
  query<Row = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** From now on another host is asked. */
  follow(postgres: Postgres): void;
  /** Adds people `p1`, `p2`, …; each odd one has a conversation with the next. Resolves with the conversations. */
  people(count: number): Promise<string[]>;
  /** A client of the SDK that goes through nginx, live. */
  client(userId: string): Promise<VisavisClient>;
  /** Open connections, node by node. */
  sockets(): Promise<number[]>;
}

/** Two processes of the server behind nginx, on engines that others share, with a database of their own. */
export async function deploy(
  engines: { postgres: Postgres; redis: Redis; hosts?: readonly Postgres[] },
  env: Readonly<Record<string, string>> = {},
): Promise<Deployment> {
  const name = `deployment-${randomUUID()}`;
  let { postgres } = engines;
  await postgres.createDatabase(name);
  const hosts = (engines.hosts ?? [postgres]).map(({ host }) => host);
  const address = new URL(postgres.url(name));
  const folder = await mkdtemp(join(tmpdir(), `visavis-${name}-`));
  const settings = {
    NODE_ENV: 'test',
    DATABASE_URL: `postgres://${address.username}@${hosts.join(',')}/${name}`,
    REDIS_URL: engines.redis.url,
    REDIS_PREFIX: name,
    VISAVIS_DATA: folder,
    VISAVIS_MESSAGES_PER_10S: '100000',
    VISAVIS_WRITES_PER_MINUTE: '100000',
    VISAVIS_SYNC_STATE_SECONDS: '3',
    VISAVIS_LOG: 'error',
    ...env,
  };
  const nodes = [new ReferenceServer(settings), new ReferenceServer(settings)] as const;
  await Promise.all(nodes.map((node) => node.start()));
  const nginx = await Nginx.start(nodes.map((node) => new URL(node.url).port));
  const clients: VisavisClient[] = [];
  const query: Deployment['query'] = (sql, values) => postgres.query(name, sql, values);

  onTestFinished(async () => {
    for (const client of clients) client.dispose();
    await nginx.stop();
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  return {
    url: nginx.url,
    nodes,
    query,
    follow(next) {
      postgres = next;
    },
    people: (count) => seedPairs(query, count),
    async client(userId) {
      const token = await nodes[0].login(userId);
      const client = createClient({
        baseUrl: nginx.url,
        userId,
        getToken: () => token,
        timeoutMs: 5_000,
        imageEncoder: sharpEncoder(presigned.picture),
        preload: async () => {},
      });
      clients.push(client);
      const live = new Promise<void>((resolve) => {
        client.realtime.on('statusChanged', ({ status }) => status === 'live' && resolve());
      });
      client.realtime.connect();
      await live;
      return client;
    },
    sockets: () => Promise.all(nodes.map(socketsOf)),
  };
}

async function socketsOf(node: ReferenceServer): Promise<number> {
  const { sockets } = await (await fetch(`${node.url}/test-socket`)).json();
  return sockets;
}
