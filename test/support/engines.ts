import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';

/** Engines for tests to share; without them every server has its embedded database, and is alone. */
const { VISAVIS_TEST_POSTGRES, VISAVIS_TEST_REDIS } = process.env;

/** What a server with this data folder is told of its engines: it has a place of its own there, kept over restarts. */
export async function engineSettings(folder: string): Promise<Record<string, string>> {
  const name = basename(folder);
  const redis = VISAVIS_TEST_REDIS && { REDIS_URL: VISAVIS_TEST_REDIS, REDIS_PREFIX: name };
  return { ...redis, ...(VISAVIS_TEST_POSTGRES && (await ownDatabase(VISAVIS_TEST_POSTGRES, name))) };
}

let redis: Promise<{ ping(): Promise<unknown> }> | undefined;

/** Resolves when what a server in this process has handed to Redis has come back from it. */
export async function settleEngines(): Promise<void> {
  if (!VISAVIS_TEST_REDIS) return;
  redis ??= createClient({ url: VISAVIS_TEST_REDIS }).connect();
  await (await redis).ping();
  // Answers on other connections are read in this turn or the next.
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
}

/** Where a test is about a server without engines. */
export const embedded = { database: { addresses: undefined, connections: 1 }, redis: undefined };
export const embeddedSettings = { DATABASE_URL: '', REDIS_URL: '' };

async function ownDatabase(server: string, name: string): Promise<{ DATABASE_URL: string }> {
  const url = new URL(server);
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database "${name}"`);
  } finally {
    await client.end();
  }
  url.pathname = `/${name}`;
  return { DATABASE_URL: url.href };
}
