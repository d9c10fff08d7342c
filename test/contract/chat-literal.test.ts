import { io } from 'socket.io-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ChatPreset, chat, chatV2, definePreset, runningRoutes } from '../../src/index.ts';
import { type ChatOptions, startChat } from '../support/literal/chat.ts';
import { type ChatV2Options, startChatV2 } from '../support/literal/chat-v2.ts';
import { literalChat, messagesOf, pair, quiet, say, sit, stored, texts } from './chat-support.ts';
import { goLive, patience } from './support.ts';

const running = definePreset({ extends: chat, routes: runningRoutes });

describe('chat, on literal servers with quirks', () => {
  const start = async (options: ChatOptions = {}, preset: ChatPreset = running) => {
    const server = await startChat(options);
    return { server, backend: literalChat(server, preset) };
  };

  /** A page of old, as the user: it joins nothing and has no client. */
  function oldPage({ url }: { url: string }, token: string) {
    const socket = io(url, { auth: { token }, transports: ['websocket'], forceNew: true });
    onTestFinished(() => void socket.disconnect());
    return socket;
  }

  test('[CH9] rooms named by an object are entered by a preset that says so, for messages and typing too', async () => {
    const inObject = definePreset({
      extends: running,
      emits: {
        join: (userId) =>
          ['join', 'join_global_updates', 'request_global_notifications'].map((name) => ({
            name,
            args: [{ userId }],
          })),
        joinConversation: (conversationId) => ({ name: 'join_conversation', args: [{ conversationId }] }),
      },
    });
    const { server, backend } = await start({ rooms: 'object' }, inObject);
    const [me, other] = await pair(backend);
    const mine = await me.open();
    await other.open();
    for (const room of ['user_1', 'global_1', 'notifications_1', 'conversation_10'])
      await expect.poll(() => server.isIn(1, room), patience).toBe(true);
    other.client.realtime.keystroke('10');
    await expect.poll(() => mine.getSnapshot().typing, patience).toMatchObject([{ id: '2' }]);
    await say(other, backend, 'hi');
    await expect.poll(() => texts(mine), patience).toEqual(['hi']);
  });

  test('[CH9] rooms named by a bare id are what it enters otherwise, and leaves', async () => {
    const { server, backend } = await start();
    const me = await sit(backend, '1');
    await goLive(me);
    const leave = me.client.realtime.joinRoom('bid', 7);
    for (const room of ['user_1', 'global_1', 'notifications_1', 'bid_7'])
      await expect.poll(() => server.isIn(1, room), patience).toBe(true);
    const live = me.client.messages.live('10');
    const close = live.subscribe(() => {});
    await expect.poll(() => server.isIn(1, 'conversation_10'), patience).toBe(true);
    close();
    leave();
    await expect
      .poll(() => server.isIn(1, 'conversation_10') || server.isIn(1, 'bid_7'), patience)
      .toBe(false);
  });

  test('[CH10] what an old page sends by socket comes in once: in the inbox, in the thread and on its own other pages', async () => {
    const { server, backend } = await start();
    const [me, other] = await pair(backend);
    const theirs = await other.open();
    const page = oldPage(server, server.issue(2));
    const draft = { conversationId: '10', senderId: '2', receiverId: '1', message: ' from of old ' };
    page.emit('send_message', draft);
    await expect
      .poll(me.row, patience)
      .toMatchObject({ unread: 1, lastMessage: { text: 'from of old', isOwn: false } });
    await expect.poll(() => texts(theirs), patience).toEqual(['from of old']);
    expect(other.row()).toMatchObject({ unread: 0, lastMessage: { isOwn: true } });
    page.emit('send_message', { ...draft, message: 'and again' });
    await expect.poll(() => me.row()?.unread, patience).toBe(2);
    await quiet();
    expect(me.row()?.unread).toBe(2);
    const mine = await me.open();
    expect(texts(mine)).toEqual(['from of old', 'and again']);
  });

  test('[CH2] the inbox marks nothing as seen there, and totals of 0 end no list', async () => {
    const { server, backend } = await start();
    const [me, other] = await pair(backend);
    await other.open();
    await say(other, backend, 'unread');
    await expect.poll(() => me.row()?.unread, patience).toBe(1);
    await quiet();
    expect(server.state.messagesOf(10).map(({ seen }) => seen)).toEqual([false]);
    for (let i = 0; i < 60; i += 1) server.state.open(2, 1);
    const { client } = await sit(backend, '1');
    const inbox = client.conversations.live();
    expect([inbox.getSnapshot().items.length, inbox.getSnapshot().hasMore]).toEqual([50, true]);
    await inbox.loadMore();
    expect([inbox.getSnapshot().items.length, inbox.getSnapshot().hasMore]).toEqual([62, false]);
  });

  test('[CH4] no typing event without a payload ever ends the server', async () => {
    const { server, backend } = await start();
    const [me] = await pair(backend);
    const { realtime } = me.client;
    const ended = await sit(backend, '1');
    await goLive(ended);
    ended.client.realtime.keystroke('10');
    ended.client.dispose();
    realtime.keystroke('10');
    realtime.stopTyping('10');
    realtime.keystroke('10');
    await say(me, backend, 'typed');
    realtime.keystroke('10');
    realtime.disconnect();
    await quiet();
    expect(server.hasCrashed).toBe(false);
    expect(await stored(backend)).toEqual(['typed']);
  });

  test('[PR2] presence is a hint there: offline when any page closes, and right with the next sign', async () => {
    const { server, backend } = await start();
    const [me] = await pair(backend);
    const presence = () => me.row()?.otherUser?.presence;
    const page = oldPage(server, server.issue(2));
    await expect.poll(() => page.connected, patience).toBe(true);
    page.emit('user_status', { userId: '2', status: 'online' });
    await expect.poll(presence, patience).toBe('online');
    oldPage(server, server.issue(2)).once('connect', () => page.disconnect());
    await expect.poll(presence, patience).toBe('offline');
    const next = oldPage(server, server.issue(2));
    next.once('connect', () => next.emit('user_status', { userId: '2', status: 'away' }));
    await expect.poll(presence, patience).toBe('away');
  });

  test('[IN6] a state that comes nested, and to global rooms without a message, is told once', async () => {
    const { server, backend } = await start();
    const [me] = await pair(backend);
    await me.open();
    await expect.poll(() => server.isIn(1, 'conversation_10'), patience).toBe(true);
    const told: unknown[] = [];
    me.client.realtime.on('conversationState', (event) => told.push(event));
    server.changeState(10, { flow_state: 'agreed', awaiting_role: 'influencer', chat_status: 'realtime' });
    const state = { flowState: 'agreed', awaitingRole: 'influencer', chatStatus: 'realtime' };
    await expect.poll(me.row, patience).toMatchObject(state);
    await quiet();
    expect(told).toEqual([{ conversationId: '10', ...state }]);
  });

  test('[PS1] a token that expires under way cuts the socket; both come back with a fresh one', async () => {
    const { server, backend } = await start({ saved: 'bare' });
    let token = server.issue(1);
    const me = await sit(backend, '1', {
      getToken({ refresh }) {
        if (refresh) token = server.issue(1);
        return token;
      },
    });
    await goLive(me);
    const mine = await me.open();
    const statuses: string[] = [];
    me.client.realtime.on('statusChanged', ({ status }) => statuses.push(status));
    const old = token;
    server.expire(old);
    await say(me, backend, 'with a fresh one');
    await expect.poll(() => me.client.realtime.status, patience).toBe('live');
    expect(statuses).toContain('connecting');
    expect(token).not.toBe(old);
    expect(messagesOf(mine)).toMatchObject([{ text: 'with a fresh one', status: 'sent' }]);
  });
});

describe('chatV2, on literal servers with quirks', () => {
  const start = async (options: ChatV2Options = {}) => {
    const server = await startChatV2(options);
    return { server, backend: literalChat(server, chatV2) };
  };

  test('[CN1] a token that expires under way cuts the socket, which signs in anew with a fresh one', async () => {
    const { server, backend } = await start();
    let token = server.issue(1);
    let refreshes = 0;
    const me = await sit(backend, '1', {
      getToken({ refresh }) {
        if (refresh) {
          token = server.issue(1);
          refreshes += 1;
        }
        return token;
      },
    });
    const signed: unknown[] = [];
    me.client.realtime.onRaw('authenticated', (payload) => signed.push(payload));
    me.client.realtime.onRaw('auth_error', (payload) => signed.push(payload));
    await goLive(me);
    server.expire(token);
    await expect.poll(() => me.client.realtime.status, patience).not.toBe('live');
    await expect.poll(() => me.client.realtime.status, patience).toBe('live');
    expect(signed).toEqual([{ userId: 1 }, { message: 'Invalid token' }, { userId: 1 }]);
    expect(refreshes).toBe(1);
    expect(me.client.realtime.unknownEvents).toEqual({});
  });

  test('[CN1] a fresh token that is refused too ends the session once, and trying goes on', async () => {
    const { server, backend } = await start();
    let token = server.issue(1);
    let isLost = false;
    const me = await sit(backend, '1', { getToken: () => (isLost ? 'made up' : token) });
    const ended: unknown[] = [];
    me.client.realtime.on('signedOut', ({ reason }) => ended.push(reason));
    await goLive(me);
    isLost = true;
    server.expire(token);
    await expect.poll(() => ended, patience).toEqual(['unauthorized']);
    token = server.issue(1);
    isLost = false;
    await expect.poll(() => me.client.realtime.status, { timeout: 20_000 }).toBe('live');
    expect(ended).toHaveLength(1);
  });

  test('[CN2] messages go by socket and are answered by an event; nothing goes by REST but reads', async () => {
    const { backend } = await start();
    const [me, other] = await pair(backend);
    const [mine, theirs] = [await me.open(), await other.open()];
    await expect.poll(() => me.client.capabilities.acks, patience).toBe(true);
    await say(me, backend, 'one');
    const { client } = me;
    await client.messages.send('10', { mediaUrl: 'https://cdn.example.com/a.png' });
    await expect
      .poll(() => messagesOf(theirs), patience)
      .toMatchObject([
        { text: 'one', mediaUrl: null },
        { text: '', mediaUrl: 'https://cdn.example.com/a.png' },
      ]);
    await expect.poll(() => messagesOf(mine).map(({ status }) => status), patience).toEqual(['sent', 'sent']);
    expect(me.requests.filter((request) => !request.startsWith('GET '))).toEqual([]);
  });

  test('[CN4] a refusal fails the message that it names, with its words', async () => {
    const { backend } = await start();
    const [me] = await pair(backend);
    const nowhere = me.client.messages.live('999');
    onTestFinished(nowhere.subscribe(() => {}));
    await me.client.messages.send('999', { text: 'hello?', receiverId: '2' });
    await expect
      .poll(() => messagesOf(nowhere)[0], patience)
      .toMatchObject({
        status: 'failed',
        error: { code: 'BAD_REQUEST', message: 'unable to send the message; Conversation not found' },
      });
    const mine = await me.open();
    await say(me, backend, 'others are not held up');
    expect(texts(mine)).toEqual(['others are not held up']);
  });

  test('[CN5] marks go by socket, and by REST where the connection is not there', async () => {
    const { server, backend } = await start();
    const [me, other] = await pair(backend);
    const theirs = await other.open();
    await say(other, backend, 'one');
    await me.open();
    me.client.messages.markSeen('10');
    const statuses = () => messagesOf(theirs).map(({ status }) => status);
    await expect.poll(statuses, patience).toEqual(['seen']);
    const puts = () => me.requests.filter((request) => request.startsWith('PUT '));
    expect(puts()).toEqual([]);
    await say(other, backend, 'two');
    await expect.poll(() => me.row()?.unread, patience).toBe(1);
    me.client.realtime.disconnect();
    me.client.messages.markSeen('10');
    await expect.poll(statuses, patience).toEqual(['seen', 'seen']);
    expect(puts()).toEqual(['PUT /api/conversations/10/seen']);
    expect(server.state.messagesOf(10).every(({ seen }) => seen)).toBe(true);
  });

  test('[CN6] a message in a conversation that is not open counts, by reading its row again', async () => {
    const { backend } = await start();
    const [me, other] = await pair(backend);
    await other.open();
    const before = me.requests.length;
    await say(other, backend, 'one', 'two');
    await expect.poll(() => me.row()?.unread, patience).toBe(2);
    await quiet();
    expect(me.row()).toMatchObject({ unread: 2, lastMessage: { text: 'two' } });
    const reads = me.requests.slice(before);
    expect(reads.length).toBeGreaterThan(0);
    // With the conversation open the messages come by themselves.
    await me.open();
    const from = me.requests.length;
    await say(other, backend, 'three', 'four');
    await expect.poll(() => me.row()?.unread, patience).toBe(4);
    await quiet();
    expect(me.requests.slice(from).filter((request) => /conversations/.test(request))).toEqual([]);
  });
});
