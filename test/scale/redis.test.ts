import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ChatSocket, chatSocket, meet, type Person, person, persons } from '../server/chat-support.ts';
import {
  avatarAndThumb,
  call,
  complete,
  connected,
  type Json,
  openSocket,
  presign,
  put,
  refused,
  signIn,
  stage,
  type TestServer,
  uploadAvatar,
} from '../server/support.ts';
import { Postgres } from '../support/services/postgres.ts';
import { Redis } from '../support/services/redis.ts';
import { startPair } from './cluster.ts';

let postgres: Postgres;
let redis: Redis;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([Postgres.start(['fsync=off']), Redis.start()]);
});
afterAll(() => Promise.all([postgres?.stop(), redis?.stop()]));

const pair = (options?: Parameters<typeof startPair>[1]) => startPair({ postgres, redis }, options);

interface Stage {
  nodes: [TestServer, TestServer];
  maya: Person;
  jonas: Person;
  chat: string;
  /** Maya is on the first node, Jonas on the second; both are in the conversation. */
  mayas: ChatSocket;
  jonases: ChatSocket;
}

async function stageOf(nodes: [TestServer, TestServer]): Promise<Stage> {
  const [maya, jonas] = await Promise.all([person(nodes[0], 'u1'), person(nodes[1], 'u2')]);
  const chat = await meet(maya, jonas);
  const [mayas, jonases] = await Promise.all([chatSocket(nodes[0], maya), chatSocket(nodes[1], jonas)]);
  for (const [{ id }, socket] of [[maya, mayas] as const, [jonas, jonases] as const]) {
    await socket.ask('join', id);
    await socket.ask('join_global_updates', id);
    await socket.ask('join_conversation', chat);
  }
  return { nodes, maya, jonas, chat, mayas, jonases };
}

const statusOf = (socket: ChatSocket, userId: string) =>
  socket.heard('user_status_update').findLast((event) => event.user_id === userId)?.status;

test('people on different nodes see each other’s messages, typing, marks, presence, pictures and names', async () => {
  const { nodes, maya, jonas, chat, mayas, jonases } = await stageOf(await pair());
  await expect.poll(() => [statusOf(mayas, 'u2'), statusOf(jonases, 'u1')]).toEqual(['online', 'online']);
  await mayas.ask('typing_start', { conversationId: chat });
  await jonases.wait('user_typing');
  const sent = await mayas.ask('send_message', {
    conversationId: chat,
    message: 'over there',
    clientId: randomUUID(),
  });
  const [heard] = await jonases.wait('new_message');
  expect(heard.message).toEqual(sent.message);
  await jonases.wait('unread_count_updated');
  await jonas.put(`/api/conversations/${chat}/seen`);
  await mayas.wait('messages_seen');
  const shown = await uploadAvatar(nodes[1], jonas.token);
  const [pictureNews] = await mayas.wait('user:avatar:updated');
  expect(pictureNews).toMatchObject({ userId: 'u2', avatar_version: shown.avatar_version });
  await call(nodes[0], 'PATCH', '/api/users/me/profile', {
    token: maya.token,
    json: { display_name: 'Maya B' },
  });
  expect(await jonases.wait('user:profile:updated')).toEqual([{ userId: 'u1', display_name: 'Maya B' }]);
  jonases.socket.disconnect();
  await expect.poll(() => statusOf(mayas, 'u2')).toBe('offline');
});

test('a socket of the later generation hears what the other node announces, once', async () => {
  const { maya, jonas, chat, mayas, jonases } = await stageOf(await pair());
  await jonases.ask('chat:join', { conversationId: chat });
  mayas.socket.emit('chat:send', { tempId: 't', conversationId: chat, text: 'over there' });
  const [{ message }] = await mayas.wait('chat:ack');
  expect(await jonases.wait('chat:new')).toEqual([{ message }]);
  await expect.poll(() => jonases.heard('conversations:upsert').at(-1)?.unread_count).toBe(1);
  await jonas.put(`/api/conversations/${chat}/seen`);
  const [read] = await mayas.wait('chat:read');
  expect(read).toMatchObject({ conversationId: chat, userId: jonas.id, upToMessageId: message.id });
  await maya.send(chat, 'by request');
  await jonases.wait('chat:new', 2);
  expect(jonases.heard('chat:new')).toHaveLength(2);
});

test('somebody with a socket on each node stays online when one of them is closed', async () => {
  const { nodes, jonas, mayas, jonases } = await stageOf(await pair());
  await expect.poll(() => statusOf(mayas, 'u2')).toBe('online');
  const other = await chatSocket(nodes[0], jonas);
  jonases.socket.disconnect();
  await expect.poll(async () => (await jonas.get('/test-socket')).body.sockets).toBe(0);
  expect(statusOf(mayas, 'u2')).toBe('online');
  other.socket.disconnect();
  await expect.poll(() => statusOf(mayas, 'u2')).toBe('offline');
});

describe('one allowance for both nodes', () => {
  test('of five uploads a minute', async () => {
    const nodes = await pair({ limits: { uploadsPerMinute: 5 } });
    const { token } = await person(nodes[0], 'u1');
    const files = await avatarAndThumb();
    const tries = Array.from({ length: 8 }, (_, at) => presign(nodes[at % 2] as TestServer, token, files));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    const { status, headers, body } = await presign(nodes[1], token, files);
    expect([status, body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    const other = await person(nodes[1], 'u2');
    expect((await presign(nodes[0], other.token, files)).status).toBe(200);
  });

  test('of messages, by socket and by request', async () => {
    const { chat, maya, mayas, nodes } = await stageOf(await pair({ limits: { messagesPer10s: 6 } }));
    const elsewhere = await person(nodes[1], 'u1');
    for (let sent = 0; sent < 2; sent += 1) {
      expect(await mayas.ask('send_message', { conversationId: chat, message: 'x' })).toMatchObject({
        ok: true,
      });
      expect((await maya.send(chat, 'x')).status).toBe(201);
      expect((await elsewhere.send(chat, 'x')).status).toBe(201);
    }
    const refusal = { ok: false, code: 'RATE_LIMITED', retry_after_ms: expect.any(Number) };
    expect(await mayas.ask('send_message', { conversationId: chat, message: 'x' })).toMatchObject(refusal);
    expect((await elsewhere.send(chat, 'x')).status).toBe(429);
    for (const node of nodes) node.clock.ahead += 11_000;
    expect((await elsewhere.send(chat, 'x')).status).toBe(201);
  });

  test('of sockets', async () => {
    const nodes = await pair({ limits: { socketsPerUser: 2 } });
    const { id, token } = await person(nodes[0], 'u1');
    const [first, second] = [openSocket(nodes[0], token), openSocket(nodes[1], token)];
    await Promise.all([connected(first), connected(second)]);
    const refuse = async (node: TestServer) => (await refused(openSocket(node, token))).data.code;
    await expect.poll(() => refuse(nodes[0])).toBe('TOO_MANY_SOCKETS');
    await expect.poll(() => refuse(nodes[1])).toBe('TOO_MANY_SOCKETS');
    second.disconnect();
    const again = async () => {
      const socket = openSocket(nodes[0], token);
      return connected(socket).then(
        () => id,
        () => undefined,
      );
    };
    await expect.poll(again).toBe(id);
  });
});

describe('an upload', () => {
  test('is put once, whichever node it is put to', async () => {
    const nodes = await pair();
    const { token } = await person(nodes[0], 'u1');
    const [avatar, thumb] = await avatarAndThumb();
    const { body } = await presign(nodes[0], token, [avatar as Json, thumb as Json]);
    const [ticket] = body.uploads;
    const other = { ...ticket, url: ticket.url.replace(nodes[0].url, nodes[1].url) };
    const puts = [ticket, other, ticket, other].map((one) => put(one, (avatar as Json).bytes));
    const statuses = (await Promise.all(puts)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 412, 412, 412]);
  });

  test('that is completed on both nodes at once shows one picture, and both get the same answer', async () => {
    const { nodes, maya, jonases } = await stageOf(await pair());
    const uploads = await stage(nodes[0], maya.token, await avatarAndThumb());
    const answers = await Promise.all(
      [0, 1, 0, 1].map((at) => complete(nodes[at] as TestServer, maya.token, uploads)),
    );
    expect(
      new Set(answers.map(({ status, body }) => `${status} ${body.avatar_version} ${body.avatar_key}`)).size,
    ).toBe(1);
    await jonases.wait('user:avatar:updated');
    await jonases.flush();
    expect(jonases.heard('user:avatar:updated')).toHaveLength(1);
  });
});

describe('while Redis is gone', () => {
  test('sends are answered and heard on their node; once it is back, all of the rest is made up for', async () => {
    const { nodes, maya, jonas, chat, mayas, jonases } = await stageOf(await pair());
    const mayasOther = await chatSocket(nodes[0], maya);
    await mayasOther.ask('join_conversation', chat);
    await expect.poll(() => statusOf(mayas, 'u2')).toBe('online');
    await redis.kill();
    onTestFinished(async () => (redis.isRunning ? undefined : redis.start()));

    const sent = await mayas.ask('send_message', { conversationId: chat, message: 'anyone?' });
    expect(sent).toMatchObject({ ok: true });
    expect((await jonas.send(chat, 'by REST')).status).toBe(201);
    await mayasOther.wait('new_message');
    expect(jonases.heard('new_message').map(({ message }) => message.content)).not.toContain('anyone?');
    const shown = await uploadAvatar(nodes[0], maya.token);
    const late = await chatSocket(nodes[1], await person(nodes[1], 'u3'));
    await late.ask('join', 'u3');
    for (const socket of [mayas, jonases]) socket.clear();

    await redis.start();
    const isCaughtUp = (socket: ChatSocket) =>
      socket.heard('conversation_list_refresh').length > 0 &&
      socket.heard('sync_state').some((event) => event.conversation_id === chat && event.last_seq === 2);
    await expect.poll(() => [mayas, jonases].map(isCaughtUp), { timeout: 15_000 }).toEqual([true, true]);
    const pictures = jonases.heard('user:avatar:updated').filter((event) => event.userId === 'u1');
    expect(pictures.at(-1)?.avatar_version).toBe(shown.avatar_version);
    await mayas.ask('send_message', { conversationId: chat, message: 'live again' });
    const contents = () => jonases.heard('new_message').map(({ message }) => message.content);
    await expect.poll(contents, { timeout: 15_000 }).toContain('live again');
  });

  test('who came and went on another node is known once it is back', async () => {
    const { nodes, maya, mayas, jonases } = await stageOf(await pair());
    const zoe = await person(nodes[1], 'u3');
    await meet(maya, zoe);
    await expect.poll(() => statusOf(mayas, 'u2')).toBe('online');
    await redis.kill();
    onTestFinished(async () => (redis.isRunning ? undefined : redis.start()));
    jonases.socket.disconnect();
    await chatSocket(nodes[1], zoe);
    expect(statusOf(mayas, 'u2')).toBe('online');
    await redis.start();
    await expect
      .poll(() => [statusOf(mayas, 'u2'), statusOf(mayas, 'u3')], { timeout: 20_000 })
      .toEqual(['offline', 'online']);
  });

  test('and when it hangs, nobody waits for it either', async () => {
    const { chat, mayas, maya } = await stageOf(await pair());
    redis.pause();
    onTestFinished(() => redis.resume());
    for (let index = 0; index < 5; index += 1) {
      const message = `while it hangs ${index}`;
      expect(await mayas.ask('send_message', { conversationId: chat, message })).toMatchObject({ ok: true });
    }
    expect((await maya.send(chat, 'by REST')).status).toBe(201);
    await mayas.wait('new_message', 6);
  });

  test('and when it is slow for a moment, everything is heard on the other node', async () => {
    const { chat, mayas, jonases } = await stageOf(await pair());
    const texts = Array.from({ length: 20 }, (_, index) => `slow ${index}`);
    for (const message of texts) {
      if (message === 'slow 5') redis.pause();
      await mayas.ask('send_message', { conversationId: chat, message });
      if (message === 'slow 9') redis.resume();
    }
    await jonases.wait('new_message', texts.length);
    expect(jonases.heard('new_message').map(({ message }) => message.content)).toEqual(texts);
  });

  test('a node starts all the same', async () => {
    await redis.kill();
    onTestFinished(() => redis.start());
    const { chat, mayas } = await stageOf(await pair());
    expect(await mayas.ask('send_message', { conversationId: chat, message: 'x' })).toMatchObject({
      ok: true,
    });
  });
});

describe('a plain client that was cut off', () => {
  async function cutOff(stageNow: Stage): Promise<ChatSocket> {
    const { nodes, jonas, chat } = stageNow;
    const options = { reconnection: true, reconnectionDelay: 100, reconnectionDelayMax: 100 };
    const plain = await chatSocket(nodes[1], jonas, options);
    await plain.ask('join_conversation', chat);
    // Only an event that came by Redis tells it how far it has heard.
    await stageNow.mayas.ask('send_message', { conversationId: chat, message: 'before' });
    await plain.wait('new_message');
    return plain;
  }

  test('finds its rooms again on the other node and hears what it missed, but not who was typing', async () => {
    const stageNow = await stageOf(await pair());
    const { nodes, chat, mayas } = stageNow;
    const plain = await cutOff(stageNow);
    // Its manager goes to the other node from now on.
    Object.assign(plain.socket.io, { uri: nodes[0].url });
    plain.socket.io.engine.close();
    await mayas.ask('typing_start', { conversationId: chat });
    await mayas.ask('send_message', { conversationId: chat, message: 'missed' });
    await expect.poll(() => plain.socket.connected && plain.socket.recovered).toBe(true);
    await expect
      .poll(() => plain.heard('new_message').map(({ message }) => message.content))
      .toEqual(['before', 'missed']);
    await plain.flush();
    expect(plain.heard('user_typing')).toEqual([]);
    expect(await plain.ask('typing_start', { conversationId: chat })).toEqual({ ok: true });
  });

  test('gets nothing of what it missed after its token has expired', async () => {
    const stageNow = await stageOf(await pair());
    const { nodes, jonas, chat, mayas } = stageNow;
    const plain = await cutOff(stageNow);
    Object.assign(plain.socket.io.opts, { reconnectionDelay: 1000, reconnectionDelayMax: 1000 });
    plain.socket.io.engine.close();
    for (const node of nodes) node.clock.ahead += 2 * 60 * 60_000;
    await mayas.ask('send_message', { conversationId: chat, message: 'missed' });
    Object.assign(plain.socket, { auth: { token: await signIn(nodes[1], jonas.id) } });
    await expect.poll(() => plain.socket.connected, { timeout: 5_000 }).toBe(true);
    expect(plain.socket.recovered).toBe(false);
    await plain.flush();
    expect(plain.heard('new_message')).toHaveLength(1);
  });

  test('is refused with a token of somebody else', async () => {
    const stageNow = await stageOf(await pair());
    const [, , zoe] = await persons(stageNow.nodes[0], 'u1', 'u2', 'u3');
    const plain = await cutOff(stageNow);
    Object.assign(plain.socket, { auth: { token: zoe?.token } });
    plain.socket.io.engine.close();
    expect((await refused(plain.socket)).data.code).toBe('UNAUTHORIZED');
  });
});
