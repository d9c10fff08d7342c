import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { createStorage, type Durability, type OutboxStorage } from '../../src/storage/storage.ts';

/** The browser itself; the types of its protocol come with another package. */
const browser = cdp() as unknown as { send(method: string, params: object): Promise<unknown> };
const open: { close(): void }[] = [];

beforeEach(() => erase());
afterEach(async () => {
  for (const each of open.splice(0)) each.close();
  warnings.length = 0;
  await erase();
});

const warnings: unknown[] = [];

function storage(indexedDB?: IDBFactory | null, clock: Clock = systemClock): OutboxStorage {
  const made = createStorage({
    clock,
    logger: { ...silentLogger, warn: (_, cause) => warnings.push(cause) },
    ...(indexedDB === undefined ? {} : { indexedDB }),
  });
  open.push(made);
  return made;
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const erase = () => asked(indexedDB.deleteDatabase('visavis'));
const record = (clientId: string, ownerId = 'me', rest: object = {}) => ({ clientId, ownerId, ...rest });

/** The database as another page sees it. */
async function raw(version?: number): Promise<IDBDatabase> {
  const database = await asked(indexedDB.open('visavis', version));
  open.push(database);
  return database;
}

async function stored(): Promise<unknown[]> {
  const database = await raw();
  const all = await asked(database.transaction('outbox').objectStore('outbox').getAll());
  database.close();
  return all;
}

/** The real factory, of which one part behaves as the test says. */
function factory(part: Partial<IDBFactory>): IDBFactory {
  return new Proxy(indexedDB, {
    get(target, name) {
      const value: unknown = Reflect.get(part, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A clock that stands until the test lets what is waiting happen. */
function stoppedClock(): Clock & { pass(): void; waiting(): number } {
  const timers = new Set<() => void>();
  return {
    now: () => 0,
    waiting: () => timers.size,
    schedule(callback) {
      timers.add(callback);
      return () => void timers.delete(callback);
    },
    pass() {
      for (const timer of [...timers]) {
        timers.delete(timer);
        timer();
      }
    },
  };
}

/** Notes every transaction that is begun. */
function watchTransactions(onBegin: (transaction: IDBTransaction) => void = () => {}) {
  const { transaction: begin } = IDBDatabase.prototype;
  const begun: IDBTransaction[] = [];
  const spy = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    ...args
  ) {
    const transaction = begin.apply(this, args);
    onBegin(transaction);
    begun.push(transaction);
    return transaction;
  });
  open.push({ close: () => spy.mockRestore() });
  return begun;
}

function told(from: OutboxStorage): Durability[] {
  const signals: Durability[] = [];
  from.watch((durability) => signals.push(durability));
  return signals;
}

async function ids(from: OutboxStorage, ownerId = 'me'): Promise<unknown[]> {
  const { records } = await from.list(ownerId);
  return records.map((each) => (each as { clientId: unknown }).clientId).sort();
}

describe('storage', () => {
  it('[DK1] opens nothing before its first use', async () => {
    storage();
    expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('visavis');
  });

  it('[DK2] finds after reopening what was stored, and not what was removed', async () => {
    const first = storage();
    await Promise.all([first.put(record('a')), first.put(record('b')), first.put(record('c', 'her'))]);
    await first.remove('b');
    first.close();
    const second = storage();
    expect(await second.list('me')).toEqual({ records: [record('a')], complete: true });
    expect(await ids(second, 'her')).toEqual(['c']);
    expect(second.durability).toBe('persistent');
  });

  it('[DK2] resolves when the transaction is complete, with strict durability', async () => {
    let isComplete = false;
    const begun = watchTransactions((transaction) => {
      transaction.addEventListener('complete', () => {
        isComplete = true;
      });
    });
    await storage().put(record('a'));
    expect(isComplete).toBe(true);
    expect(begun).toMatchObject([{ mode: 'readwrite', durability: 'strict' }]);
  });

  it('[DK2] keeps the latest of many changes at once', async () => {
    const made = storage();
    const begun = watchTransactions();
    await Promise.all([1, 2, 3].map((n) => made.put(record('a', 'me', { n }))));
    expect(begun).toHaveLength(1);
    void made.put(record('b'));
    await made.remove('b');
    expect(await stored()).toEqual([record('a', 'me', { n: 3 })]);
  });

  it('[DK2] keeps a change that fails while an earlier one succeeds', async () => {
    const made = storage();
    await made.put(record('a'));
    const begun = watchTransactions();
    void made.put(record('a', 'me', { n: 1 }));
    while (begun.length === 0) await null;
    // The record itself is handed over a few turns later.
    for (let i = 0; i < 20; i += 1) await null;
    const bad = record('a', 'me', { run() {} });
    await made.put(bad);
    await new Promise((resolve) => begun[0]?.addEventListener('complete', () => setTimeout(resolve)));
    expect([made.durability, (await made.list('me')).records]).toEqual(['memory', [bad]]);
  });

  it('[DK2] lists what is still on its way to the disk', async () => {
    const made = storage();
    await made.put(record('a'));
    void made.put(record('b'));
    void made.remove('a');
    expect(await ids(made)).toEqual(['b']);
  });

  it('[DK2] stores blobs as they are', async () => {
    const first = storage();
    await first.put(record('a', 'me', { media: new Blob(['picture'], { type: 'image/webp' }) }));
    first.close();
    const [found] = (await storage().list('me')).records as [{ media: Blob }];
    expect([found.media.type, await found.media.text()]).toEqual(['image/webp', 'picture']);
  });

  it('[DK3] shows two pages the same records', async () => {
    const one = storage();
    const other = storage();
    await one.put(record('a'));
    await other.put(record('b'));
    expect([await ids(one), await ids(other)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    await other.remove('a');
    expect(await ids(one)).toEqual(['b']);
  });

  it('[DK4] makes way for a newer version, and then keeps in memory what it cannot write', async () => {
    const made = storage();
    const signals = told(made);
    await made.put(record('a'));
    const newer = await raw(99);
    await made.put(record('b'));
    expect([signals, await made.list('me')]).toEqual([
      ['memory'],
      { records: [record('a'), record('b')], complete: false },
    ]);
    expect(await asked(newer.transaction('outbox').objectStore('outbox').getAllKeys())).toEqual(['a']);
  });

  it('[DK4] waits in memory for a page that holds an older version, and writes when that page is gone', async () => {
    const request = new EventTarget() as IDBOpenDBRequest;
    const opening = vi.fn(() => request);
    const made = storage(factory({ open: opening }), stoppedClock());
    const signals = told(made);
    const writing = made.put(record('a'));
    await Promise.resolve();
    request.onblocked?.(new IDBVersionChangeEvent('blocked'));
    await writing;
    await made.put(record('b'));
    expect([signals, await ids(made), opening.mock.calls.length]).toEqual([['memory'], ['a', 'b'], 1]);
    const other = storage();
    await other.list('me');
    Object.defineProperty(request, 'result', { value: await raw() });
    request.onsuccess?.(new Event('success'));
    await expect.poll(() => signals).toEqual(['memory', 'persistent']);
    expect(await stored()).toEqual([record('a'), record('b')]);
  });

  it('[DK4] opens anew when such a wait ends in an error', async () => {
    const blocked = new EventTarget() as IDBOpenDBRequest;
    const real = indexedDB;
    const requests = [() => blocked, () => real.open('visavis', 1)];
    const made = storage(
      factory({ open: () => (requests.length > 1 ? requests.shift() : requests[0])?.() ?? blocked }),
    );
    const writing = made.put(record('a'));
    await Promise.resolve();
    blocked.onblocked?.(new IDBVersionChangeEvent('blocked'));
    await writing;
    blocked.onerror?.(new Event('error'));
    await made.flush().catch(() => {});
    await storage().list('me');
    await made.flush();
    expect([made.durability, await stored()]).toEqual(['persistent', [record('a')]]);
  });

  it('[DK5] writes everything again when the database is deleted', async () => {
    const made = storage();
    const signals = told(made);
    await made.put(record('a'));
    await made.put(record('b'));
    await made.remove('b');
    await erase();
    await expect.poll(() => signals).toEqual(['memory', 'persistent']);
    expect(await stored()).toEqual([record('a')]);
    expect(warnings).toEqual(['the database was removed']);
  });

  it('[DK5] writes everything again when the user clears the site data', async () => {
    const made = storage();
    const signals = told(made);
    await made.put(record('a'));
    await browser.send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' });
    await expect.poll(() => signals, { timeout: 10_000 }).toEqual(['memory', 'persistent']);
    expect(await stored()).toEqual([record('a')]);
  });

  it('[DK5] goes on when the browser drops the connection without a word', async () => {
    const made = storage();
    await made.put(record('a'));
    const spy = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
      throw new DOMException('the connection was lost', 'InvalidStateError');
    });
    await made.put(record('b'));
    spy.mockRestore();
    expect([await ids(made), made.durability, (await stored()).length]).toEqual([
      ['a', 'b'],
      'persistent',
      2,
    ]);
  });

  it.each([
    ['there is no IndexedDB', null],
    [
      'opening throws',
      factory({
        open: () => {
          throw new DOMException('no', 'SecurityError');
        },
      }),
    ],
  ] as const)('[DK6] keeps records in memory and says so when %s', async (_, broken) => {
    const made = storage(broken);
    const signals = told(made);
    await made.put(record('a'));
    await made.put(record('b', 'her'));
    await made.put(record('c'));
    await made.remove('c');
    expect([made.durability, await ids(made), await ids(made, 'her')]).toEqual(['memory', ['a'], ['b']]);
    expect(signals).toEqual(broken ? ['memory'] : []);
  });

  it('[DK6] writes what it kept in memory once the database can be opened', async () => {
    let isBroken = true;
    const real = indexedDB;
    const made = storage(
      factory({
        open(name, version) {
          if (isBroken) throw new DOMException('no', 'UnknownError');
          return real.open(name, version);
        },
      }),
    );
    const signals = told(made);
    await made.put(record('a'));
    isBroken = false;
    await made.put(record('b'));
    await expect.poll(() => signals).toEqual(['memory', 'persistent']);
    await expect.poll(async () => (await stored()).length).toBe(2);
  });

  it('[DK6] keeps in memory what the quota does not allow, and writes it when there is room', async () => {
    const made = storage();
    const signals = told(made);
    const { origin } = location;
    // Chromium remembers for a while how much room there was.
    await browser.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
    await browser.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 });
    await made.put(record('a'));
    await made.put(record('b', 'me', { text: 'x'.repeat(3_000_000) }));
    expect([signals, await ids(made)]).toEqual([['memory'], ['a', 'b']]);
    await browser.send('Storage.overrideQuotaForOrigin', { origin });
    await made.flush();
    expect([signals, (await stored()).length]).toEqual([['memory', 'persistent'], 2]);
  });

  it('[DK6] tries again and again by itself, until the database can be opened', async () => {
    let failures = 4;
    const real = indexedDB;
    const clock = stoppedClock();
    const made = storage(
      factory({
        open(name, version) {
          failures -= 1;
          if (failures >= 0) throw new DOMException('no', 'UnknownError');
          return real.open(name, version);
        },
      }),
      clock,
    );
    await made.put(record('a'));
    await expect
      .poll(() => {
        clock.pass();
        return made.durability;
      })
      .toBe('persistent');
    expect(await stored()).toEqual([record('a')]);
  });

  it('[DK6] tells that the database works again also when there is nothing to write', async () => {
    let isBroken = true;
    const real = indexedDB;
    const clock = stoppedClock();
    const made = storage(
      factory({
        open(name, version) {
          if (isBroken) throw new DOMException('no', 'UnknownError');
          return real.open(name, version);
        },
      }),
      clock,
    );
    expect([await made.list('me'), made.durability]).toEqual([{ records: [], complete: false }, 'memory']);
    isBroken = false;
    await expect
      .poll(() => {
        clock.pass();
        return made.durability;
      })
      .toBe('persistent');
  });

  it('[DK6] keeps a record in memory that cannot be cloned, and stores the others', async () => {
    const made = storage();
    await made.put(record('a', 'me', { run() {} }));
    await made.put(record('b'));
    expect([made.durability, await ids(made)]).toEqual(['memory', ['a', 'b']]);
    await made.remove('a');
    expect([made.durability, await stored()]).toEqual(['persistent', [record('b')]]);
  });

  it('[DK7] waits only so long for a database that never answers', async () => {
    const clock = stoppedClock();
    const made = storage(factory({ open: () => new EventTarget() as IDBOpenDBRequest }), clock);
    const writing = made.put(record('a'));
    clock.pass();
    await writing;
    await made.put(record('b'));
    expect(made.durability).toBe('memory');
  });

  it('[DK7] reads again by itself after a read that took too long', async () => {
    const clock = stoppedClock();
    const made = storage(undefined, clock);
    await made.put(record('a'));
    const { transaction: begin } = IDBDatabase.prototype;
    let isStuck = true;
    const spy = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
      this: IDBDatabase,
      ...args
    ) {
      const transaction = begin.apply(this, args);
      if (isStuck) Object.defineProperty(transaction, 'oncomplete', { value: null });
      return transaction;
    });
    open.push({ close: () => spy.mockRestore() });
    const listing = made.list('me');
    await expect.poll(() => spy.mock.calls.length).toBe(1);
    clock.pass();
    expect([await listing, made.durability]).toEqual([{ records: [record('a')], complete: false }, 'memory']);
    isStuck = false;
    await expect
      .poll(() => {
        clock.pass();
        return made.durability;
      })
      .toBe('persistent');
  });

  it('[DK7] closes a database that opens after nobody wants it any more', async () => {
    const blocked = new EventTarget() as IDBOpenDBRequest;
    const made = storage(factory({ open: () => blocked }));
    const writing = made.put(record('a'));
    await Promise.resolve();
    blocked.onblocked?.(new IDBVersionChangeEvent('blocked'));
    await writing;
    made.close();
    await storage().list('me');
    const database = await raw();
    const close = vi.spyOn(database, 'close');
    Object.defineProperty(blocked, 'result', { value: database });
    blocked.onsuccess?.(new Event('success'));
    expect(close).toHaveBeenCalled();
  });

  it('[DK7] leaves no timer behind when it is closed', async () => {
    const clock = stoppedClock();
    const made = storage(
      factory({
        open() {
          throw new DOMException('no', 'SecurityError');
        },
      }),
      clock,
    );
    await made.put(record('a'));
    expect(clock.waiting()).toBe(1);
    made.close();
    expect(clock.waiting()).toBe(0);
  });

  it('[DK6] sets no timer where there is no IndexedDB', async () => {
    const clock = stoppedClock();
    const schedule = vi.spyOn(clock, 'schedule');
    const made = storage(null, clock);
    await made.put(record('a'));
    expect(schedule).not.toHaveBeenCalled();
  });

  it('[DK8] hands over records of any shape, for the reader to judge', async () => {
    const made = storage();
    await made.put(record('a'));
    const database = await raw();
    const odd = [
      { clientId: 5, ownerId: 'me' },
      { clientId: 'x', ownerId: 'me', text: null },
      { clientId: 6, ownerId: 'her' },
      { clientId: 'y' },
    ];
    const transaction = database.transaction('outbox', 'readwrite');
    for (const each of odd) transaction.objectStore('outbox').put(each);
    await new Promise((resolve) => transaction.addEventListener('complete', resolve));
    database.close();
    const { records } = await made.list('me');
    expect(records).toHaveLength(3);
    expect(records).toEqual(expect.arrayContaining([record('a'), odd[0], odd[1]]));
  });
});
