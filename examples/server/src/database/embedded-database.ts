import { PGlite } from '@electric-sql/pglite';
import type { Database, Queries } from './database.ts';

/** PostgreSQL inside this process, with its files in a folder that nobody else may use. */
export async function openEmbedded(folder: string): Promise<Database> {
  const pglite = await PGlite.create(folder);
  return {
    ...queriesOf(pglite),
    transaction: (run) => pglite.transaction((tx) => run(queriesOf(tx))),
    load: () => ({ connections: 1, waiting: 0 }),
    close: () => pglite.close(),
  };
}

function queriesOf(pglite: Pick<PGlite, 'query'>): Queries {
  return {
    query: async <Row>(sql: string, parameters?: unknown[]) =>
      (await pglite.query<Row>(sql, parameters)).rows,
  };
}
