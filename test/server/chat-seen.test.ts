import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chatSocket, conversation, history, meet, type Person, persons } from './chat-support.ts';
import { startServer, type TestServer } from './support.ts';

let server: TestServer;
let maya: Person;
let jonas: Person;
let id: string;
beforeAll(async () => {
  server = await startServer();
  [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
  id = await meet(maya, jonas);
  for (let index = 0; index < 5; index += 1) await maya.send(id, `m${index}`);
});
afterAll(() => server.stop());

const markOf = async (reader: Person) => (await conversation(reader, id)).read_seq;

test('a mark goes up to a number, and all the way without one', async () => {
  const answer = await jonas.put(`/api/conversations/${id}/seen`, { up_to_seq: 2 });
  expect(answer.body).toEqual({ success: true, conversation_id: id, read_seq: 2, unread_count: 3 });
  expect((await history(maya, id)).map((row) => row.is_read)).toEqual([true, true, false, false, false]);
  const all = await jonas.put(`/api/conversations/${id}/seen`);
  expect(all.body).toMatchObject({ read_seq: 5, unread_count: 0 });
});

test('a mark never goes back', async () => {
  for (const up_to_seq of [0, 1, 4]) {
    const { body } = await jonas.put(`/api/conversations/${id}/seen`, { up_to_seq });
    expect(body).toMatchObject({ read_seq: 5, unread_count: 0 });
  }
  const [first] = await history(maya, id);
  const { body } = await jonas.post('/api/messages/mark-seen', { message_id: first.id });
  expect(body.read_seq).toBe(5);
});

test('a mark never passes the last message', async () => {
  const { body } = await jonas.put(`/api/conversations/${id}/seen`, { up_to_seq: 2 ** 31 - 1 });
  expect(body.read_seq).toBe(5);
  await maya.send(id, 'one more');
  expect(await conversation(jonas, id)).toMatchObject({ read_seq: 5, unread_count: 1, last_seq: 6 });
});

test('a message is marked by its id, by REST and by socket, with or without its conversation', async () => {
  const socket = await chatSocket(server, jonas);
  const rows = await Promise.all([1, 2, 3].map(async () => (await maya.send(id, 'x')).body.message));
  const [one, two, three] = rows.sort((a, b) => a.seq - b.seq);
  await jonas.post('/api/messages/mark-seen', { message_id: one.id, user_id: 'u2' });
  expect(await markOf(jonas)).toBe(one.seq);
  expect(await socket.ask('mark_seen', { messageId: two.id, userId: 'u2', conversationId: id })).toEqual({
    ok: true,
    read_seq: two.seq,
    unread_count: 1,
  });
  expect(await socket.ask('mark_seen', { messageId: three.id })).toMatchObject({ read_seq: three.seq });
  expect(await socket.ask('mark_seen', { conversationId: id, upToSeq: 1 })).toMatchObject({
    read_seq: three.seq,
  });
});

test('an id that is none is a 400, an unknown one a 404, one of another conversation too', async () => {
  const socket = await chatSocket(server, jonas);
  const elsewhere = await meet(maya, (await persons(server, 'u3'))[0] as Person);
  const { body: strange } = await maya.send(elsewhere, 'x');
  const before = await markOf(jonas);
  for (const [message_id, status, code] of [
    ['not-a-uuid', 400, 'INVALID_REQUEST'],
    [5, 400, 'INVALID_REQUEST'],
    [null, 400, 'INVALID_REQUEST'],
    [randomUUID(), 404, 'MESSAGE_NOT_FOUND'],
    [strange.message.id, 404, 'MESSAGE_NOT_FOUND'],
  ] as const) {
    const answer = await jonas.post('/api/messages/mark-seen', { message_id });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  }
  const own = (await history(maya, id))[0].id;
  const mixed = { messageId: own, conversationId: elsewhere, userId: 'u2' };
  expect(await socket.ask('mark_seen', mixed)).toMatchObject({ ok: false, code: 'MESSAGE_NOT_FOUND' });
  expect(await socket.ask('mark_seen', { conversationId: elsewhere })).toMatchObject({ code: 'FORBIDDEN' });
  expect(await markOf(jonas)).toBe(before);
});

test('up_to_seq that is no whole number is a 400', async () => {
  for (const up_to_seq of ['3', -1, 1.5, {}, []]) {
    expect((await jonas.put(`/api/conversations/${id}/seen`, { up_to_seq })).status).toBe(400);
  }
});

test('own messages are never unread', async () => {
  const [one, other] = (await persons(server, 'u5', 'u6')) as [Person, Person];
  const own = await meet(one, other);
  for (let index = 0; index < 3; index += 1) await one.send(own, 'x');
  expect(await conversation(one, own)).toMatchObject({ unread_count: 0, read_seq: 0, other_read_seq: 0 });
  await other.put(`/api/conversations/${own}/seen`, { up_to_seq: 1 });
  expect(await conversation(one, own)).toMatchObject({ unread_count: 0, other_read_seq: 1 });
});

test('own messages above the mark are not unread either', async () => {
  const pair = (await persons(server, 'u3', 'u4')) as [Person, Person];
  const mixed = await meet(...pair);
  for (let index = 0; index < 9; index += 1) await pair[index % 3 === 0 ? 0 : 1].send(mixed, 'x');
  const { body } = await pair[1].put(`/api/conversations/${mixed}/seen`, { up_to_seq: 2 });
  expect(body).toMatchObject({ read_seq: 2, unread_count: 2 });
  expect(await conversation(pair[0], mixed)).toMatchObject({ read_seq: 0, unread_count: 6 });
});

test('unread and marks stay exact while two people send, see and delete at once', async () => {
  const pair = (await persons(server, 'u7', 'u8')) as [Person, Person];
  const busy = await meet(...pair);
  const sockets = await Promise.all(pair.map((one) => chatSocket(server, one)));
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % below;
  };
  const marks: [number[], number[]] = [[], []];
  for (let round = 0; round < 12; round += 1) {
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const who = index % 2;
        const one = pair[who] as Person;
        const choice = random(4);
        if (choice === 0) {
          const { body } = await one.put(`/api/conversations/${busy}/seen`, {
            up_to_seq: random(9 * (round + 1)),
          });
          marks[who as 0 | 1].push(body.read_seq);
        } else if (choice === 1) {
          await sockets[who]?.ask('send_message', { conversationId: busy, message: 'x' });
        } else {
          const { body } = await one.send(busy, 'x');
          if (random(5) === 0) await one.delete(`/api/messages/${body.message.id}`);
        }
      }),
    );
    for (const one of pair) {
      const { unread_count, read_seq, last_seq } = await conversation(one, busy);
      const rows = await history(one, busy);
      expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: last_seq }, (_, at) => at + 1));
      expect(read_seq).toBeLessThanOrEqual(last_seq);
      expect(unread_count).toBe(rows.filter((row) => row.seq > read_seq && row.sender_id !== one.id).length);
      for (const row of rows) {
        if (row.sender_id !== one.id) expect([row.seq, row.is_read]).toEqual([row.seq, row.seq <= read_seq]);
      }
    }
  }
  expect(marks[0].length + marks[1].length).toBeGreaterThan(10);
});
