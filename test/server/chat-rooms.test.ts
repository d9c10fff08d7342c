import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { DatabaseAwayError } from '../../examples/server/src/database/database-errors.ts';
import { openDatabase } from '../../examples/server/src/database/open-database.ts';
import {
  type ChatSocket,
  chatSocket,
  meet,
  type Person,
  person,
  persons,
  request,
  timePattern,
} from './chat-support.ts';
import { connected, startServer, type TestServer } from './support.ts';

let server: TestServer;
let maya: Person;
let jonas: Person;
let chat: string;
beforeAll(async () => {
  server = await startServer();
  [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
  chat = await meet(maya, jonas);
});
afterAll(() => server.stop());

const allRooms = async (socket: ChatSocket, userId: string, id: string) => {
  await socket.ask('join', userId);
  await socket.ask('join_global_updates', userId);
  await socket.ask('request_global_notifications', userId);
  await socket.ask('join_conversation', id);
  await socket.wait('sync_state');
  await socket.wait('user_status_update');
};

const counts = (socket: ChatSocket) => {
  const names = socket.events.map((event) => event.name);
  return Object.fromEntries(
    [...new Set(names)].sort().map((name) => [name, names.filter((n) => n === name).length]),
  );
};

describe('who hears what, exactly once', () => {
  /** Maya with everything joined and with nothing; the same for Jonas; and someone else. */
  // They stay online all the time, so that nobody hears of their coming and going.
  const anchors: Socket[] = [];
  beforeAll(async () => {
    for (const { token } of [maya, jonas]) {
      const anchor = io(server.url, { auth: { token }, transports: ['websocket'], forceNew: true });
      anchors.push(anchor);
      await connected(anchor);
    }
    await anchors[0]?.emitWithAck('join', 'u1');
    // Announcements are made in turn: after this one nobody's is under way.
    await new Promise((resolve) => anchors[1]?.once('user_status_update', resolve).emit('join', 'u2'));
  });
  afterAll(() => {
    for (const anchor of anchors) anchor.disconnect();
  });
  let sockets: Record<'mayaIn' | 'mayaOut' | 'jonasIn' | 'jonasOut' | 'stranger', ChatSocket>;
  beforeEach(async () => {
    const zoe = await person(server, 'u3');
    sockets = {
      mayaIn: await chatSocket(server, maya),
      mayaOut: await chatSocket(server, maya),
      jonasIn: await chatSocket(server, jonas),
      jonasOut: await chatSocket(server, jonas),
      stranger: await chatSocket(server, zoe),
    };
    await allRooms(sockets.mayaIn, 'u1', chat);
    await allRooms(sockets.jonasIn, 'u2', chat);
    for (const socket of Object.values(sockets)) {
      await socket.flush();
      onTestFinished(() => void socket.socket.disconnect());
    }
    for (const socket of Object.values(sockets)) socket.clear();
  });

  const heard = async () => {
    for (const socket of Object.values(sockets)) await socket.flush();
    return Object.fromEntries(Object.entries(sockets).map(([name, socket]) => [name, counts(socket)]));
  };
  const sender = { conversation_list_updated: 1 };
  const receiver = { conversation_list_updated: 1, unread_count_updated: 1, notification: 1 };
  const afterMessage = {
    mayaIn: { ...sender, new_message: 1 },
    mayaOut: sender,
    jonasIn: { ...receiver, new_message: 1 },
    jonasOut: receiver,
    stranger: {},
  };

  test('of a message sent by socket', async () => {
    const clientId = randomUUID();
    const sent = { conversationId: chat, senderId: 'u1', receiverId: 'u2', message: 'hello', clientId };
    const { message } = await sockets.mayaOut.ask('send_message', sent);
    expect(await heard()).toEqual(afterMessage);

    const context = { flow_state: 'open', awaiting_role: null, chat_status: 'realtime' };
    for (const socket of [sockets.mayaIn, sockets.jonasIn]) {
      expect(socket.heard('new_message')).toEqual([
        { conversation_id: chat, message, conversation_context: context },
      ]);
    }
    const listed = {
      conversation_id: chat,
      message,
      timestamp: message.created_at,
      conversation_context: context,
    };
    expect(sockets.mayaOut.heard('conversation_list_updated')).toEqual([
      { ...listed, action: 'message_sent' },
    ]);
    expect(sockets.jonasOut.heard('conversation_list_updated')).toEqual([
      { ...listed, action: 'message_received' },
    ]);
    expect(sockets.jonasOut.heard('unread_count_updated')).toEqual([
      {
        conversation_id: chat,
        unread_count: expect.any(Number),
        action: 'set',
        timestamp: expect.stringMatching(timePattern),
        last_seq: message.seq,
        read_seq: expect.any(Number),
      },
    ]);
    expect(sockets.jonasOut.heard('notification')).toEqual([
      {
        type: 'message',
        data: {
          id: message.id,
          title: 'Maya Lindqvist',
          body: 'hello',
          created_at: message.created_at,
          payload: {},
          conversation_id: chat,
          message,
          sender_id: 'u1',
          receiver_id: 'u2',
        },
      },
    ]);
  });

  test('of a message sent by REST, and nothing of its repeat', async () => {
    const more = { client_id: randomUUID() };
    await maya.send(chat, 'hello', more);
    await sockets.jonasOut.wait('notification');
    expect(await heard()).toEqual(afterMessage);
    await maya.send(chat, 'hello', more);
    // Its news come after anything the repeat could have caused.
    await maya.send(chat, 'end');
    await sockets.jonasOut.wait('notification', 2);
    await sockets.jonasIn.flush();
    expect(sockets.jonasIn.heard('new_message').map((event) => event.message.content)).toEqual([
      'hello',
      'end',
    ]);
  });

  test('of a message that answers, the ack comes before the broadcast', async () => {
    const order: string[] = [];
    sockets.mayaIn.socket.once('new_message', () => order.push('broadcast'));
    await new Promise<void>((resolve) => {
      sockets.mayaIn.socket.emit('send_message', { conversationId: chat, message: 'x' }, () => {
        order.push('ack');
        resolve();
      });
    });
    await sockets.mayaIn.wait('new_message');
    expect(order).toEqual(['ack', 'broadcast']);
  });

  test('of a message that is refused: its sender alone', async () => {
    const sent = { conversationId: chat, senderId: 'u2', message: 'as you', clientId: 'mine' };
    expect(await sockets.mayaIn.ask('send_message', sent)).toEqual({
      ok: false,
      code: 'FORBIDDEN',
      error: expect.any(String),
    });
    expect(await heard()).toEqual({
      mayaIn: { message_error: 1 },
      mayaOut: {},
      jonasIn: {},
      jonasOut: {},
      stranger: {},
    });
    expect(sockets.mayaIn.heard('message_error')).toEqual([
      { error: expect.any(String), code: 'FORBIDDEN', clientId: 'mine' },
    ]);
  });

  test('of all messages being seen', async () => {
    await maya.send(chat, 'look');
    await sockets.jonasIn.wait('notification');
    await sockets.mayaIn.flush();
    for (const socket of Object.values(sockets)) socket.clear();
    const { read_seq } = await sockets.jonasOut.ask('mark_seen', { conversationId: chat, userId: 'u2' });
    const mine = { messages_seen_update: 1, unread_count_updated: 1 };
    expect(await heard()).toEqual({
      mayaIn: { messages_seen: 1 },
      mayaOut: { messages_seen: 1 },
      jonasIn: { ...mine, messages_seen: 1 },
      jonasOut: mine,
      stranger: {},
    });
    const seen = { conversationId: chat, timestamp: expect.stringMatching(timePattern), read_seq };
    expect(sockets.mayaOut.heard('messages_seen')).toEqual([{ ...seen, userId: 'u2' }]);
    expect(sockets.jonasOut.heard('messages_seen_update')).toEqual([{ ...seen, unread_count: 0 }]);
    expect(sockets.jonasOut.heard('unread_count_updated')).toEqual([
      {
        conversation_id: chat,
        unread_count: 0,
        action: 'set',
        timestamp: expect.stringMatching(timePattern),
        last_seq: read_seq,
        read_seq,
      },
    ]);

    for (const socket of Object.values(sockets)) socket.clear();
    await sockets.jonasOut.ask('mark_seen', { conversationId: chat, userId: 'u2' });
    expect(await heard()).toEqual({ mayaIn: {}, mayaOut: {}, jonasIn: {}, jonasOut: {}, stranger: {} });
  });

  test('of one message being seen, over REST', async () => {
    const { body } = await maya.send(chat, 'look');
    await sockets.jonasIn.wait('notification');
    await sockets.mayaIn.flush();
    for (const socket of Object.values(sockets)) socket.clear();
    await jonas.post('/api/messages/mark-seen', { message_id: body.message.id });
    await sockets.jonasOut.wait('unread_count_updated');
    const mine = { message_seen_update: 1, unread_count_updated: 1 };
    expect(await heard()).toEqual({
      mayaIn: { message_seen: 1 },
      mayaOut: { message_seen: 1 },
      jonasIn: { ...mine, message_seen: 1 },
      jonasOut: mine,
      stranger: {},
    });
    const seen = {
      messageId: body.message.id,
      conversationId: chat,
      timestamp: expect.stringMatching(timePattern),
      read_seq: body.message.seq,
    };
    expect(sockets.mayaIn.heard('message_seen')).toEqual([{ ...seen, userId: 'u2' }]);
    expect(sockets.jonasIn.heard('message_seen_update')).toEqual([{ ...seen, unread_count: 0 }]);
  });

  test('of a message being deleted, once however often it is', async () => {
    const { body } = await maya.send(chat, 'oops');
    await sockets.jonasIn.wait('notification');
    await sockets.mayaIn.flush();
    for (const socket of Object.values(sockets)) socket.clear();
    const path = `/api/messages/${body.message.id}`;
    const { body: deleted } = await maya.delete(path);
    await maya.delete(path);
    await sockets.jonasOut.wait('conversation_list_updated');
    await maya.send(chat, 'end');
    await sockets.jonasOut.wait('notification');
    for (const socket of Object.values(sockets)) {
      await socket.flush();
      const isMember = socket !== sockets.stranger;
      const event = { conversation_id: chat, message: deleted.message };
      expect(socket.heard('message_deleted')).toEqual(isMember ? [event] : []);
      const listed = socket
        .heard('conversation_list_updated')
        .filter(({ action }) => action === 'message_deleted');
      expect(listed).toMatchObject(isMember ? [event] : []);
    }
  });

  test('of typing: the conversation except the typist, and the other everywhere', async () => {
    for (const [command, isTyping] of [
      ['typing_start', true],
      ['typing_stop', false],
    ] as const) {
      for (const socket of Object.values(sockets)) socket.clear();
      await sockets.mayaOut.ask(command, { conversationId: chat, userId: 'u1' });
      expect(await heard()).toEqual({
        mayaIn: {},
        mayaOut: {},
        jonasIn: { user_typing: 1, typing_status_update: 1 },
        jonasOut: { typing_status_update: 1 },
        stranger: {},
      });
      expect(sockets.jonasIn.heard('user_typing')).toEqual([
        { conversationId: chat, userId: 'u1', isTyping },
      ]);
      expect(sockets.jonasOut.heard('typing_status_update')).toEqual([
        {
          conversation_id: chat,
          user_id: 'u1',
          is_typing: isTyping,
          timestamp: expect.stringMatching(timePattern),
        },
      ]);
    }
  });

  test('of typing that a lost connection or leaving ends', async () => {
    const typist = await chatSocket(server, maya);
    await typist.ask('join_conversation', chat);
    await typist.ask('typing_start', { conversationId: chat });
    await typist.ask('leave_conversation', chat);
    await typist.ask('typing_start', { conversationId: chat });
    typist.socket.disconnect();
    const events = await sockets.jonasIn.wait('user_typing', 4);
    expect(events.map((event) => event.isTyping)).toEqual([true, false, true, false]);
  });

  test('of a list to be read again: whoever asked', async () => {
    await sockets.mayaOut.ask('refresh_conversation_list', 'u1');
    await sockets.mayaOut.ask('refresh_conversation_list');
    expect(await heard()).toMatchObject({
      mayaIn: {},
      mayaOut: { conversation_list_refresh: 2 },
      jonasIn: {},
    });
    expect(sockets.mayaOut.heard('conversation_list_refresh')[0]).toEqual({
      user_id: 'u1',
      timestamp: expect.stringMatching(timePattern),
    });
  });

  test('of a message sent just before leaving: the one who left, too', async () => {
    sockets.mayaIn.socket.emit('send_message', { conversationId: chat, message: 'bye' });
    sockets.mayaIn.socket.emit('leave_conversation', chat);
    await sockets.mayaIn.ask('typing_stop', { conversationId: chat });
    expect(await heard()).toMatchObject({ mayaIn: { new_message: 1 }, jonasIn: { new_message: 1 } });
  });

  test('of a message, not those who have left', async () => {
    await sockets.jonasIn.ask('leave_conversation', { conversationId: chat });
    await sockets.mayaIn.ask('send_message', { conversationId: chat, message: 'x' });
    expect(await heard()).toEqual({ ...afterMessage, jonasIn: receiver });
  });
});

describe('a room', () => {
  test.each<[string, unknown]>([
    ['join', 'u2'],
    ['join', { userId: 'u2' }],
    ['join', { id: 'u2' }],
    ['join_global_updates', 'u2'],
    ['leave_global_updates', 'u2'],
    ['request_global_notifications', { userId: 'u2' }],
    ['leave_global_notifications', 'u2'],
    ['refresh_conversation_list', 'u2'],
    ['user_status', { userId: 'u2', status: 'online' }],
    ['typing_start', { conversationId: 'mine', userId: 'u2' }],
    ['typing_stop', { conversationId: 'mine', userId: 'u2' }],
    ['mark_seen', { conversationId: 'mine', userId: 'u2' }],
    ['send_message', { conversationId: 'mine', senderId: 'u2', message: 'x' }],
  ])('of somebody else is refused: %s %j', async (name, payload) => {
    const socket = await chatSocket(server, maya);
    const sent =
      typeof payload === 'object' && payload !== null && 'conversationId' in payload
        ? { ...payload, conversationId: chat }
        : payload;
    expect(await socket.ask(name, sent)).toMatchObject({ ok: false, code: 'FORBIDDEN' });
  });

  test.each([
    'join_conversation',
    'leave_conversation',
    'typing_start',
    'typing_stop',
    'send_message',
    'mark_seen',
  ])('of a conversation one is not in is refused as one that does not exist: %s', async (name) => {
    const zoe = await person(server, 'u3');
    const socket = await chatSocket(server, zoe);
    const answers = [];
    for (const conversationId of [chat, 'nowhere']) {
      const payload = name.endsWith('conversation') ? conversationId : { conversationId, message: 'x' };
      answers.push(await socket.ask(name, payload));
    }
    expect(answers[0]).toMatchObject({ ok: false, code: 'FORBIDDEN' });
    expect(answers[1]).toEqual(answers[0]);
  });

  test('of a conversation one was refused brings nothing', async () => {
    const spy = await chatSocket(server, await person(server, 'u3'));
    await spy.ask('join_conversation', chat);
    await spy.ask('join_conversation', `${chat}`);
    const witness = await chatSocket(server, jonas);
    await witness.ask('join_conversation', chat);
    await maya.send(chat, 'private');
    await witness.wait('new_message');
    await spy.flush();
    expect(spy.events).toEqual([]);
  });

  test.each(['bid', 'campaign'] as const)('of a %s is for those who have a part in it', async (type) => {
    const row = await request(jonas, maya, type);
    const subject = row[`${type}_id`];
    const [mine, strange] = [
      await chatSocket(server, maya),
      await chatSocket(server, await person(server, 'u3')),
    ];
    for (const payload of [subject, { [`${type}Id`]: subject }, { id: subject }]) {
      for (const action of ['join', 'leave']) {
        expect(await mine.ask(`${action}_${type}_room`, payload)).toEqual({ ok: true });
        expect(await strange.ask(`${action}_${type}_room`, payload)).toMatchObject({ code: 'FORBIDDEN' });
      }
    }
    expect(await mine.ask(`join_${type}_room`, 'unknown')).toMatchObject({ code: 'FORBIDDEN' });
  });

  test.each([(id: string) => id, (id: string) => ({ conversationId: id }), (id: string) => ({ id })])(
    'is joined by a bare string or an object',
    async (form) => {
      const socket = await chatSocket(server, maya);
      expect(await socket.ask('join_conversation', form(chat))).toEqual({ ok: true });
      await socket.wait('sync_state');
      await jonas.send(chat, 'x');
      await socket.wait('new_message');
    },
  );
});

describe('sync_state', () => {
  test('comes on joining: how the conversation stands for the joiner', async () => {
    const pair = (await persons(server, 'u5', 'u6')) as [Person, Person];
    const id = await meet(...pair);
    for (let index = 0; index < 3; index += 1) await pair[0].send(id, 'x');
    await pair[1].put(`/api/conversations/${id}/seen`, { up_to_seq: 1 });
    for (const [one, seen_seq, unread] of [
      [pair[0], 0, 0],
      [pair[1], 1, 2],
    ] as const) {
      const socket = await chatSocket(server, one);
      await socket.ask('join_conversation', id);
      expect(await socket.wait('sync_state')).toEqual([
        { conversation_id: id, last_seq: 3, seen_seq, unread },
      ]);
    }
  });

  test('comes again and again for each joined conversation, and not for one that was left', async () => {
    const quick = await startServer({ limits: { syncStateMs: 30 } });
    const [one, other, third] = (await persons(quick, 'u1', 'u2', 'u3')) as [Person, Person, Person];
    const [first, second] = [await meet(one, other), await meet(one, third)];
    const socket = await chatSocket(quick, one);
    const idle = await chatSocket(quick, one);
    await socket.ask('join_conversation', first);
    await socket.ask('join_conversation', second);
    const of = (id: string) => socket.heard('sync_state').filter((event) => event.conversation_id === id);
    await expect.poll(() => Math.min(of(first).length, of(second).length)).toBeGreaterThan(3);
    await other.send(first, 'x');
    await expect
      .poll(() => of(first).at(-1))
      .toEqual({
        conversation_id: first,
        last_seq: 1,
        seen_seq: 0,
        unread: 1,
      });
    await socket.ask('leave_conversation', second);
    socket.clear();
    await expect.poll(() => of(first).length).toBeGreaterThan(3);
    // One of them may have been read before the leaving.
    expect(of(second).length).toBeLessThan(2);
    expect(idle.heard('sync_state')).toEqual([]);
    await quick.stop();
  });
});

test('changes that are no messages have one allowance, by REST and by socket', async () => {
  const strict = await startServer({ limits: { writesPerMinute: 2 } });
  onTestFinished(() => strict.stop());
  const [one, two] = (await persons(strict, 'u1', 'u2')) as [Person, Person];
  const id = await meet(one, two);
  const socket = await chatSocket(strict, one);
  const away = () => socket.ask('user_status', { status: 'away' });
  expect((await away()).ok).toBe(true);
  expect(await away()).toMatchObject({ ok: false, code: 'RATE_LIMITED' });
  const refused = await one.post('/api/conversations', { receiver_id: 'u3' });
  expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
  expect((await one.send(id, 'still heard')).status).toBe(201);
  strict.clock.ahead += 60_000;
  expect((await one.post('/api/conversations', { receiver_id: 'u3' })).status).toBe(201);
});

test.each([
  ['bid', 'request_update'],
  ['campaign', 'campaign_update'],
] as const)('[AT4] who talks about the same %s hears nothing of others who do', async (type, event) => {
  const [xiaolong, zoe, mohammed] = (await persons(server, 'u4', 'u3', 'u5')) as [Person, Person, Person];
  const subject = `of-many-${type}`;
  const open = async (influencer: Person) => {
    const wish = { receiver_id: influencer.id, conversation_type: type, [`${type}_id`]: subject };
    return (await xiaolong.post('/api/conversations', wish)).body.conversation.id;
  };
  const [first, second] = [await open(zoe), await open(mohammed)];
  const sockets = await Promise.all([xiaolong, zoe, mohammed].map((one) => chatSocket(server, one)));
  for (const socket of sockets)
    expect(await socket.ask(`join_${type}_room`, subject)).toMatchObject({ ok: true });
  const outside = await chatSocket(server, zoe);
  await zoe.post(`/api/conversations/${first}/state`, { flow_state: 'negotiating' });
  await sockets[0]?.wait(event);
  await mohammed.post(`/api/conversations/${second}/state`, { flow_state: 'negotiating' });
  await sockets[0]?.wait(event, 2);
  for (const socket of [...sockets, outside]) await socket.flush();
  const heard = [...sockets, outside].map((one) => one.heard(event).map(({ conversation_id: id }) => id));
  expect(heard).toEqual([[first, second], [first], [second], []]);
});

describe('presence', () => {
  let priya: Person;
  let dmitry: Person;
  beforeAll(async () => {
    [priya, dmitry] = (await persons(server, 'u7', 'u9')) as [Person, Person];
    await meet(priya, dmitry);
  });
  const statuses = (socket: ChatSocket) => socket.heard('user_status_update').map((event) => event.status);
  const watcher = async () => {
    const socket = await chatSocket(server, dmitry);
    await socket.ask('join', 'u9');
    await socket.wait('user_status_update');
    await expect.poll(() => statuses(socket).at(-1)).toBe('offline');
    socket.clear();
    return socket;
  };

  test('comes and goes with the first and the last socket, not with those between', async () => {
    const watching = await watcher();
    const first = await chatSocket(server, priya);
    expect(await watching.wait('user_status_update')).toEqual([
      { user_id: 'u7', status: 'online', timestamp: expect.stringMatching(timePattern) },
    ]);
    const second = await chatSocket(server, priya);
    first.socket.disconnect();
    const third = await chatSocket(server, priya);
    second.socket.disconnect();
    await third.flush();
    expect(statuses(watching)).toEqual(['online']);
    third.socket.disconnect();
    await watching.wait('user_status_update', 2);
    expect(statuses(watching)).toEqual(['online', 'offline']);
  });

  test('says nothing of somebody who is back at once', async () => {
    const patient = await startServer({ limits: { absentMs: 300 } });
    onTestFinished(() => patient.stop());
    const [one, other] = (await persons(patient, 'u1', 'u2')) as [Person, Person];
    await meet(one, other);
    const watching = await chatSocket(patient, other);
    await watching.ask('join', 'u2');
    const first = await chatSocket(patient, one);
    await expect.poll(() => statuses(watching).at(-1)).toBe('online');
    watching.clear();
    first.socket.disconnect();
    const second = await chatSocket(patient, one);
    await second.flush();
    second.socket.disconnect();
    await expect.poll(() => statuses(watching)).toEqual(['offline']);
  });

  test('of somebody gone for an instant is told to a joiner as to everyone else', async () => {
    const patient = await startServer({ limits: { absentMs: 300 } });
    onTestFinished(() => patient.stop());
    const [one, other] = (await persons(patient, 'u1', 'u2')) as [Person, Person];
    await meet(one, other);
    const before = await chatSocket(patient, other);
    await before.ask('join', 'u2');
    const socket = await chatSocket(patient, one);
    await expect.poll(() => statuses(before).at(-1)).toBe('online');
    socket.socket.disconnect();
    await before.flush();
    const joiner = await chatSocket(patient, other);
    await joiner.ask('join', 'u2');
    await joiner.wait('user_status_update', 2);
    expect(statuses(joiner)).toEqual(['online', 'offline']);
  });

  test('is away when every socket is, and online while one of them is', async () => {
    const watching = await watcher();
    const [one, other] = [await chatSocket(server, priya), await chatSocket(server, priya)];
    await one.ask('user_status', { userId: 'u7', status: 'away' });
    await one.flush();
    await watching.wait('user_status_update');
    expect(statuses(watching)).toEqual(['online']);
    await other.ask('user_status', { userId: 'u7', status: 'away' });
    await watching.wait('user_status_update', 2);
    await one.ask('user_status', { userId: 'u7', status: 'online' });
    await watching.wait('user_status_update', 3);
    one.socket.disconnect();
    await watching.wait('user_status_update', 4);
    other.socket.disconnect();
    await watching.wait('user_status_update', 5);
    expect(statuses(watching)).toEqual(['online', 'away', 'online', 'away', 'offline']);
  });

  test('that changed while the database was away is told once it is back', async () => {
    let isAway = false;
    let failures = 0;
    const shaky = await startServer({
      openDatabase: async (...given) => {
        const database = await openDatabase(...given);
        const query: typeof database.query = async (sql, parameters) => {
          if (!isAway) return database.query(sql, parameters);
          failures += 1;
          throw new DatabaseAwayError(new Error('connection refused'));
        };
        return { ...database, query };
      },
    });
    onTestFinished(() => shaky.stop());
    const [one, other] = (await persons(shaky, 'u1', 'u2')) as [Person, Person];
    await meet(one, other);
    const watching = await chatSocket(shaky, other);
    await watching.ask('join', 'u2');
    const page = await chatSocket(shaky, one);
    await expect.poll(() => statuses(watching).at(-1)).toBe('online');
    isAway = true;
    page.socket.disconnect();
    await expect.poll(() => failures).toBeGreaterThan(1);
    isAway = false;
    await expect.poll(() => statuses(watching).at(-1)).toBe('offline');
  });

  test('of somebody who came and went before anybody was told stays with no joiner', async () => {
    let isAsked = false;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = await startServer({
      openDatabase: async (...given) => {
        const database = await openDatabase(...given);
        const query: typeof database.query = async (sql, parameters) => {
          if (sql.includes('distinct theirs.user_id') && parameters?.[0] === 'u1') {
            isAsked = true;
            await held;
          }
          return database.query(sql, parameters);
        };
        return { ...database, query };
      },
    });
    onTestFinished(() => slow.stop());
    const [one, other] = (await persons(slow, 'u1', 'u2')) as [Person, Person];
    await meet(one, other);
    const page = await chatSocket(slow, one);
    await expect.poll(() => isAsked).toBe(true);
    const joiner = await chatSocket(slow, other);
    await joiner.ask('join', 'u2');
    await joiner.wait('user_status_update');
    page.socket.disconnect();
    await expect
      .poll(async () => (await fetch(`${slow.url}/test-socket`)).json())
      .toMatchObject({ sockets: 1 });
    release();
    await expect.poll(() => statuses(joiner).at(-1)).toBe('offline');
  });

  test('of each partner is told to a joiner, as it is now', async () => {
    const third = await person(server, 'u8');
    await meet(priya, third);
    const present = await chatSocket(server, dmitry);
    const joiner = await chatSocket(server, priya);
    await joiner.ask('join', 'u7');
    const latest = () =>
      Object.fromEntries(joiner.heard('user_status_update').map((event) => [event.user_id, event.status]));
    await expect.poll(latest).toEqual({ u9: 'online', u8: 'offline' });
    present.socket.disconnect();
    await expect
      .poll(() => joiner.heard('user_status_update').at(-1))
      .toMatchObject({
        user_id: 'u9',
        status: 'offline',
      });
  });

  test('is nobody else’s business', async () => {
    const spy = await chatSocket(server, await person(server, 'u10'));
    await spy.ask('join', 'u10');
    const watching = await watcher();
    const socket = await chatSocket(server, priya);
    await watching.wait('user_status_update');
    await spy.flush();
    expect(spy.events).toEqual([]);
    socket.socket.disconnect();
  });

  test.each(['busy', '', null, 5, undefined])('is not %s', async (status) => {
    const socket = await chatSocket(server, priya);
    const answer = await socket.ask('user_status', { userId: 'u7', status });
    expect(answer).toMatchObject({ ok: false, code: 'INVALID_REQUEST' });
    socket.socket.disconnect();
  });
});
