import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChatSocket, chatSocket, history, meet, type Person, persons } from './chat-support.ts';
import { call, connected, type Json, openSocket, startServer, type TestServer } from './support.ts';

let server: TestServer;
let maya: Person;
let jonas: Person;
let chat: string;
beforeAll(async () => {
  server = await startServer();
  [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
  chat = await meet(maya, jonas);
  await maya.send(chat, 'the only one');
});
afterAll(() => server.stop());

const events = [
  'join',
  'join_global_updates',
  'leave_global_updates',
  'request_global_notifications',
  'leave_global_notifications',
  'join_conversation',
  'leave_conversation',
  'join_bid_room',
  'leave_bid_room',
  'join_campaign_room',
  'leave_campaign_room',
  'send_message',
  'typing_start',
  'typing_stop',
  'mark_seen',
  'user_status',
  'refresh_conversation_list',
];

const bad: (() => unknown[])[] = [
  () => [],
  () => [undefined],
  () => [null],
  () => [0],
  () => [-1.5],
  () => [Number.NaN],
  () => [Number.POSITIVE_INFINITY],
  () => [true],
  () => [''],
  () => [' '],
  () => ['\0'],
  () => ['\ud800'],
  () => ["'; drop table messages; --"],
  () => ['../../etc/passwd'],
  () => ['__proto__'],
  () => ['[object Object]'],
  () => ['x'.repeat(50_000)],
  () => [[]],
  () => [['u1']],
  () => [[[[[]]]]],
  () => [{}],
  () => [{ userId: null, conversationId: null, id: null }],
  () => [{ userId: {}, conversationId: {}, messageId: {}, message: {}, status: {} }],
  () => [{ userId: [], conversationId: [], messageId: [], message: [], status: [] }],
  () => [{ userId: { $ne: null }, conversationId: { $gt: '' }, id: { $regex: '.*' } }],
  () => [{ userId: 1e300, conversationId: -1, message: 7, upToSeq: -1 }],
  () => [{ userId: 'u2', conversationId: 'x'.repeat(10_000), message: 'x'.repeat(20_000) }],
  () => [
    { conversationId: 'nowhere', conversation_id: 'nowhere', message: 'x', messageId: 'x', status: 'x' },
  ],
  () => [JSON.parse('{"__proto__":{"userId":"u1","ok":true},"constructor":{"prototype":{}}}')],
  () => [JSON.parse('{"toString":null,"valueOf":null,"toJSON":"x","then":"x","length":-1}')],
  () => [Buffer.from('binary')],
  () => [{ conversationId: Buffer.from('x'), userId: new Uint8Array(8), message: Buffer.alloc(9) }],
  () => [new Date(0), /x/, new Map(), new Set()],
  () => Array(500).fill(null),
];

const isAlive = async () => (await call(server, 'GET', '/healthz')).status === 200;
const rows = async () => (await history(maya, chat)).map((row) => row.content);

test.each(events)('%s takes any value and answers each with a refusal', async (name) => {
  const socket = await chatSocket(server, maya);
  const witness = await quietWitness();
  for (const payload of bad) {
    const [first]: Json[] = payload();
    const answer: Json = await socket.socket.timeout(15_000).emitWithAck(name, ...payload());
    // No payload is a fair way to ask for one's own list; JSON makes null of NaN and infinity.
    const isNothing = [undefined, null, Number.NaN, Number.POSITIVE_INFINITY].includes(first);
    const expected = name === 'refresh_conversation_list' && isNothing;
    expect([payload(), answer.ok]).toEqual([payload(), expected]);
    if (!answer.ok) {
      expect(['INVALID_REQUEST', 'FORBIDDEN']).toContain(answer.code);
      expect(answer.error).toEqual(expect.any(String));
      expect(JSON.stringify(answer)).not.toMatch(/select|insert|\.ts\b|node_modules/);
    }
  }
  await witness.flush();
  expect(witness.events).toEqual([]);
  expect(await rows()).toEqual(['the only one']);
  expect(await isAlive()).toBe(true);
});

test.each(events)('%s without an ack takes any value', async (name) => {
  const socket = await chatSocket(server, maya);
  const witness = await quietWitness();
  for (const payload of bad) socket.socket.emit(name, ...payload());
  await socket.flush();
  // The commands of one socket are taken in turn; this one is the last.
  expect(await socket.ask('join', 'u1')).toEqual({ ok: true });
  await witness.flush();
  expect(witness.events).toEqual([]);
  expect(await rows()).toEqual(['the only one']);
  expect(await isAlive()).toBe(true);
});

test.each(events)('%s takes a function, two answers and an ack that is none', async (name) => {
  const socket = await chatSocket(server, maya);
  for (const args of [[() => {}], [{}, () => {}, () => {}], [() => {}, {}], [{}, 'no function']]) {
    socket.socket.emit(name, ...args);
  }
  const { transport } = (socket.socket.io as Json).engine;
  for (const frame of [
    `42["${name}"]`,
    `427["${name}"]`,
    `4299["${name}",null,null]`,
    `451-8["${name}",{"_placeholder":true,"num":0}]`,
    `42["${name}",{"userId":{"_placeholder":true,"num":0}}]`,
  ]) {
    const other = openSocket(server, maya.token);
    await connected(other);
    const { ws } = (other.io as Json).engine.transport;
    await new Promise<void>((resolve) => ws.send(frame, () => resolve()));
    other.disconnect();
  }
  expect(transport).toBeDefined();
  expect(await isAlive()).toBe(true);
  expect(await rows()).toEqual(['the only one']);
});

test('errors of a send and of a mark come as events as well, and only those', async () => {
  const socket = await chatSocket(server, maya);
  for (const name of events)
    socket.socket.emit(name, { conversationId: 'nowhere', message: 'x', clientId: 'c' });
  await socket.ask('join', 'u1');
  await socket.wait('user_status_update');
  const errors = socket.events.filter((event) => event.name.endsWith('_error'));
  expect(errors).toEqual([
    { name: 'message_error', payload: { error: expect.any(String), code: 'FORBIDDEN', clientId: 'c' } },
    { name: 'seen_error', payload: { error: expect.any(String), code: 'FORBIDDEN' } },
  ]);
});

test('a flood of commands is answered, one way or the other, and hurts nobody else', async () => {
  const socket = await chatSocket(server, jonas);
  const answers = await Promise.all(
    Array.from({ length: 5000 }, () => socket.ask('typing_stop', { conversationId: 'nowhere' })),
  );
  expect(answers).toHaveLength(5000);
  for (const answer of answers) expect(['FORBIDDEN', 'TOO_MANY_EVENTS']).toContain(answer.code);
  expect(await socket.ask('join', 'u2')).toEqual({ ok: true });
});

test('a disconnect in the middle of commands is no trouble', async () => {
  for (let time = 0; time < 10; time += 1) {
    const socket = openSocket(server, maya.token);
    await connected(socket);
    for (const name of events) socket.emit(name, chat);
    socket.emit('join_conversation', chat, () => {});
    socket.emit('typing_start', { conversationId: chat });
    socket.disconnect();
  }
  expect(await isAlive()).toBe(true);
});

const routes: [string, string][] = [
  ['POST', '/api/messages/send'],
  ['POST', '/api/messages'],
  ['POST', '/api/messages/mark-seen'],
  ['POST', '/api/conversations'],
  ['POST', '/api/conversations/CHAT/messages'],
  ['PUT', '/api/conversations/CHAT/seen'],
  ['POST', '/api/conversations/CHAT/state'],
  ['POST', '/api/fcm/register'],
  ['POST', '/api/fcm/unregister'],
  ['POST', '/test-message'],
];

test.each(routes)('%s %s takes any body', async (method, path) => {
  for (const payload of bad) {
    const raw = JSON.stringify(payload()[0]) ?? '';
    const target = path.replace('CHAT', chat);
    const { status } = await call(server, method, target, { token: maya.token, raw });
    const isMarkOfAll = path.endsWith('/seen') && status === 200;
    expect([raw.slice(0, 40), isMarkOfAll || (status >= 400 && status < 500)]).toEqual([
      raw.slice(0, 40),
      true,
    ]);
  }
  expect(await rows()).toEqual(['the only one']);
});

test.each(['/api/conversations/ID', '/api/conversations/ID/messages', '/api/messages/ID'])(
  '%s takes any id',
  async (path) => {
    const ids = [
      '%00',
      '..%2f..',
      '__proto__',
      'x'.repeat(200),
      '%ed%a0%80',
      "'%20or%201=1--",
      '-1',
      '%f0%9f%91%8b',
    ];
    for (const id of ids) {
      const method = path.startsWith('/api/messages') ? 'DELETE' : 'GET';
      const { status } = await call(server, method, path.replace('ID', id), { token: maya.token });
      expect([id, status >= 400 && status < 500]).toEqual([id, true]);
    }
  },
);

/** Someone whose presence nobody hears and who hears of no presence. */
async function quietWitness(): Promise<ChatSocket> {
  const [zoe] = (await persons(server, 'u3')) as [Person];
  const witness = await chatSocket(server, zoe);
  await witness.ask('join', 'u3');
  return witness;
}
