import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conversation, history, meet, type Person, persons, request, timePattern } from './chat-support.ts';
import { startServer, type TestServer, uploadAvatar } from './support.ts';

let server: TestServer;
let maya: Person;
let jonas: Person;
let zoe: Person;
let majo: Person;
beforeAll(async () => {
  server = await startServer();
  [maya, jonas, zoe, majo] = (await persons(server, 'u1', 'u2', 'u3', 'u8')) as [
    Person,
    Person,
    Person,
    Person,
  ];
});
afterAll(() => server.stop());

describe('a conversation', () => {
  test('is a whole row, as its reader sees it', async () => {
    const id = await meet(maya, jonas);
    const { avatar_url, avatar_thumb_url, avatar_version } = await uploadAvatar(server, jonas.token);
    const { body: sent } = await jonas.send(id, 'hello');
    expect(await conversation(maya, id)).toEqual({
      id,
      other_user: {
        id: 'u2',
        name: 'Jonas Okafor',
        role: 'brand_owner',
        profile_image_url: avatar_url,
        avatar_thumb_url,
        avatar_version,
      },
      last_message: sent.message,
      conversation_type: 'direct',
      bid_id: null,
      campaign_id: null,
      flow_state: 'open',
      awaiting_role: null,
      chat_status: 'realtime',
      unread_count: 1,
      last_seq: 1,
      read_seq: 0,
      other_read_seq: 0,
      created_at: expect.stringMatching(timePattern),
      updated_at: sent.message.created_at,
    });
    expect(await conversation(jonas, id)).toMatchObject({ other_user: { id: 'u1' }, unread_count: 0 });
  });

  test('about a bid or a campaign names it and who is awaited', async () => {
    expect(await request(jonas, maya, 'bid')).toMatchObject({
      conversation_type: 'bid',
      bid_id: expect.any(String),
      campaign_id: null,
      flow_state: 'request_sent',
      awaiting_role: 'influencer',
      chat_status: 'automated',
      last_message: null,
      last_seq: 0,
    });
    expect(await request(jonas, maya, 'campaign')).toMatchObject({
      conversation_type: 'campaign',
      bid_id: null,
      campaign_id: expect.any(String),
    });
  });

  test('is opened once per pair and subject', async () => {
    const wish = { receiver_id: 'u1', conversation_type: 'bid', bid_id: 'once' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => jonas.post('/api/conversations', wish)),
    );
    expect(new Set(answers.map(({ body }) => body.conversation.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const elsewhere = await jonas.post('/api/conversations', { ...wish, receiver_id: 'u3' });
    expect(elsewhere.status).toBe(201);
  });

  test.each(['bid', 'campaign'])('is not opened about the %s of another brand owner', async (type) => {
    const [zoe, dmitry] = (await persons(server, 'u3', 'u9')) as [Person, Person];
    const wish = { receiver_id: zoe.id, conversation_type: type };
    const about = (one: Person, subject: string) =>
      one.post('/api/conversations', { ...wish, [`${type}_id`]: subject });
    expect((await about(jonas, 'owned')).status).toBe(201);
    const { status, body } = await about(dmitry, 'owned');
    expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
    expect((await about(jonas, 'owned')).status).toBe(200);
    const both = await Promise.all([jonas, dmitry].map((one) => about(one, 'wanted-by-two')));
    expect(both.map((answer) => answer.status).sort()).toEqual([201, 403]);
  });

  test.each<[string, object, number]>([
    ['a bid by an influencer', { receiver_id: 'u2', conversation_type: 'bid', bid_id: 'b' }, 403],
    ['a bid without its id', { receiver_id: 'u2', conversation_type: 'bid' }, 400],
    ['another type', { receiver_id: 'u2', conversation_type: 'group' }, 400],
    ['oneself', { receiver_id: 'u1' }, 400],
    ['nobody', { receiver_id: 'nobody' }, 404],
    ['no one named', {}, 400],
  ])('is not opened for %s', async (_, wish, status) => {
    expect((await maya.post('/api/conversations', wish)).status).toBe(status);
  });
});

describe('the list', () => {
  test('has the latest activity first, and one place per conversation', async () => {
    const [priya, ...others] = (await persons(server, 'u7', 'u5', 'u6', 'u10')) as [Person, ...Person[]];
    const ids: string[] = [];
    for (const other of others) ids.push(await meet(priya, other));
    const listed = async () =>
      (await priya.get('/api/conversations')).body.conversations.map((row: { id: string }) => row.id);
    for (const index of [1, 0, 2, 1]) {
      server.clock.ahead += 1000;
      const id = ids[index] ?? '';
      await (index === 0 ? priya : others[index])?.send(id, 'x');
      expect((await listed())[0]).toBe(id);
    }
    expect(await listed()).toEqual([ids[1], ids[2], ids[0]]);
  });

  test('keeps its order when the clock is set back', async () => {
    const [dmitry, one, other] = (await persons(server, 'u9', 'u5', 'u6')) as [Person, Person, Person];
    const first = await meet(dmitry, one);
    server.clock.ahead += 60_000;
    await dmitry.send(first, 'x');
    const { updated_at } = await conversation(dmitry, first);
    server.clock.ahead -= 120_000;
    await meet(dmitry, other);
    await dmitry.send(first, 'y');
    server.clock.ahead += 120_000;
    expect((await conversation(dmitry, first)).updated_at).toBe(updated_at);
    expect((await dmitry.get('/api/conversations')).body.conversations[0].id).toBe(first);
  });

  test('comes in pages that add up', async () => {
    const [xiaolong, ...others] = (await persons(server, 'u4', 'u1', 'u3', 'u5', 'u6', 'u8')) as [
      Person,
      ...Person[],
    ];
    for (const other of others) await meet(xiaolong, other);
    const pages = await Promise.all(
      [1, 2, 3, 4].map((page) => xiaolong.get(`/api/conversations?page=${page}&limit=2`)),
    );
    expect(pages.map(({ body }) => body.conversations.length)).toEqual([2, 2, 1, 0]);
    expect(pages.map(({ body }) => body.pagination.total)).toEqual([5, 5, 5, 5]);
    expect(pages[1]?.body.pagination).toEqual({ page: 2, limit: 2, total: 5 });
    const ids = pages.flatMap(({ body }) => body.conversations.map((row: { id: string }) => row.id));
    expect(new Set(ids).size).toBe(5);
  });

  test('has an alias, and takes a role', async () => {
    const { body: alias } = await maya.get('/api/messages/conversations?limit=200');
    const { body: all } = await maya.get('/api/conversations?limit=200');
    expect(alias).toEqual(all);
    const { body: asInfluencer } = await maya.get('/api/conversations?role=influencer&limit=200');
    expect(asInfluencer).toEqual(all);
    const { body: asOwner } = await maya.get('/api/conversations?role=brand_owner&limit=200');
    expect(asOwner.conversations.length).toBeGreaterThan(0);
    for (const row of asOwner.conversations) expect(row.conversation_type).toBe('direct');
    expect(asOwner.pagination.total).toBe(asOwner.conversations.length);
  });

  test.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'page=0',
    'page=-1',
    'page=1e400',
    'role=admin',
    'user_id=%00',
  ])('with %s is a 400', async (query) => {
    expect((await maya.get(`/api/conversations?${query}`)).status).toBe(400);
  });
});

describe('the messages', () => {
  let id: string;
  beforeAll(async () => {
    id = await meet(zoe, majo);
    for (let index = 1; index <= 7; index += 1) await (index % 2 ? zoe : majo).send(id, `m${index}`);
  });
  const seqs = async (query: string) => {
    const { body } = await zoe.get(`/api/conversations/${id}/messages?${query}`);
    return body.messages.map((row: { seq: number }) => row.seq);
  };

  test('come in pages, the newest first, each oldest first', async () => {
    expect(await seqs('page=1&limit=3')).toEqual([5, 6, 7]);
    expect(await seqs('page=2&limit=3')).toEqual([2, 3, 4]);
    expect(await seqs('page=3&limit=3')).toEqual([1]);
    expect(await seqs('page=4&limit=3')).toEqual([]);
  });

  test('come by number: before, after and between', async () => {
    expect(await seqs('before_seq=5&limit=2')).toEqual([3, 4]);
    expect(await seqs('after_seq=2&limit=2')).toEqual([3, 4]);
    expect(await seqs('after_seq=0')).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await seqs('after_seq=2&before_seq=5')).toEqual([3, 4]);
    expect(await seqs('after_seq=7')).toEqual([]);
    expect(await seqs('before_seq=1')).toEqual([]);
  });

  test('come with the last number, every mark and the total', async () => {
    await majo.put(`/api/conversations/${id}/seen`, { up_to_seq: 3 });
    const { body } = await zoe.get(`/api/conversations/${id}/messages?limit=2`);
    expect(body).toMatchObject({
      success: true,
      last_seq: 7,
      read_seqs: { u3: 0, u8: 3 },
      pagination: { page: 1, limit: 2, total: 7 },
    });
    expect((await history(zoe, id)).map((row) => row.seen)).toEqual([
      true,
      false,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test('are not seen by being read', async () => {
    const before = await conversation(zoe, id);
    await history(zoe, id);
    expect(await conversation(zoe, id)).toEqual(before);
    expect(before.unread_count).toBe(3);
  });

  test.each(['limit=0', 'limit=201', 'before_seq=x', 'after_seq=-1', 'after_seq=3000000000', 'page=0'])(
    'with %s are a 400',
    async (query) => {
      expect((await zoe.get(`/api/conversations/${id}/messages?${query}`)).status).toBe(400);
    },
  );
});

describe('deleting', () => {
  test('empties one message, keeps its place and can be repeated', async () => {
    const id = await meet(maya, majo);
    const { body: first } = await maya.send(id, 'a secret', { media_url: 'https://cdn.example/a.png' });
    await maya.send(id, 'after');
    const { status, body } = await maya.delete(`/api/messages/${first.message.id}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: {
        ...first.message,
        content: '',
        message: '',
        media_url: null,
        deleted_at: expect.stringMatching(timePattern),
      },
    });
    expect(await maya.delete(`/api/messages/${first.message.id}`)).toMatchObject({ status: 200, body });
    expect((await history(majo, id))[0]).toEqual(body.message);
    expect(await conversation(majo, id)).toMatchObject({ last_seq: 2, unread_count: 2 });
  });

  test("is for one's own: the reader's is a 403, a stranger's and an unknown one a 404", async () => {
    const id = await meet(maya, jonas);
    const { body } = await maya.send(id, 'mine');
    const path = `/api/messages/${body.message.id}`;
    expect((await jonas.delete(path)).body.code).toBe('FORBIDDEN');
    expect((await zoe.delete(path)).body.code).toBe('MESSAGE_NOT_FOUND');
    expect((await maya.delete(`/api/messages/${randomUUID()}`)).status).toBe(404);
    expect((await maya.delete('/api/messages/not-a-uuid')).status).toBe(400);
    expect((await history(jonas, id)).at(-1).content).toBe('mine');
  });
});

describe('a stranger', () => {
  test('is told that there is nothing, on every route', async () => {
    const id = await meet(maya, jonas);
    const { body } = await maya.send(id, 'private');
    const before = await conversation(jonas, id);
    const tries = [
      zoe.get(`/api/conversations/${id}`),
      zoe.get(`/api/conversations/${id}/messages`),
      zoe.send(id, 'let me in'),
      zoe.post('/api/messages', { conversation_id: id, message: 'x' }),
      zoe.post(`/api/conversations/${id}/messages`, { message: 'x' }),
      zoe.post('/api/messages/mark-seen', { message_id: body.message.id }),
      zoe.put(`/api/conversations/${id}/seen`),
      zoe.post(`/api/conversations/${id}/state`, { flow_state: 'accepted' }),
      zoe.delete(`/api/messages/${body.message.id}`),
    ];
    const answers = await Promise.all(tries);
    expect(answers.map((answer) => answer.status)).toEqual(tries.map(() => 404));
    for (const answer of answers) expect(JSON.stringify(answer.body)).not.toContain('private');
    expect(await conversation(jonas, id)).toEqual(before);
  });

  test('cannot act for someone else by naming them', async () => {
    const id = await meet(maya, jonas);
    const { body } = await maya.send(id, 'x');
    expect((await zoe.get('/api/conversations?user_id=u1')).status).toBe(403);
    expect((await maya.get('/api/conversations?user_id=u1')).status).toBe(200);
    const seen = await maya.post('/api/messages/mark-seen', { message_id: body.message.id, user_id: 'u2' });
    expect([seen.status, seen.body.code]).toEqual([403, 'FORBIDDEN']);
    const { body: sent } = await maya.send(id, 'y', { sender_id: 'u2', user_id: 'u2', seq: 1 });
    expect(sent.message.sender_id).toBe('u1');
  });
});

test('the capabilities are those of level 2, for anyone', async () => {
  const response = await fetch(new URL('/api/capabilities', server.url));
  expect(await response.json()).toEqual({
    level: 2,
    avatar_version: true,
    client_id: true,
    seq: true,
    sync: true,
    acks: true,
    media_upload: true,
  });
});
