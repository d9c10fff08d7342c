import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PushNote, PushSender } from '../../examples/server/src/push/push.ts';
import {
  type ChatSocket,
  chatSocket,
  conversation,
  meet,
  type Person,
  person,
  persons,
  request,
  timePattern,
  uuidPattern,
} from './chat-support.ts';
import { call, type Json, startServer, type TestServer } from './support.ts';

let server: TestServer;
let maya: Person;
let jonas: Person;
beforeAll(async () => {
  server = await startServer();
  [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
});
afterAll(() => server.stop());

const turn = (one: Person, id: string, flow_state: string, more?: object) =>
  one.post(`/api/conversations/${id}/state`, { flow_state, ...more });
const pushes = async (on: { url: string } = server): Promise<Json[]> =>
  (await call(on, 'GET', '/dev/pushes')).body.pushes;

describe('a request', () => {
  test('goes from sent to completed, and awaits whose turn it is', async () => {
    const { id } = await request(jonas, maya);
    const steps: [Person, string, string | null, string][] = [
      [maya, 'negotiating', 'brand_owner', 'realtime'],
      [jonas, 'negotiating', 'influencer', 'realtime'],
      [maya, 'accepted', 'influencer', 'realtime'],
      [maya, 'work_submitted', 'brand_owner', 'realtime'],
      [jonas, 'revision_requested', 'influencer', 'realtime'],
      [maya, 'work_submitted', 'brand_owner', 'realtime'],
      [jonas, 'approved', 'brand_owner', 'realtime'],
      [jonas, 'completed', null, 'closed'],
    ];
    for (const [one, flow_state, awaiting_role, chat_status] of steps) {
      const { status, body } = await turn(one, id, flow_state);
      expect([flow_state, status]).toEqual([flow_state, 200]);
      expect(body.conversation).toMatchObject({ flow_state, awaiting_role, chat_status });
    }
    expect(await conversation(maya, id)).toMatchObject({ flow_state: 'completed' });
  });

  test.each<[string, () => Person, string, object?]>([
    ['its sender accepts it', () => jonas, 'accepted'],
    ['it skips a state', () => maya, 'completed'],
    ['it goes to a state that is none', () => maya, 'paused'],
    ['it goes to an inherited name', () => maya, 'constructor'],
    ['it awaits the wrong one', () => maya, 'accepted', { awaiting_role: 'brand_owner' }],
  ])('stays as it is when %s', async (_, one, state, more) => {
    const row = await request(jonas, maya);
    const { status, body } = await turn(one(), row.id, state, more);
    expect([status, body.code]).toEqual([409, 'FLOW_REFUSED']);
    expect(await conversation(jonas, row.id)).toEqual(row);
  });

  test.each<[object]>([
    [{}],
    [{ flow_state: null }],
    [{ flow_state: 5 }],
    [{ flow_state: 'x'.repeat(41) }],
    [{ flow_state: 'accepted', awaiting_role: 'admin' }],
    [{ flow_state: 'accepted', chat_status: 'loud' }],
  ])('answers %j with a 400', async (body) => {
    const { id } = await request(jonas, maya);
    expect((await maya.post(`/api/conversations/${id}/state`, body)).status).toBe(400);
  });

  test('is over once it is declined', async () => {
    const { id } = await request(jonas, maya);
    await turn(maya, id, 'declined');
    expect((await turn(maya, id, 'accepted')).status).toBe(409);
    expect((await turn(jonas, id, 'cancelled')).status).toBe(409);
  });

  test('may name who is awaited and how the chat goes', async () => {
    const { id } = await request(jonas, maya);
    const { body } = await turn(maya, id, 'negotiating', {
      awaiting_role: 'influencer',
      chat_status: 'automated',
    });
    expect(body.conversation).toMatchObject({ awaiting_role: 'influencer', chat_status: 'automated' });
  });

  test('is decided once when both decide at once', async () => {
    const { id } = await request(jonas, maya);
    const answers = await Promise.all([turn(maya, id, 'accepted'), turn(jonas, id, 'cancelled')]);
    // The influencer's yes leaves the brand owner a no, not the other way round.
    expect((await conversation(maya, id)).flow_state).toBe('cancelled');
    expect(answers[1]?.status).toBe(200);
  });

  test('of direct conversations there is none', async () => {
    expect((await turn(maya, await meet(maya, jonas), 'accepted')).status).toBe(409);
  });
});

describe('news', () => {
  const listeners = async (): Promise<[ChatSocket, ChatSocket]> => [
    await chatSocket(server, maya),
    await chatSocket(server, jonas),
  ];
  const quiet = async (...sockets: ChatSocket[]) => {
    for (const socket of sockets) await socket.flush();
  };

  test('of a new request go to the influencer, once', async () => {
    const [mine, theirs] = await listeners();
    await mine.ask('request_global_notifications', 'u1');
    const row = await request(jonas, maya, 'campaign');
    const [notification] = await mine.wait('notification');
    expect(notification).toEqual({
      type: 'campaign_update',
      data: {
        id: expect.stringMatching(uuidPattern),
        title: 'Campaign',
        body: 'You have a new connection request',
        created_at: expect.stringMatching(timePattern),
        payload: {
          conversation_type: 'campaign',
          flow_state: 'request_sent',
          awaiting_role: 'influencer',
          chat_status: 'automated',
        },
        conversation_id: row.id,
        message: null,
        sender_id: 'u2',
        receiver_id: 'u1',
      },
    });
    await jonas.post('/api/conversations', {
      receiver_id: 'u1',
      conversation_type: 'campaign',
      campaign_id: row.campaign_id,
    });
    await jonas.send(row.id, 'end');
    await mine.wait('notification', 2);
    await quiet(mine, theirs);
    expect(mine.heard('notification').map((event) => event.type)).toEqual(['campaign_update', 'message']);
    expect(theirs.heard('notification')).toEqual([]);
    for (const socket of [mine, theirs]) {
      expect(socket.heard('conversation_list_updated')[0]).toMatchObject({
        conversation_id: row.id,
        action: 'conversation_created',
        flow_state: 'request_sent',
      });
    }
  });

  test('of a state go to both members once, and to whose turn it is', async () => {
    const { id } = await request(jonas, maya);
    const [mine, theirs] = await listeners();
    await mine.ask('join_conversation', id);
    await mine.ask('join_global_updates', 'u1');
    await theirs.ask('request_global_notifications', 'u2');
    mine.clear();
    theirs.clear();
    await turn(maya, id, 'negotiating');
    await theirs.wait('notification');
    await quiet(mine, theirs);
    const context = { flow_state: 'negotiating', awaiting_role: 'brand_owner', chat_status: 'realtime' };
    for (const socket of [mine, theirs]) {
      expect(socket.heard('conversation_state_changed')).toEqual([{ conversation_id: id, ...context }]);
      expect(socket.heard('conversation_list_updated')).toEqual([
        {
          conversation_id: id,
          action: 'state_changed',
          timestamp: expect.stringMatching(timePattern),
          ...context,
          conversation_context: context,
        },
      ]);
    }
    expect(mine.heard('notification')).toEqual([]);
    expect(theirs.heard('notification')).toMatchObject([
      { type: 'bid_update', data: { body: 'There is a new offer', sender_id: 'u1', receiver_id: 'u2' } },
    ]);
  });

  test('of a state go to the other and to the awaited, if those are two', async () => {
    const { id } = await request(jonas, maya);
    for (const [one, state] of [
      [maya, 'accepted'],
      [maya, 'work_submitted'],
    ] as const) {
      await turn(one, id, state);
    }
    const [mine, theirs] = await listeners();
    await turn(jonas, id, 'approved');
    await Promise.all([mine.wait('notification'), theirs.wait('notification')]);
    await quiet(mine, theirs);
    expect([mine.heard('notification').length, theirs.heard('notification').length]).toEqual([1, 1]);
  });

  test('of a state that was so already, or was refused, are none', async () => {
    const { id } = await request(jonas, maya);
    const [mine, theirs] = await listeners();
    await turn(maya, id, 'negotiating');
    await theirs.wait('notification');
    expect((await turn(maya, id, 'negotiating')).status).toBe(200);
    expect((await turn(maya, id, 'completed')).status).toBe(409);
    await turn(jonas, id, 'negotiating');
    await mine.wait('notification');
    await quiet(mine, theirs);
    expect(theirs.heard('conversation_state_changed')).toHaveLength(2);
  });
});

describe('a push', () => {
  const of = async (userId: string, conversationId: string) =>
    (await pushes()).filter((note) => note.userId === userId && note.conversationId === conversationId);

  test('[PN4] goes to a receiver who is offline, to every device they registered', async () => {
    const [zoe, xiaolong] = (await persons(server, 'u3', 'u4')) as [Person, Person];
    const id = await meet(zoe, xiaolong);
    for (const [token, device_id] of [
      ['token-phone', 'phone'],
      ['token-tablet', null],
      ['token-phone', 'phone'],
    ]) {
      const { status, body } = await zoe.post('/api/fcm/register', {
        token,
        device_type: 'android',
        device_id,
      });
      expect([status, body]).toEqual([200, { success: true }]);
    }
    const { body } = await xiaolong.send(id, 'are you there?');
    await expect.poll(() => of('u3', id)).toHaveLength(1);
    expect((await of('u3', id))[0]).toMatchObject({
      userId: 'u3',
      type: 'message',
      title: '李小龙',
      body: 'are you there?',
      conversationId: id,
      messageId: body.message.id,
    });
    expect([...(await of('u3', id))[0].tokens].sort()).toEqual(['token-phone', 'token-tablet']);
  });

  test('is for one token per device, the last, and for one owner per token', async () => {
    const [zoe, priya, mohammed] = (await persons(server, 'u3', 'u7', 'u5')) as [Person, Person, Person];
    const register = (one: Person, token: string) =>
      one.post('/api/fcm/register', { token, device_type: 'ios', device_id: 'the-phone' });
    await register(mohammed, 'first');
    await register(mohammed, 'second');
    const id = await meet(priya, mohammed);
    await priya.send(id, 'one');
    await expect.poll(async () => (await of('u5', id)).at(-1)?.tokens).toEqual(['second']);

    await zoe.post('/api/fcm/unregister', { token: 'second' });
    await priya.send(id, 'two');
    await expect.poll(async () => (await of('u5', id)).length).toBe(2);
    expect((await of('u5', id)).at(-1).tokens).toEqual(['second']);

    await register(zoe, 'second');
    await priya.send(id, 'three');
    await expect.poll(async () => (await of('u5', id)).at(-1)).toMatchObject({ body: 'three', tokens: [] });

    for (let time = 0; time < 2; time += 1) {
      expect((await zoe.post('/api/fcm/unregister', { token: 'second' })).body).toEqual({ success: true });
    }
  });

  test.each<[object]>([
    [{}],
    [{ token: '', device_type: 'web' }],
    [{ token: 'x', device_type: 'toaster' }],
    [{ token: { $ne: 1 }, device_type: 'web' }],
    [{ token: 'x\0', device_type: 'web' }],
    [{ token: 'x y', device_type: 'web' }],
    [{ token: 'tökén', device_type: 'web' }],
    [{ token: 'x'.repeat(1025), device_type: 'web' }],
    [{ token: 'x', device_type: 'web', device_id: 5 }],
  ])('is not registered by %j', async (body) => {
    expect((await maya.post('/api/fcm/register', body)).status).toBe(400);
  });

  test('is registered by a token as long as they may be, however little it repeats itself', async () => {
    const token = randomBytes(512).toString('hex');
    expect((await maya.post('/api/fcm/register', { token, device_type: 'web' })).status).toBe(200);
    expect((await maya.post('/api/fcm/unregister', { token })).status).toBe(200);
  });

  test('does not go to a receiver with a page open, to the sender, or for a repeat', async () => {
    const [madonna, dmitry] = (await persons(server, 'u6', 'u9')) as [Person, Person];
    const id = await meet(madonna, dmitry);
    const page = await chatSocket(server, madonna);
    await dmitry.send(id, 'seen on the page', { client_id: 'repeat' });
    await page.wait('notification');
    page.socket.disconnect();
    const watcher = await chatSocket(server, dmitry);
    await expect
      .poll(async () => {
        watcher.clear();
        await watcher.ask('join', 'u9');
        return (await watcher.wait('user_status_update'))[0].status;
      })
      .toBe('offline');
    await dmitry.send(id, 'seen on the page', { client_id: 'repeat' });
    await dmitry.send(id, 'now by phone');
    await expect.poll(() => of('u6', id)).toHaveLength(1);
    expect((await of('u6', id))[0].body).toBe('now by phone');
    expect(await of('u9', id)).toEqual([]);
  });

  test('of a new request and of every state goes out, page open or not', async () => {
    const [majo, xiaolong] = (await persons(server, 'u8', 'u4')) as [Person, Person];
    const page = await chatSocket(server, majo);
    const { id } = await request(xiaolong, majo);
    await turn(majo, id, 'accepted');
    await turn(majo, id, 'work_submitted');
    await expect.poll(async () => (await of('u4', id)).length).toBe(2);
    expect((await of('u8', id)).map((note) => note.body)).toEqual([
      'You have a new connection request',
      'The request was accepted',
    ]);
    page.socket.disconnect();
  });

  test.each<[string, PushSender['send']]>([
    ['never answers', () => new Promise<never>(() => {})],
    ['fails', () => Promise.reject(new Error('no route to FCM'))],
    [
      'throws',
      () => {
        throw new Error('no key');
      },
    ],
  ])('whose service %s delays and breaks nothing', async (_, send) => {
    const broken = await startServer({ pushSender: { send }, limits: { shutdownMs: 100 } });
    const [one, other] = (await persons(broken, 'u1', 'u2')) as [Person, Person];
    const id = await meet(one, other);
    const socket = await chatSocket(broken, one);
    for (let index = 0; index < 5; index += 1) {
      expect((await one.send(id, 'x')).status).toBe(201);
      expect(await socket.ask('send_message', { conversationId: id, message: 'y' })).toMatchObject({
        ok: true,
      });
    }
    expect((await conversation(other, id)).unread_count).toBe(10);
    await broken.stop();
  });

  test('to a dead token is not tried again', async () => {
    const notes: (PushNote & { tokens: readonly string[] })[] = [];
    const pushSender: PushSender = {
      async send(tokens, note) {
        notes.push({ ...note, tokens });
        return { dead: tokens.filter((token) => token.startsWith('dead')) };
      },
    };
    const other = await startServer({ pushSender });
    const [one, two] = (await persons(other, 'u1', 'u2')) as [Person, Person];
    const id = await meet(one, two);
    await two.post('/api/fcm/register', { token: 'dead-1', device_type: 'web' });
    await two.post('/api/fcm/register', { token: 'live-1', device_type: 'web' });
    await one.send(id, 'first');
    await expect.poll(() => notes.length).toBe(1);
    await expect
      .poll(async () => {
        await one.send(id, 'again');
        return notes.at(-1)?.tokens;
      })
      .toEqual(['live-1']);
    expect(notes[0]?.tokens).toEqual(['dead-1', 'live-1']);
    await two.post('/api/fcm/register', { token: 'dead-1', device_type: 'web' });
    await one.send(id, 'revived');
    await expect.poll(() => notes.at(-1)).toMatchObject({ body: 'revived', tokens: ['live-1', 'dead-1'] });
    await other.stop();
  });
});

describe('the development tools', () => {
  test('count sockets and send for anyone', async () => {
    const zoe = await person(server, 'u3');
    const id = await meet(zoe, maya);
    const socket = await chatSocket(server, maya);
    const { body: counted } = await call(server, 'GET', '/test-socket');
    expect(counted).toMatchObject({ success: true, sockets: expect.any(Number) });
    const message = { conversationId: id, senderId: 'u3', receiverId: 'u1', message: 'by hand' };
    const { status, body } = await call(server, 'POST', '/test-message', { json: message });
    expect([status, body.message.sender_id]).toEqual([200, 'u3']);
    await socket.wait('notification');
    const unnamed = await call(server, 'POST', '/test-message', {
      json: { ...message, senderId: undefined },
    });
    expect(unnamed.status).toBe(400);
  });
});
