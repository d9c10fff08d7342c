import { join } from 'node:path';
import type { DatabaseConfig } from '../config.ts';
import type { Database } from './database.ts';
import { openEmbedded } from './embedded-database.ts';
import { lockFolder } from './folder-lock.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './postgres-database.ts';

/** The longest a timer runs: a migration takes as long as it needs, and the nodes that wait for it wait. */
const FOR_EVER_MS = 2 ** 31 - 1;

/** PostgreSQL where its address is set, else the embedded one, which has the data folder to itself. */
export async function openDatabase(
  { addresses, connections }: DatabaseConfig,
  { dataDir, report }: { dataDir: string; report: (error: unknown) => void },
): Promise<Database> {
  const database = addresses
    ? openPostgres({ addresses, connections: 1, report, answerMs: FOR_EVER_MS })
    : await openLocked(dataDir);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  if (!addresses) return database;
  await database.close();
  return openPostgres({ addresses, connections, report });
}

async function openLocked(dataDir: string): Promise<Database> {
  const unlock = await lockFolder(dataDir);
  try {
    const database = await openEmbedded(join(dataDir, 'database'));
    return {
      ...database,
      async close() {
        await database.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
