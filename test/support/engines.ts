import { basename } from 'node:path';
import pg from 'pg';

/** Engines for tests to share; without them every server has its embedded database, and is alone. */
const { VISAVIS_TEST_POSTGRES, VISAVIS_TEST_REDIS } = process.env;

/** What a server with this data folder is told of its engines: it has a place of its own there, kept over restarts. */
export async function engineSettings(folder: string): Promise<Record<string, string>> {
  const name = basename(folder);
  const redis = VISAVIS_TEST_REDIS && { REDIS_URL: VISAVIS_TEST_REDIS, REDIS_PREFIX: name };
  return { ...redis, ...(VISAVIS_TEST_POSTGRES && (await ownDatabase(VISAVIS_TEST_POSTGRES, name))) };
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
