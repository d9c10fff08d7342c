import type { StoredRecord } from './storage.ts';

/** Records in IndexedDB. Every call opens the database if need be and rejects with what the browser said. */
export interface Database {
  read(ownerId: string): Promise<readonly unknown[]>;
  /** Stores what `record` gives once the database is open; `undefined` removes. Resolves when it is on disk. */
  write(clientId: string, record: () => StoredRecord | undefined): Promise<void>;
  close(): void;
}

export interface DatabaseEvents {
  onOpen(): void;
  /** The database was deleted under us: by the user, the browser or another page. */
  onLost(): void;
}

const name = 'visavis';
const version = 1;
const outbox = 'outbox';
const byOwner = 'ownerId';

export function createDatabase(factory: () => IDBFactory, { onOpen, onLost }: DatabaseEvents): Database {
  let opening: Promise<IDBDatabase> | undefined;
  let closed = false;

  function open(): Promise<IDBDatabase> {
    if (opening) return opening;
    let isBlocked = false;
    const opened = new Promise<IDBDatabase>((resolve, reject) => {
      const request = factory().open(name, version);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(outbox, { keyPath: 'clientId' }).createIndex(byOwner, byOwner);
      };
      // The request goes on, and succeeds when the other page is gone.
      request.onblocked = () => {
        isBlocked = true;
        reject(new Error('another page holds an older version of the database'));
      };
      request.onerror = () => {
        opening = undefined;
        reject(request.error);
      };
      request.onsuccess = () => {
        const database = request.result;
        if (closed) {
          database.close();
          return reject(new Error('the database is closed'));
        }
        database.onclose = () => drop(database, true);
        database.onversionchange = ({ newVersion }) => drop(database, newVersion === null);
        opening = Promise.resolve(database);
        resolve(database);
        onOpen();
      };
    });
    opening = opened;
    opened.catch(() => {
      if (opening === opened && !isBlocked) opening = undefined;
    });
    return opened;
  }

  function drop(database: IDBDatabase, lost: boolean) {
    database.close();
    opening = undefined;
    if (lost && !closed) onLost();
  }

  async function begin(mode: IDBTransactionMode): Promise<IDBTransaction> {
    if (closed) throw new Error('the database is closed');
    const start = (database: IDBDatabase) => database.transaction(outbox, mode, { durability: 'strict' });
    const database = await open();
    try {
      return start(database);
    } catch {
      // A connection can die without a word; a new one tells whether the database still works.
      drop(database, false);
      return start(await open());
    }
  }

  return {
    async read(ownerId) {
      const transaction = await begin('readonly');
      const request = transaction.objectStore(outbox).index(byOwner).getAll(ownerId);
      await done(transaction);
      return request.result;
    },
    async write(clientId, record) {
      const transaction = await begin('readwrite');
      const records = transaction.objectStore(outbox);
      const value = record();
      if (value) records.put(value);
      else records.delete(clientId);
      await done(transaction);
    },
    close() {
      closed = true;
      void opening?.then(
        (database) => database.close(),
        () => {},
      );
    },
  };
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
