import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverFolder } from '../support/server-folder.ts';
import { chatSocket, conversation, history, meet, type Person, persons, request } from './chat-support.ts';
import { call, type Json, startServer, type TestServer, uploadAvatar } from './support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const sync = async (one: Person, since?: string, limit = 200): Promise<Json> => {
  const query = since === undefined ? '' : `&since=${encodeURIComponent(since)}`;
  const { status, body } = await one.get(`/api/sync?limit=${limit}${query}`);
  expect(status).toBe(200);
  return body;
};

/** All changes since a cursor, page by page. */
async function drain(one: Person, since: string, limit = 200): Promise<{ changes: Json[]; cursor: string }> {
  const changes: Json[] = [];
  for (let cursor = since; ; ) {
    const page = await sync(one, cursor, limit);
    expect(page.reset).toBeUndefined();
    changes.push(...page.changes);
    cursor = page.cursor;
    if (!page.has_more) return { changes, cursor };
  }
}

describe('a sync', () => {
  test('without a cursor says where to begin, and nothing else', async () => {
    const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
    await maya.send(await meet(maya, jonas), 'before');
    const start = await sync(maya);
    expect(start).toEqual({ changes: [], cursor: expect.any(String), has_more: false });
    expect(await sync(maya, start.cursor)).toEqual({ ...start });
  });

  test('brings every kind of change, oldest first, to both members alike', async () => {
    const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
    const starts = [await sync(maya), await sync(jonas)];
    const row = await request(jonas, maya);
    const { body: sent } = await jonas.send(row.id, 'hello');
    await maya.put(`/api/conversations/${row.id}/seen`);
    await maya.post(`/api/conversations/${row.id}/state`, { flow_state: 'accepted' });
    await uploadAvatar(server, maya.token);
    await call(server, 'PATCH', '/api/users/me/profile', {
      token: jonas.token,
      json: { display_name: 'Jonas Two' },
    });
    await jonas.delete(`/api/messages/${sent.message.id}`);
    const deleted = (await history(maya, row.id))[0];
    for (const [index, one] of [maya, jonas].entries()) {
      const { changes } = await drain(one, starts[index].cursor);
      const profileOf = async (id: string) => (await one.get(`/api/users/${id}/profile`)).body;
      // A row that changed twice is there once, where it changed last.
      expect(changes).toEqual([
        { type: 'read', conversation_id: row.id, user_id: 'u1', read_seq: 1 },
        { type: 'conversation', conversation: await conversation(one, row.id) },
        { type: 'user', user: await profileOf('u1') },
        { type: 'user', user: await profileOf('u2') },
        { type: 'message', message: deleted },
      ]);
    }
  });

  test('brings a picture taken away, and one’s own changes to one’s other devices', async () => {
    const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
    await uploadAvatar(server, maya.token);
    const starts = [await sync(maya), await sync(jonas)];
    await maya.delete('/api/users/me/avatar');
    for (const [index, one] of [maya, jonas].entries()) {
      const { changes } = await drain(one, starts[index].cursor);
      expect(changes).toMatchObject([{ type: 'user', user: { id: 'u1', avatar_url: null } }]);
    }
  });

  test('comes in pages that add up', async () => {
    const [one, other] = (await persons(server, 'u5', 'u6')) as [Person, Person];
    const id = await meet(one, other);
    const { cursor } = await sync(other);
    for (let index = 0; index < 10; index += 1) await one.send(id, String(index));
    const first = await sync(other, cursor, 4);
    expect([first.changes.length, first.has_more]).toEqual([4, true]);
    const all = await drain(other, cursor, 5);
    expect(all.changes.map((change) => change.message.content)).toEqual([...'0123456789']);
    expect(await sync(other, all.cursor)).toEqual({ changes: [], cursor: all.cursor, has_more: false });
    // A page that ends with the last change knows that it does.
    expect((await sync(other, cursor, 10)).has_more).toBe(false);
  });

  test('brings a conversation that a message opened', async () => {
    const [one, other] = (await persons(server, 'u4', 'u10')) as [Person, Person];
    const { cursor } = await sync(other);
    const { body } = await one.post('/api/messages/send', { receiver_id: other.id, message: 'surprise' });
    const { changes } = await sync(other, cursor);
    expect(changes).toMatchObject([
      { type: 'conversation', conversation: { id: body.message.conversation_id, unread_count: 1 } },
      { type: 'message', message: { id: body.message.id } },
    ]);
  });

  test('brings nothing to strangers, and nothing that did not happen', async () => {
    const [zoe, maya, jonas] = (await persons(server, 'u3', 'u1', 'u2')) as [Person, Person, Person];
    const id = await meet(maya, jonas);
    const [strange, own] = [await sync(zoe), await sync(jonas)];
    await maya.send(id, 'private', { client_id: 'once' });
    const after = await drain(jonas, own.cursor);
    await maya.send(id, 'private', { client_id: 'once' });
    await maya.send(id, 'other', { client_id: 'once' });
    await jonas.put(`/api/conversations/${id}/seen`, { up_to_seq: 0 });
    await jonas.post(`/api/conversations/${id}/state`, { flow_state: 'accepted' });
    expect(await sync(jonas, after.cursor)).toEqual({ changes: [], cursor: after.cursor, has_more: false });
    expect((await sync(zoe, strange.cursor)).changes).toEqual([]);
  });
});

describe('a cursor', () => {
  test.each<[string, (cursor: string) => string]>([
    ['made up', () => 'nonsense'],
    ['empty', () => ''],
    ['huge', () => 'x'.repeat(200)],
    ['of another epoch', () => Buffer.from('00000000-0000-4000-8000-000000000000.0').toString('base64url')],
    ['from the future', (cursor) => shift(cursor, 1_000_000)],
    ['before the beginning', (cursor) => shift(cursor, -1_000_000)],
  ])('that is %s means starting over', async (_, change) => {
    const [maya] = (await persons(server, 'u1')) as [Person];
    const { cursor } = await sync(maya);
    expect(await sync(maya, change(cursor))).toEqual({ changes: [], cursor, has_more: false, reset: true });
  });

  test('of somebody else means starting over', async () => {
    const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
    expect((await sync(maya, (await sync(jonas)).cursor)).reset).toBe(true);
  });

  test.each(['limit=0', 'limit=201', 'limit=x', `since=${'x'.repeat(201)}`, 'since=%00'])(
    'with %s is a 400',
    async (query) => {
      const [maya] = (await persons(server, 'u1')) as [Person];
      expect((await maya.get(`/api/sync?${query}`)).status).toBe(400);
    },
  );

  test('works over a restart, and is too old once its changes are forgotten', async () => {
    const dataDir = await serverFolder();
    const first = await startServer({ dataDir });
    const [one, other] = (await persons(first, 'u1', 'u2')) as [Person, Person];
    const id = await meet(one, other);
    const { cursor: old } = await sync(other);
    for (let index = 0; index < 6; index += 1) await one.send(id, String(index));
    const { cursor: recent } = await sync(other, old, 3);
    await first.stop();

    const second = await startServer({ dataDir });
    const [again] = (await persons(second, 'u2')) as [Person];
    expect((await sync(again, old)).changes).toHaveLength(6);
    await second.stop();

    // A start sweeps.
    const third = await startServer({ dataDir, limits: { feedLength: 3 } });
    const [last] = (await persons(third, 'u2')) as [Person];
    const reset = await sync(last, old);
    expect(reset).toMatchObject({ changes: [], has_more: false, reset: true });
    expect((await sync(last, recent)).changes.map((change: Json) => change.message.content)).toEqual([
      '3',
      '4',
      '5',
    ]);
    expect(await sync(last, reset.cursor)).toEqual({ changes: [], cursor: reset.cursor, has_more: false });
    await third.stop();
  });
});

test('nothing is missed by a reader who syncs while others write', async () => {
  const [reader, ...writers] = (await persons(server, 'u7', 'u5', 'u6', 'u8', 'u10')) as [
    Person,
    ...Person[],
  ];
  const chats = await Promise.all(writers.map((writer) => meet(reader, writer)));
  let { cursor } = await sync(reader);
  const sockets = await Promise.all(writers.map((writer) => chatSocket(server, writer)));
  let writing = true;
  const work = Promise.all(
    writers.map(async (writer, at) => {
      for (let index = 0; index < 40; index += 1) {
        const conversationId = chats[at] ?? '';
        if (index % 3 === 0) await sockets[at]?.ask('send_message', { conversationId, message: 'x' });
        else await writer.send(conversationId, 'x');
        if (index % 7 === 0) await reader.put(`/api/conversations/${conversationId}/seen`);
      }
    }),
  ).finally(() => {
    writing = false;
  });
  const heard: Json[] = [];
  const listen = async () => {
    const page = await sync(reader, cursor, 7);
    expect(page.reset).toBeUndefined();
    heard.push(...page.changes);
    cursor = page.cursor;
    return page.has_more;
  };
  while (writing) await listen();
  await work;
  while (await listen());
  const messages = heard.filter((change) => change.type === 'message').map((change) => change.message);
  expect(new Set(messages.map((message) => message.id)).size).toBe(160);
  expect(messages).toHaveLength(160);
  for (const id of chats) {
    const seqs = messages.filter((message) => message.conversation_id === id).map((message) => message.seq);
    expect(seqs).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
  }
});

function shift(cursor: string, by: number): string {
  const [epoch, number] = Buffer.from(cursor, 'base64url').toString().split('.');
  return Buffer.from(`${epoch}.${Number(number) + by}`).toString('base64url');
}
