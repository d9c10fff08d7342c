import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import serverPackage from '../../examples/server/package.json' with { type: 'json' };

/** A new data folder for a reference server. */
export async function serverFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'visavis-server-'));
  await cp(await emptyDatabase(), join(folder, 'database'), { recursive: true });
  return folder;
}

/** Making an empty PGlite database takes seconds, copying one does not. It holds no tables: every server migrates. */
async function emptyDatabase(): Promise<string> {
  const template = join(
    tmpdir(),
    `visavis-empty-database-${serverPackage.dependencies['@electric-sql/pglite']}`,
  );
  if (existsSync(template)) return template;
  const draft = await mkdtemp(join(tmpdir(), 'visavis-empty-database-draft-'));
  await (await PGlite.create(draft)).close();
  // Another test file may have been faster; either will do.
  await rename(draft, template).catch(() => rm(draft, { recursive: true, force: true }));
  return template;
}
