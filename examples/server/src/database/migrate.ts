import type { Database } from './database.ts';
import { migrations } from './migrations.ts';

/** Any number that no other program locks in this database. */
const LOCK = 86_450_271;

/** Applies what is missing, all of it or nothing. Of nodes that start together one works and the others wait for it. */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query('set local statement_timeout = 0');
    await tx.query(`select pg_advisory_xact_lock(${LOCK})`);
    await tx.query(
      'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    const applied = await tx.query<{ name: string }>('select name from migrations');
    const done = new Set(applied.map((row) => row.name));
    for (const { name, statements } of migrations) {
      if (done.has(name)) continue;
      for (const statement of statements) await tx.query(statement);
      await tx.query('insert into migrations (name) values ($1)', [name]);
    }
  });
}
