import pg from 'pg';
import type { Postgres } from '../support/services/postgres.ts';

/** What the database does for a statement, whatever its parameters are. */
export interface Plan {
  readonly site: string;
  readonly sql: string;
  readonly text: string;
  /** Tables that are read from one end to the other. */
  readonly scans: readonly string[];
}

/** Statements about the connection, the schema or nothing at all have no plan that matters. */
const planned = /^\s*(?:with|select|insert|update|delete)\b/i;

export async function explain(
  postgres: Postgres,
  database: string,
  site: string,
  sql: string,
): Promise<Plan> {
  if (!planned.test(sql)) return { site, sql, text: '', scans: [] };
  const client = new pg.Client({ connectionString: postgres.url(database) });
  await client.connect();
  try {
    await client.query('set plan_cache_mode = force_generic_plan');
    const parameters = new Set(sql.match(/\$\d+/g)).size;
    await client.query(`prepare statement as ${sql}`);
    const nulls = parameters > 0 ? `(${Array(parameters).fill('null').join(', ')})` : '';
    const { rows } = await client.query(`explain (costs off) execute statement${nulls}`);
    const text = rows.map((row) => row['QUERY PLAN']).join('\n');
    return {
      site,
      sql,
      text,
      scans: [...text.matchAll(/Seq Scan on (\w+)/g)].map(([, table = '']) => table),
    };
  } finally {
    await client.end();
  }
}
