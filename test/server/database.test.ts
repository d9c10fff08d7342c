import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../examples/server/src/config.ts';
import type { Database } from '../../examples/server/src/database/database.ts';
import { openDatabase } from '../../examples/server/src/database/open-database.ts';
import { engineSettings } from '../support/engines.ts';
import { serverFolder } from '../support/server-folder.ts';

// The same answers are wanted of the embedded database and, with `npm run test:scale`, of a real one.

let folder: string;
let database: Database;
const open = async () => {
  const settings = readConfig(await engineSettings(folder));
  return openDatabase(settings.database, { dataDir: folder, report: () => {} });
};
beforeAll(async () => {
  folder = await serverFolder();
  database = await open();
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const moment = new Date('2026-02-03T04:05:06.789Z');

test.each<[string, string, unknown, unknown]>([
  ['a count', 'select count(*) as value from users where id = $1', 'nobody', 0],
  ['a large int8', 'select $1::int8 as value', '9007199254740993', 9007199254740993n],
  ['an int4', 'select $1::int4 as value', 7, 7],
  ['a moment', 'select $1::timestamptz as value', moment, moment],
  ['text', 'select $1::text as value', "it's 👩🏽‍🚀", "it's 👩🏽‍🚀"],
  ['nothing', 'select $1::text as value', null, null],
  ['a truth', 'select $1::boolean as value', true, true],
  ['a list', 'select $1::text[] as value', ['a', '"b", {c}', ''], ['a', '"b", {c}', '']],
  ['a list of ids', 'select $1::uuid[] as value', [], []],
  ['JSON', 'select $1::jsonb as value', '{"a":[1,null,"x"]}', { a: [1, null, 'x'] }],
  [
    'an id',
    'select $1::uuid as value',
    '6F9619FF-8B86-4011-B42D-00C04FC964FF',
    '6f9619ff-8b86-4011-b42d-00c04fc964ff',
  ],
])('%s is read as it was written', async (_, sql, value, expected) => {
  expect(await database.query(sql, [value])).toEqual([{ value: expected }]);
});

describe('a transaction', () => {
  const insert = "insert into users (id, name) values ('t1', 'T')";
  const ids = () => database.query("select id from users where id = 't1'");

  test('that throws leaves nothing behind, and the next one works', async () => {
    const failing = database.transaction(async (tx) => {
      await tx.query(insert);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const wrong = database.transaction(async (tx) => {
      await tx.query(insert);
      await tx.query('select no_such_column');
    });
    await expect(wrong).rejects.toMatchObject({ code: '42703' });
    expect(await ids()).toEqual([]);
    await expect(database.transaction(async (tx) => tx.query(`${insert} returning id`))).resolves.toEqual([
      { id: 't1' },
    ]);
    expect(await ids()).toHaveLength(1);
  });

  test('tells by code and name which constraint it broke', async () => {
    const twice = database.query("insert into users (id, name) values ('t2', 'T'), ('t2', 'T')");
    await expect(twice).rejects.toMatchObject({ code: '23505', constraint: 'users_pkey' });
  });
});

test('a database that is up to date is opened as it is', async () => {
  const before = await database.query('select name, applied_at from migrations order by name');
  await database.close();
  database = await open();
  expect(await database.query('select name, applied_at from migrations order by name')).toEqual(before);
});
