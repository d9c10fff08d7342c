import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createSendMessage } from '../../examples/server/src/chat/send-message.ts';
import type { Database, Queries } from '../../examples/server/src/database/database.ts';
import { DatabaseAwayError } from '../../examples/server/src/database/database-errors.ts';
import { migrate } from '../../examples/server/src/database/migrate.ts';
import { migrations } from '../../examples/server/src/database/migrations.ts';
import { openDatabase } from '../../examples/server/src/database/open-database.ts';
import { addressesOf } from '../../examples/server/src/database/postgres-address.ts';
import { openPostgres } from '../../examples/server/src/database/postgres-database.ts';
import { takeDown } from '../../examples/server/src/pictures/shown-pictures.ts';
import { Postgres } from '../support/services/postgres.ts';

let postgres: Postgres;
let name = '';
beforeAll(async () => {
  postgres = await Postgres.start(['fsync=off']);
});
afterAll(() => postgres?.stop());

let made = 0;

async function open(url?: string, connections = 5): Promise<Database> {
  if (url === undefined) {
    made += 1;
    name = `test_${made}`;
  }
  const address = url ?? (await postgres.createDatabase(name));
  const database = openPostgres({ addresses: addressesOf(address) ?? [], connections, report: () => {} });
  onTestFinished(() => database.close());
  return database;
}

async function withCounter(database: Database): Promise<void> {
  await database.query('create table counters (id integer primary key, value integer not null)');
  await database.query('insert into counters values (1, 0), (2, 0)');
}

const add = 'update counters set value = value + 1 where id = $1';
const counterOf = async (database: Database, id: number) =>
  (await database.query<{ value: number }>('select value from counters where id = $1', [id]))[0]?.value;
const ownPid = 'select pg_backend_pid() as pid';
const end = (pid: number) => postgres.query('postgres', 'select pg_terminate_backend($1)', [pid]);

describe('a transaction', () => {
  test('that deadlocks with another runs again, and both count', async () => {
    const database = await open();
    await withCounter(database);
    let tries = 0;
    const crosswise = (first: number, second: number) =>
      database.transaction(async (tx) => {
        tries += 1;
        await tx.query(add, [first]);
        await sleep(50);
        await tx.query(add, [second]);
      });
    await Promise.all([crosswise(1, 2), crosswise(2, 1)]);
    expect([await counterOf(database, 1), await counterOf(database, 2)]).toEqual([2, 2]);
    expect(tries).toBeGreaterThan(2);
  });

  test('that cannot be serialized runs again', async () => {
    const database = await open();
    await withCounter(database);
    const increment = () =>
      database.transaction(async (tx) => {
        await tx.query('set transaction isolation level serializable');
        const [row] = await tx.query<{ value: number }>('select value from counters where id = 1');
        await sleep(20);
        await tx.query('update counters set value = $1 where id = 1', [(row?.value ?? 0) + 1]);
      });
    await Promise.all([increment(), increment(), increment()]);
    expect(await counterOf(database, 1)).toBe(3);
  });

  test('whose connection is lost before the commit runs again, and counts once', async () => {
    const database = await open();
    await withCounter(database);
    let tries = 0;
    await database.transaction(async (tx) => {
      tries += 1;
      await tx.query(add, [1]);
      const [own] = await tx.query<{ pid: number }>(ownPid);
      if (tries === 1) await end(own?.pid ?? 0);
    });
    expect([tries, await counterOf(database, 1)]).toEqual([2, 1]);
  });

  test('whose connection is lost while it commits is not repeated: it may be there', async () => {
    const database = await open();
    await withCounter(database);
    // The commit waits for this trigger, and is cut off in it.
    await database.query(`create function slow() returns trigger language plpgsql as
      $$ begin perform pg_sleep(5); return null; end $$`);
    await database.query(`create constraint trigger slow after update on counters
      deferrable initially deferred for each row execute function slow()`);
    let tries = 0;
    const outcome = database.transaction(async (tx) => {
      tries += 1;
      await tx.query(add, [1]);
      const [own] = await tx.query<{ pid: number }>(ownPid);
      setTimeout(() => void end(own?.pid ?? 0), 300);
    });
    await expect(outcome).rejects.toThrow(DatabaseAwayError);
    expect(tries).toBe(1);
  });

  test('that throws leaves nothing behind, and its connection is used on', async () => {
    const database = await open(undefined, 1);
    await withCounter(database);
    const failing = database.transaction(async (tx) => {
      await tx.query(add, [1]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await counterOf(database, 1)).toBe(0);
  });
});

test('reads go on over a lost connection; a write outside a transaction is told about it', async () => {
  const database = await open(undefined, 1);
  await withCounter(database);
  const slow = (sql: string) => {
    const outcome = database.query(sql);
    setTimeout(async () => {
      const running = `select pid from pg_stat_activity where datname = $1 and query like '%pg_sleep%'`;
      for (const { pid } of await postgres.query<{ pid: number }>('postgres', running, [name]))
        await end(pid);
    }, 200);
    return outcome;
  };
  await expect(slow('select pg_sleep(0.6)')).resolves.toHaveLength(1);
  const write = slow('update counters set value = value + 1 where id = 1 and pg_sleep(0.6) is not null');
  await expect(write).rejects.toThrow(DatabaseAwayError);
});

test('a statement that takes too long is ended by the server, and others go on', async () => {
  const database = await open();
  await expect(database.query('select pg_sleep(30)')).rejects.toMatchObject({ code: '57014' });
  await expect(database.query('select 1 as one')).resolves.toEqual([{ one: 1 }]);
}, 30_000);

test('a full pool makes callers wait, and none is lost', async () => {
  const database = await open(undefined, 2);
  await withCounter(database);
  await Promise.all(Array.from({ length: 200 }, () => database.transaction((tx) => tx.query(add, [1]))));
  expect(await counterOf(database, 1)).toBe(200);
});

test('nodes that start together migrate once', async () => {
  const first = await open();
  const others = await Promise.all([1, 2, 3].map(() => open(postgres.url(name))));
  await Promise.all([first, ...others].map(migrate));
  const applied = await first.query<{ name: string }>('select name from migrations order by name');
  expect(applied.map((row) => row.name)).toEqual(migrations.map((one) => one.name));
});

test('a node waits for the migration of another for longer than a request waits for an answer', async () => {
  await migrate(await open());
  const long = postgres.query(name, 'begin; lock table migrations; select pg_sleep(13); commit');
  const running = `select 1 from pg_stat_activity where datname = $1 and query like '%pg_sleep%'`;
  await expect.poll(() => postgres.query('postgres', running, [name])).toHaveLength(1);
  const addresses = addressesOf(postgres.url(name));
  const opened = openDatabase({ addresses, connections: 1 }, { dataDir: '', report: () => {} });
  await Promise.all([long, opened]);
  await (await opened).close();
}, 40_000);

test('a message is stored while its sender changes the picture', async () => {
  const database = await open();
  await migrate(database);
  await database.query(`insert into users (id, name, role, avatar_key)
    values ('b', 'B', 'brand_owner', 'avatars/b.webp'), ('i', 'I', 'influencer', null)`);
  const send = createSendMessage({ database, clock: Date.now });
  const draft = { receiverId: 'i', content: 'hi', mediaUrl: null, clientId: null };
  const { message } = await send('b', { ...draft, conversationId: undefined });
  let seq = 0;
  await database.transaction(async (tx) => {
    const query: Queries['query'] = async (sql, parameters) => {
      // The feeds come last, and the message wants them too.
      if (sql.includes('feeds')) {
        seq = (await send('b', { ...draft, conversationId: message.conversation_id })).message.seq;
      }
      return tx.query(sql, parameters);
    };
    await takeDown({ query }, 'b', { soft: true, at: new Date() });
  });
  expect(seq).toBe(2);
}, 30_000);

describe('of several hosts', () => {
  test('the one that takes writes is used, whatever its place in the list', async () => {
    const standby = await postgres.standby();
    onTestFinished(() => standby.stop());
    const database = await open(`postgres://visavis@127.0.0.1:9,${standby.host},${postgres.host}/postgres`);
    await expect(database.query('select pg_is_in_recovery() as standby')).resolves.toEqual([
      { standby: false },
    ]);
  });

  test('a promoted standby takes over, and running work goes on there', async () => {
    const primary = await Postgres.start(['fsync=off']);
    onTestFinished(() => primary.stop());
    const standby = await primary.standby();
    onTestFinished(() => standby.stop());
    const database = await open(`postgres://visavis@${primary.host},${standby.host}/postgres`);
    await withCounter(database);
    const replayed = async () =>
      (await standby.query('postgres', 'select value from counters where id = 1'))[0]?.value;
    await expect.poll(replayed).toBe(0);
    await primary.kill();
    const work = database.transaction((tx) => tx.query(add, [1]));
    await standby.promote();
    await work;
    expect(await counterOf(database, 1)).toBe(1);
  });
});

test('no host at all is told as such after a while, without the address', async () => {
  const database = await open('postgres://someone:secret@127.0.0.1:9/nowhere');
  const outcome = database.query('select 1');
  await expect(outcome).rejects.toMatchObject({ status: 503, code: 'UNAVAILABLE' });
  await expect(outcome).rejects.not.toThrow(/secret|127/);
}, 30_000);
