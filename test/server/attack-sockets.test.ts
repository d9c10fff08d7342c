import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { badPayloads, expectAlive, inside, knownEvents } from './attack-support.ts';
import { type ChatSocket, chatSocket, history, meet, type Person, persons } from './chat-support.ts';
import { connected, type Json, openSocket, startServer, type TestServer, uploadAvatar } from './support.ts';

let server: TestServer;
let maya: Person;
let jonas: Person;
let chat: string;
/** Where something may be said. */
let other: string;
beforeAll(async () => {
  server = await startServer();
  const [zoe] = (await persons(server, 'u3')) as [Person];
  [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
  chat = await meet(maya, jonas);
  await maya.send(chat, 'the only one');
  other = await meet(maya, zoe);
});
afterAll(() => server.stop());

const events = [
  'authenticate',
  'chat:join',
  'chat:read',
  'chat:send',
  'join',
  'join_bid_room',
  'join_campaign_room',
  'join_conversation',
  'join_global_updates',
  'leave_bid_room',
  'leave_campaign_room',
  'leave_conversation',
  'leave_global_notifications',
  'leave_global_updates',
  'mark_seen',
  'refresh_conversation_list',
  'request_global_notifications',
  'send_message',
  'typing_start',
  'typing_stop',
  'user_status',
];

/** Events that take an object, and one that they take. */
const good: Record<string, () => Record<string, unknown>> = {
  authenticate: () => ({ token: maya.token }),
  'chat:join': () => ({ conversationId: other }),
  'chat:read': () => ({ conversationId: other, upToMessageId: randomUUID(), messageIds: [randomUUID()] }),
  'chat:send': () => ({
    conversationId: other,
    tempId: 't',
    text: 'x',
    attachments: [],
    clientNonce: randomUUID(),
  }),
  send_message: () => ({
    conversationId: other,
    senderId: 'u1',
    receiverId: 'u3',
    message: 'x',
    mediaUrl: 'https://pictures.example/x.png',
    clientId: randomUUID(),
  }),
  typing_start: () => ({ conversationId: other, userId: 'u1' }),
  typing_stop: () => ({ conversationId: other, userId: 'u1' }),
  mark_seen: () => ({ conversationId: other, messageId: randomUUID(), userId: 'u1', upToSeq: 1 }),
  user_status: () => ({ userId: 'u1', status: 'online' }),
};

const refusals = ['INVALID_REQUEST', 'INVALID_TOKEN', 'FORBIDDEN', 'MESSAGE_NOT_FOUND', 'CLIENT_ID_CONFLICT'];
const rows = async () => (await history(maya, chat)).map((row) => row.content);

test('the list of events is whole', async () => {
  expect(await knownEvents(server, maya.token)).toEqual(events);
});

test.each(events)('[AT1] %s takes any value and answers each with a refusal', async (name) => {
  const socket = await chatSocket(server, maya);
  const witness = await quietWitness();
  for (const payload of badPayloads) {
    const [first]: Json[] = payload();
    const answer: Json = await socket.socket.timeout(15_000).emitWithAck(name, ...payload());
    // No payload is a fair way to ask for one's own list; JSON makes null of NaN and infinity.
    const isNothing = [undefined, null, Number.NaN, Number.POSITIVE_INFINITY].includes(first);
    const expected = name === 'refresh_conversation_list' && isNothing;
    expect([payload(), answer.ok]).toEqual([payload(), expected]);
    if (!answer.ok) {
      expect(['INVALID_REQUEST', 'INVALID_TOKEN', 'FORBIDDEN']).toContain(answer.code);
      expect(answer.error).toEqual(expect.any(String));
      expect(JSON.stringify(answer)).not.toMatch(inside);
    }
  }
  await witness.flush();
  expect(witness.events).toEqual([]);
  expect(await rows()).toEqual(['the only one']);
  await expectAlive(server);
});

test.each(Object.keys(good))('[AT1] %s takes any value in each of its fields', async (name) => {
  const socket = await chatSocket(server, maya);
  const make = good[name] ?? (() => ({}));
  for (const field of Object.keys(make())) {
    for (const payload of badPayloads) {
      const [value] = payload();
      const answer: Json = await socket.ask(name, { ...make(), [field]: value });
      const isUnstorable = value === '\0' || value === '\ud800';
      const allowed = isUnstorable ? ['INVALID_REQUEST', 'INVALID_TOKEN'] : ['ok', ...refusals];
      const code = answer.ok ? 'ok' : answer.code;
      expect([field, value, code, allowed.includes(code)]).toEqual([field, value, code, true]);
      expect(JSON.stringify(answer)).not.toMatch(inside);
    }
  }
  await expectAlive(server);
});

test.each(events)('[AT1] %s without an ack takes any value', async (name) => {
  const socket = await chatSocket(server, maya);
  const witness = await quietWitness();
  for (const payload of badPayloads) socket.socket.emit(name, ...payload());
  await socket.flush();
  // The commands of one socket are taken in turn; this one is the last.
  expect(await socket.ask('join', 'u1')).toEqual({ ok: true });
  await witness.flush();
  expect(witness.events).toEqual([]);
  expect(await rows()).toEqual(['the only one']);
  await expectAlive(server);
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
    const raw = openSocket(server, maya.token);
    await connected(raw);
    const { ws } = (raw.io as Json).engine.transport;
    await new Promise<void>((resolve) => ws.send(frame, () => resolve()));
    raw.disconnect();
  }
  expect(transport).toBeDefined();
  await expectAlive(server);
  expect(await rows()).toEqual(['the only one']);
});

test('errors of a send and of a mark come as events as well, and only those', async () => {
  const socket = await chatSocket(server, maya);
  for (const name of events)
    socket.socket.emit(name, { conversationId: 'nowhere', message: 'x', clientId: 'c' });
  await socket.ask('join', 'u1');
  await socket.wait('user_status_update');
  const errors = socket.events.filter((event) => event.name.endsWith('error'));
  const refusal = (name: string, code: string, more: object = { error: expect.any(String) }) => ({
    name,
    payload: { code, ...more },
  });
  const message = expect.any(String);
  expect(errors).toEqual([
    refusal('auth_error', 'INVALID_REQUEST', { message }),
    refusal('chat:error', 'FORBIDDEN', { message }),
    refusal('chat:error', 'INVALID_REQUEST', { message }),
    refusal('chat:error', 'INVALID_REQUEST', { message }),
    refusal('seen_error', 'FORBIDDEN'),
    refusal('message_error', 'FORBIDDEN', { error: expect.any(String), clientId: 'c' }),
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
  await expectAlive(server);
});

test('a socket that has not said who it is can do nothing with any event, and hears of nothing', async () => {
  const open = await startServer({ limits: { signInMs: 60_000 } });
  const [one, two] = (await persons(open, 'u1', 'u2')) as [Person, Person];
  const id = await meet(one, two);
  const stranger = await chatSocket(open, { token: undefined });
  for (const name of events.filter((event) => event !== 'authenticate')) {
    for (const payload of [
      ...badPayloads,
      () => ['u1'],
      () => [id],
      () => [{ conversationId: id, message: 'x' }],
    ]) {
      const answer: Json = await stranger.socket.timeout(15_000).emitWithAck(name, ...payload());
      expect([name, answer]).toEqual([name, { ok: false, code: 'UNKNOWN_EVENT', error: expect.any(String) }]);
    }
  }
  await two.send(id, 'hi');
  await uploadAvatar(open, two.token);
  await stranger.flush();
  expect(stranger.events).toEqual([]);
  await expectAlive(open);
  await open.stop();
});

/** Someone whose presence nobody hears and who hears of no presence. */
async function quietWitness(): Promise<ChatSocket> {
  const [napha] = (await persons(server, 'u10')) as [Person];
  const witness = await chatSocket(server, napha);
  await witness.ask('join', 'u10');
  return witness;
}
