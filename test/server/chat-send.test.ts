import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  chatSocket,
  conversation,
  history,
  meet,
  type Person,
  person,
  persons,
  timePattern,
  uuidPattern,
} from './chat-support.ts';
import { type Json, MovableClock, startServer, type TestServer } from './support.ts';

let server: TestServer;
let maya: Person;
let jonas: Person;
let zoe: Person;
let chat: string;
beforeAll(async () => {
  server = await startServer();
  [maya, jonas, zoe] = (await persons(server, 'u1', 'u2', 'u3')) as [Person, Person, Person];
  chat = await meet(maya, jonas);
});
afterAll(() => server.stop());

const rowsOf = async (id: string, clientId: string) =>
  (await history(maya, id)).filter((row) => row.client_id === clientId);

describe('a sent message', () => {
  test('is a whole row, trimmed, to its sender and to its reader', async () => {
    const clientId = randomUUID();
    const { status, body } = await maya.send(chat, '  hello 👋\n', { client_id: clientId });
    expect(status).toBe(201);
    expect(body.success).toBe(true);
    expect(body.message).toEqual({
      id: expect.stringMatching(uuidPattern),
      conversation_id: chat,
      seq: expect.any(Number),
      client_id: clientId,
      sender_id: 'u1',
      receiver_id: 'u2',
      content: 'hello 👋',
      message: 'hello 👋',
      message_type: 'text',
      media_url: null,
      seen: false,
      is_read: false,
      created_at: expect.stringMatching(timePattern),
      deleted_at: null,
    });
    expect((await history(jonas, chat)).at(-1)).toEqual(body.message);
    expect((await conversation(jonas, chat)).last_message).toEqual(body.message);
  });

  test.each(['/api/messages/send', '/api/messages'])('goes by %s', async (path) => {
    const { status, body } = await maya.post(path, { conversation_id: chat, message: path });
    expect([status, body.message.content]).toEqual([201, path]);
  });

  test('goes by its conversation, whose id the body may repeat but not change', async () => {
    const path = `/api/conversations/${chat}/messages`;
    expect((await maya.post(path, { message: 'a' })).status).toBe(201);
    expect((await maya.post(path, { message: 'b', conversation_id: chat })).status).toBe(201);
    expect((await maya.post(path, { message: 'c', conversation_id: 'other' })).status).toBe(400);
  });

  test('goes by socket, and the ack brings the row', async () => {
    const socket = await chatSocket(server, jonas);
    const clientId = randomUUID();
    const sent = { conversationId: chat, senderId: 'u2', receiverId: 'u1', message: ' hi ', clientId };
    const answer = await socket.ask('send_message', sent);
    expect(answer).toEqual({
      ok: true,
      message: expect.objectContaining({ content: 'hi', sender_id: 'u2' }),
    });
    expect((await history(maya, chat)).at(-1)).toEqual(answer.message);
  });

  test.each([
    ['https://cdn.example/a/photo.JPG?size=2', 'image'],
    ['https://cdn.example/brief.pdf', 'file'],
    ['http://localhost:3000/files/a.webp', 'image'],
    ['/files/a.png#x', 'image'],
  ])('with media %s is of type %s, and needs no text', async (media_url, type) => {
    const { status, body } = await maya.post('/api/messages/send', { conversation_id: chat, media_url });
    expect(status).toBe(201);
    expect(body.message).toMatchObject({ media_url, message_type: type, content: '' });
  });

  test('takes media_url null for none', async () => {
    const { body } = await maya.send(chat, 'plain', { media_url: null });
    expect(body.message).toMatchObject({ media_url: null, message_type: 'text' });
  });

  test.each<[string, string]>([
    ['1000 letters', 'x'.repeat(1000)],
    ['1000 emoji', '👋'.repeat(1000)],
    ['right to left', 'مرحبا'],
    ['markup', '<img src=x onerror=alert(1)>'],
    ['SQL', "'; drop table messages; --"],
  ])('of %s comes back as it was', async (_, message) => {
    expect((await maya.send(chat, message)).body.message.content).toBe(message);
  });
});

describe('a refused message', () => {
  test.each<[string, object]>([
    ['no text', {}],
    ['blank text', { message: ' \n\t ' }],
    ['null text', { message: null }],
    ['1001 letters', { message: 'x'.repeat(1001) }],
    ['a number for text', { message: 5 }],
    ['an object for text', { message: { $ne: 1 } }],
    ['a NUL', { message: 'a\0b' }],
    ['a lone surrogate', { message: 'a\ud800b' }],
    ['a script for media', { message: 'x', media_url: 'javascript:alert(1)' }],
    ['a disguised script for media', { message: 'x', media_url: ' \tjava\nscript:alert(1)' }],
    ['data for media', { message: 'x', media_url: 'data:text/html,x' }],
    ['another host without a scheme', { message: 'x', media_url: '//evil.example/a.png' }],
    ['a backslash host', { message: 'x', media_url: '/\\evil.example/a.png' }],
    ['a password in the media', { message: 'x', media_url: 'https://user:pw@cdn.example/a.png' }],
    ['plain http from elsewhere', { message: 'x', media_url: 'http://cdn.example/a.png' }],
    ['huge media', { message: 'x', media_url: `https://cdn.example/${'a'.repeat(5000)}` }],
    ['a number for media', { message: 'x', media_url: 1 }],
    ['a hostile client id', { message: 'x', client_id: 'a b' }],
    ['a huge client id', { message: 'x', client_id: 'x'.repeat(65) }],
    ['a receiver who is not in it', { message: 'x', receiver_id: 'u3' }],
    ['a hostile receiver', { message: 'x', receiver_id: { $ne: 'u2' } }],
  ])('with %s is a 400 and leaves nothing', async (_, more) => {
    const before = (await conversation(maya, chat)).last_seq;
    const { status, body } = await maya.post('/api/messages/send', { conversation_id: chat, ...more });
    expect(status).toBe(400);
    expect(body).toMatchObject({ success: false, code: 'INVALID_REQUEST', message: expect.any(String) });
    expect((await conversation(maya, chat)).last_seq).toBe(before);
  });

  test.each(['nowhere', '__proto__', 'constructor'])('to %s is a 404', async (conversation_id) => {
    const { status, body } = await maya.post('/api/messages/send', { conversation_id, message: 'x' });
    expect([status, body.code]).toEqual([404, 'CONVERSATION_NOT_FOUND']);
  });

  test('without a place is a 400', async () => {
    expect((await maya.post('/api/messages/send', { message: 'x' })).status).toBe(400);
    expect((await maya.post('/api/messages/send')).status).toBe(400);
  });
});

describe('a send by receiver alone', () => {
  test('opens the direct conversation once, however many do it at once and from both sides', async () => {
    const [one, other] = await persons(server, 'u5', 'u6');
    if (!one || !other) throw new Error('nobody is here');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const [from, to] = index % 2 === 0 ? [one, other] : [other, one];
        return from.post('/api/messages/send', { receiver_id: to.id, message: `m${index}` });
      }),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.body.message.conversation_id)).size).toBe(1);
    const id = answers[0]?.body.message.conversation_id;
    expect((await history(one, id)).map((row) => row.seq)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect((await other.get('/api/conversations')).body.pagination.total).toBe(1);
  });

  test('to oneself or to nobody opens nothing', async () => {
    const eremite = await person(server, 'u10');
    const toSelf = await eremite.post('/api/messages/send', { receiver_id: 'u10', message: 'x' });
    const toNobody = await eremite.post('/api/messages/send', { receiver_id: 'nobody', message: 'x' });
    expect([toSelf.status, toNobody.status]).toEqual([400, 404]);
    expect((await eremite.get('/api/conversations')).body.pagination.total).toBe(0);
  });
});

describe('a repeated client id', () => {
  test('brings the first row again, one after another', async () => {
    const clientId = randomUUID();
    const first = await maya.send(chat, 'once', { client_id: clientId });
    const before = (await conversation(maya, chat)).last_seq;
    const again = await maya.send(chat, ' once ', { client_id: clientId });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body.message).toEqual(first.body.message);
    expect((await conversation(maya, chat)).last_seq).toBe(before);
    expect(await rowsOf(chat, clientId)).toHaveLength(1);
  });

  test('brings one row for 20 at once, by REST and by socket', async () => {
    const clientId = randomUUID();
    const socket = await chatSocket(server, maya);
    const listener = await chatSocket(server, jonas);
    await listener.ask('join_conversation', chat);
    const sent = { conversationId: chat, senderId: 'u1', receiverId: 'u2', message: 'at once', clientId };
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        if (index % 2 === 0) return (await socket.ask('send_message', sent)).message;
        return (await maya.send(chat, 'at once', { client_id: clientId })).body.message;
      }),
    );
    expect(new Set(answers.map((row) => row.id)).size).toBe(1);
    expect(await rowsOf(chat, clientId)).toHaveLength(1);
    // A later message comes after whatever the repeats could still announce.
    await socket.ask('send_message', { conversationId: chat, message: 'after' });
    await listener.wait('new_message', 2);
    expect(
      listener.heard('new_message').filter((event) => event.message.client_id === clientId),
    ).toHaveLength(1);
    const seqs = (await history(maya, chat)).map((row) => row.seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  test('brings one row when it opens the conversation, too', async () => {
    const [one, other] = await persons(server, 'u7', 'u8');
    if (!one || !other) throw new Error('nobody is here');
    const body = { receiver_id: other.id, message: 'first', client_id: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 10 }, () => one.post('/api/messages/send', body)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(await history(other, answers[0]?.body.message.conversation_id)).toHaveLength(1);
  });

  test.each<[string, () => Promise<object>]>([
    ['text', async () => ({ message: 'other' })],
    ['media', async () => ({ media_url: 'https://cdn.example/a.png' })],
    ['conversation', async () => ({ conversation_id: await meet(maya, zoe) })],
  ])('with another %s is a 409 and leaves the first alone', async (_, more) => {
    const clientId = randomUUID();
    const sent = { conversation_id: chat, message: 'mine', client_id: clientId };
    const { body: first } = await maya.post('/api/messages/send', sent);
    const { status, body } = await maya.post('/api/messages/send', { ...sent, ...(await more()) });
    expect([status, body.code]).toEqual([409, 'CLIENT_ID_CONFLICT']);
    expect(await rowsOf(chat, clientId)).toEqual([first.message]);
    const socket = await chatSocket(server, maya);
    const refused = { conversationId: chat, message: 'other', clientId };
    expect(await socket.ask('send_message', refused)).toMatchObject({
      ok: false,
      code: 'CLIENT_ID_CONFLICT',
    });
  });

  test('of a message deleted since brings the deleted row', async () => {
    const clientId = randomUUID();
    const { body } = await maya.send(chat, 'soon gone', { client_id: clientId });
    await maya.delete(`/api/messages/${body.message.id}`);
    const again = await maya.send(chat, 'soon gone', { client_id: clientId });
    expect(again.status).toBe(200);
    expect(again.body.message).toMatchObject({
      id: body.message.id,
      content: '',
      deleted_at: expect.any(String),
    });
  });

  test('is of its sender alone: another may use the same', async () => {
    const clientId = randomUUID();
    const mine = await maya.send(chat, 'mine', { client_id: clientId });
    const theirs = await jonas.send(chat, 'theirs', { client_id: clientId });
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(await rowsOf(chat, clientId)).toHaveLength(2);
  });

  test('may be any number of nulls', async () => {
    const answers = await Promise.all([maya.send(chat, 'same'), maya.send(chat, 'same')]);
    expect(answers.map((answer) => answer.status)).toEqual([201, 201]);
    expect(answers[0]?.body.message.id).not.toBe(answers[1]?.body.message.id);
  });
});

describe('numbers', () => {
  test('have no holes and no doubles under 200 sends at once from two users, by both ways', async () => {
    const pair = (await persons(server, 'u3', 'u9')) as [Person, Person];
    const id = await meet(...pair);
    const sockets = await Promise.all(pair.map((one) => chatSocket(server, one)));
    const answers: Json[] = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const who = index % 2;
        const socket = sockets[who];
        const one = pair[who];
        const message = `m${index}`;
        if (index % 4 < 2)
          return socket?.ask('send_message', { conversationId: id, message }).then((a) => a.message);
        return one?.send(id, message).then((answer) => answer.body.message);
      }),
    );
    expect(new Set(answers.map((row) => row.seq)).size).toBe(200);
    const rows = await history(pair[0], id);
    expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    expect(new Set(rows.map((row) => row.content)).size).toBe(200);
    expect((await conversation(pair[1], id)).last_seq).toBe(200);
  });

  test('keep the order in which one socket sent', async () => {
    const pair = (await persons(server, 'u4', 'u5')) as [Person, Person];
    const id = await meet(...pair);
    const socket = await chatSocket(server, pair[0]);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        socket.ask('send_message', { conversationId: id, message: String(index) }),
      ),
    );
    const rows = await history(pair[0], id);
    expect(rows.map((row) => row.content)).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
  });
});

describe('the message limit', () => {
  test('is 20 in 10 seconds for each user, REST and sockets together', async () => {
    const clock = new MovableClock();
    const start = Date.now();
    clock.now = () => start + clock.ahead;
    const strict = await startServer({ clock, limits: { messagesPer10s: 20 } });
    const [one, other] = (await persons(strict, 'u1', 'u2')) as [Person, Person];
    const id = await meet(one, other);
    const sockets = [await chatSocket(strict, one), await chatSocket(strict, one)];
    for (let index = 0; index < 20; index += 1) {
      const socket = sockets[index % 3];
      if (socket) await socket.ask('send_message', { conversationId: id, message: 'x' });
      else await one.send(id, 'x');
    }
    const refused = await one.send(id, 'too many');
    expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(10);
    expect(await sockets[0]?.ask('send_message', { conversationId: id, message: 'x' })).toMatchObject({
      ok: false,
      code: 'RATE_LIMITED',
      retry_after_ms: expect.any(Number),
    });
    expect((await other.send(id, 'I may')).status).toBe(201);
    clock.ahead += wait * 1000;
    expect((await one.send(id, 'again')).status).toBe(201);
    expect(await history(one, id)).toHaveLength(22);
    await strict.stop();
  });
});
