import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ServerOptions, startServer, type TestServer } from '../server/support.ts';
import type { Postgres } from '../support/services/postgres.ts';
import type { Redis } from '../support/services/redis.ts';

/** Two nodes of one server in this process: one database, one Redis, one folder for pictures. */
export async function startPair(
  engines: { postgres: Postgres; redis: Redis },
  options: ServerOptions = {},
): Promise<[TestServer, TestServer]> {
  const prefix = `pair-${randomUUID()}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'visavis-pair-'));
  const address = await engines.postgres.createDatabase(prefix);
  const start = () =>
    startServer({
      dataDir,
      database: { addresses: [address], connections: 5 },
      redis: { url: engines.redis.url, prefix },
      ...options,
    });
  const nodes = await Promise.all([start(), start()]);
  onTestFinished(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(dataDir, { recursive: true, force: true });
  });
  return nodes;
}
