import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from '../../examples/server/src/database/folder-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'visavis-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lock = (holder: unknown) => writeFile(join(folder, 'server.lock'), JSON.stringify(holder));
const old = new Date(Date.now() - 60_000);

test('a folder is taken over from a dead process, a reused pid and a machine that fell silent', async () => {
  for (const holder of [
    { pid: 2 ** 22 - 1, host: hostname(), born: 'x' },
    { pid: process.ppid, host: hostname(), born: 'another boot 1' },
    { pid: process.pid, host: hostname(), born: '' },
    { pid: 1, host: 'another-machine', born: '' },
    null,
  ]) {
    await lock(holder);
    await utimes(join(folder, 'server.lock'), old, old);
    const unlock = await lockFolder(folder);
    await unlock();
    await expect(readFile(join(folder, 'server.lock'))).rejects.toThrow('ENOENT');
  }
});

test('a folder is left to a machine that is alive', async () => {
  await lock({ pid: 1, host: 'another-machine', born: '' });
  await expect(lockFolder(folder)).rejects.toThrow('another server (process 1)');
});
