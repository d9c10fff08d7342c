import { PGlite } from '@electric-sql/pglite';
import { migrations } from './migrations.ts';

/** Bound SQL only: `query('select … where id = $1', [id])`. PGlite and node-postgres both answer it. */
export interface Queries {
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
}

export interface Database extends Queries {
  transaction<T>(run: (tx: Queries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function openDatabase(folder: string): Promise<Database> {
  const pglite = await PGlite.create(folder);
  const database: Database = {
    query: async <Row>(sql: string, parameters?: unknown[]) =>
      (await pglite.query<Row>(sql, parameters)).rows,
    transaction: (run) =>
      pglite.transaction((tx) =>
        run({
          query: async <Row>(sql: string, parameters?: unknown[]) =>
            (await tx.query<Row>(sql, parameters)).rows,
        }),
      ),
    close: () => pglite.close(),
  };
  await migrate(database);
  return database;
}

async function migrate(database: Database): Promise<void> {
  await database.query(
    'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
  );
  const applied = await database.query<{ name: string }>('select name from migrations');
  const done = new Set(applied.map((row) => row.name));
  for (const { name, statements } of migrations) {
    if (done.has(name)) continue;
    await database.transaction(async (tx) => {
      for (const statement of statements) await tx.query(statement);
      await tx.query('insert into migrations (name) values ($1)', [name]);
    });
  }
}
