import { basename } from 'node:path';
import pg from 'pg';

/** A PostgreSQL server on which tests may make databases; without it every server has its embedded one. */
const { VISAVIS_TEST_POSTGRES } = process.env;

/** What a server with this data folder is told of its database: the same one again after a restart. */
export async function databaseSettings(folder: string): Promise<{ DATABASE_URL?: string }> {
  if (VISAVIS_TEST_POSTGRES === undefined) return {};
  const name = basename(folder);
  const url = new URL(VISAVIS_TEST_POSTGRES);
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

/** Where a test is about the embedded database. */
export const embedded = { addresses: undefined, connections: 1 };
export const embeddedSettings = { DATABASE_URL: '' };
