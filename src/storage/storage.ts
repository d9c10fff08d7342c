import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createDatabase } from './database.ts';

/** What must survive a reload. Anything that can be cloned (HTML, 2.7.1) may stand beside these, blobs too. */
export interface StoredRecord {
  readonly clientId: string;
  readonly ownerId: string;
}

/** `persistent` what was accepted survives a reload and a crash · `memory` it lasts as long as this page. */
export type Durability = 'persistent' | 'memory';

export interface RecordList {
  /** As they were found: unchecked. */
  readonly records: readonly unknown[];
  /** Whether these are all; `false` when the database could not be read. */
  readonly complete: boolean;
}

/** Records that survive a reload where the browser lets them. Never rejects: what cannot be written stays in memory. */
export interface OutboxStorage {
  readonly durability: Durability;
  /** The owner's records, in no order. */
  list(ownerId: string): Promise<RecordList>;
  /** Resolves when the record is on disk, or when it is clear that it stays in memory for now. */
  put(record: StoredRecord): Promise<void>;
  remove(clientId: string): Promise<void>;
  /** Writes what is in memory only, if that is possible now. */
  flush(): Promise<void>;
  /** Told when `durability` changes; returns its undo. */
  watch(listener: (durability: Durability) => void): () => void;
  close(): void;
}

export interface StorageSettings {
  /** `null` for none. Default: the page's, looked up on first use. */
  readonly indexedDB?: IDBFactory | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Some browsers leave a request without any answer: longer than this nobody waits for the disk. */
const patienceMs = 5_000;
/** A database that was removed cannot be opened at once: Chromium aborts that. */
const retryMs = 2_000;

/** Records in IndexedDB, and in memory for as long as that does not work. Opens nothing before its first use. */
export function createStorage({ indexedDB, clock, logger }: StorageSettings): OutboxStorage {
  /** What ought to be stored, as far as this page knows. */
  const held = new Map<string, StoredRecord>();
  /** Where the database differs from `held`, or may; those whose write failed are in `failing` too. */
  const unsaved = new Set<string>();
  const failing = new Set<string>();
  /** Writes that have not looked yet at what they write. */
  const starting = new Map<string, Promise<void>>();
  const listeners = new Set<(durability: Durability) => void>();
  const isAbsent = indexedDB === null || (!indexedDB && !('indexedDB' in globalThis));
  let durability: Durability = isAbsent ? 'memory' : 'persistent';
  let down = isAbsent;
  let wasOpen = false;
  let flushing: Promise<void> | null = null;
  let cancelRetry = () => {};
  let closed = false;

  const database = createDatabase(() => indexedDB ?? globalThis.indexedDB, {
    onOpen() {
      wasOpen = true;
      down = false;
      report();
      void flush();
    },
    onLost() {
      for (const id of held.keys()) failing.add(id);
      report('the database was removed');
      void flush();
    },
  });

  function report(cause?: unknown) {
    const next: Durability = down || failing.size > 0 ? 'memory' : 'persistent';
    if (next === durability || closed) return;
    durability = next;
    cancelRetry();
    if (next === 'memory') {
      logger.warn('the outbox cannot be stored and is kept in memory', cause);
      retry();
    } else logger.debug('the outbox is stored again');
    for (const listener of [...listeners]) listener(next);
  }

  function retry() {
    cancelRetry = clock.schedule(async () => {
      await flush();
      if (durability === 'memory' && !closed) retry();
    }, retryMs);
  }

  /** One write for all changes up to the moment the database is open. */
  function save(id: string): Promise<void> {
    unsaved.add(id);
    const started = starting.get(id) ?? write(id);
    starting.set(id, started);
    return started;
  }

  async function write(id: string): Promise<void> {
    let written: StoredRecord | undefined;
    try {
      await database.write(id, () => {
        starting.delete(id);
        written = held.get(id);
        return written;
      });
    } catch (cause) {
      starting.delete(id);
      failing.add(id);
      report(cause);
      return;
    }
    down = false;
    // A record that was changed meanwhile has a later write of its own, which may end otherwise.
    if (held.get(id) === written) {
      unsaved.delete(id);
      failing.delete(id);
    }
    report();
  }

  async function change(id: string) {
    if (closed || isAbsent) return;
    const saving = save(id);
    if (!down) await patient(saving, () => failing.add(id));
  }

  async function flush() {
    if (closed || isAbsent) return;
    flushing ??= writeFailing().finally(() => {
      flushing = null;
    });
    await flushing;
  }

  async function writeFailing() {
    await Promise.all([...failing].map(save));
    // With nothing to write, only reading tells whether the database works again.
    if (down) await read('');
  }

  /** What `work` gives, or `undefined` when it takes too long. */
  function patient<T>(work: Promise<T>, onLate: () => void): Promise<T | undefined> {
    return new Promise((resolve) => {
      const cancel = clock.schedule(() => {
        down = true;
        onLate();
        report(`no answer within ${patienceMs} ms`);
        resolve(undefined);
      }, patienceMs);
      void work.then(resolve).finally(cancel);
    });
  }

  async function read(ownerId: string): Promise<readonly unknown[] | undefined> {
    if (isAbsent) return undefined;
    try {
      const rows = await database.read(ownerId);
      down = false;
      report();
      return rows;
    } catch (cause) {
      down = true;
      report(cause);
      return undefined;
    }
  }

  /** Takes over what the database holds: another page may have written there. */
  function merge(ownerId: string, rows: readonly unknown[]): readonly unknown[] {
    for (const { clientId } of owned(ownerId)) if (!unsaved.has(clientId)) held.delete(clientId);
    const odd: unknown[] = [];
    for (const row of rows) {
      if (!isStored(row)) odd.push(row);
      else if (!unsaved.has(row.clientId)) held.set(row.clientId, row);
    }
    return odd;
  }

  const owned = (ownerId: string) => [...held.values()].filter((record) => record.ownerId === ownerId);

  return {
    get durability() {
      return durability;
    },
    async list(ownerId) {
      const rows = await patient(read(ownerId), () => {});
      const odd = rows ? merge(ownerId, rows) : [];
      return { records: [...owned(ownerId), ...odd], complete: rows !== undefined };
    },
    put(record) {
      held.set(record.clientId, record);
      return change(record.clientId);
    },
    async remove(clientId) {
      held.delete(clientId);
      if (!down || wasOpen) return change(clientId);
      // It never reached the database, so there is nothing to take back.
      unsaved.delete(clientId);
      failing.delete(clientId);
    },
    flush,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      closed = true;
      cancelRetry();
      listeners.clear();
      database.close();
    },
  };
}

function isStored(row: unknown): row is StoredRecord {
  return typeof row === 'object' && row !== null && 'clientId' in row && typeof row.clientId === 'string';
}
