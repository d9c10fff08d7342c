import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';

const BEAT_MS = 5_000;
const STALE_MS = 30_000;

export class FolderLockedError extends Error {
  override name = 'FolderLockedError';
}

interface Holder {
  pid: number;
  host: string;
  /** Tells a process from a later one that was given the same pid; empty where the system cannot say. */
  born: string;
  token: string;
}

const heldHere = new Set<string>();

/**
 * Makes this process the only user of a folder: PGlite does not guard its files, and two writers lose data.
 * A lock left by a dead process is taken over; a live one throws {@link FolderLockedError}.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(resolve(folder), 'server.lock');
  if (heldHere.has(path)) throw lockedBy(path, process.pid);
  heldHere.add(path);
  try {
    await mkdir(folder, { recursive: true });
    const holder: Holder = {
      pid: process.pid,
      host: hostname(),
      born: await bornAt(process.pid),
      token: randomUUID(),
    };
    await take(path, JSON.stringify(holder));
  } catch (error) {
    heldHere.delete(path);
    throw error;
  }
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), BEAT_MS);
  beat.unref();
  return async () => {
    clearInterval(beat);
    await rm(path, { force: true });
    heldHere.delete(path);
  };
}

async function take(path: string, mine: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await createWhole(path, mine)) return;
    const theirs = await readFile(path, 'utf8').catch(() => undefined);
    if (theirs === undefined) continue;
    const holder = parseHolder(theirs);
    if (await isAlive(path, holder)) throw lockedBy(path, holder?.pid);
    await discard(path, theirs);
  }
  throw lockedBy(path, undefined);
}

/** A link appears with its content or not at all, and never replaces a file. */
async function createWhole(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Moves the stale lock away, and puts it back if another starter had replaced it in the meantime. */
async function discard(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function isAlive(path: string, holder: Holder | undefined): Promise<boolean> {
  if (holder?.host !== hostname()) {
    // Another machine's or container's pid means nothing here; its heartbeat does.
    const age = await stat(path).then(
      (file) => Date.now() - file.mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    return age < STALE_MS;
  }
  // Not held here, so an equal pid is a former process: containers hand out the same pid at every start.
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false;
  }
  const born = await bornAt(holder.pid);
  return born === '' || holder.born === '' || born === holder.born;
}

async function bornAt(pid: number): Promise<string> {
  try {
    const [boot, line] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // The command, in brackets, may hold spaces; the start time is the 20th field after it.
    const started = line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot.trim()} ${started}`;
  } catch {
    return '';
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: Partial<Holder> | null = JSON.parse(text);
    if (typeof value?.pid !== 'number' || typeof value.host !== 'string') return undefined;
    return {
      pid: value.pid,
      host: value.host,
      born: String(value.born ?? ''),
      token: String(value.token ?? ''),
    };
  } catch {
    return undefined;
  }
}

function lockedBy(path: string, pid: number | undefined): FolderLockedError {
  const who = pid === undefined ? 'another server' : `another server (process ${pid})`;
  return new FolderLockedError(
    `unable to open the data folder; ${who} is using it. Stop that one, or set VISAVIS_DATA. The lock is ${path}`,
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
