import { describe, expect, onTestFinished, test } from 'vitest';
import { type ChatOptions, startChat } from '../support/literal/chat.ts';
import { startChatV2 } from '../support/literal/chat-v2.ts';
import { type ChatSocket, chatSocket, uuidPattern } from './chat-support.ts';
import { call, type Json } from './support.ts';

/** Maya is 1, Jonas 2; they share conversation 10. */
async function twoPeople(options: ChatOptions = {}) {
  const server = await startChat(options);
  onTestFinished(() => server.close());
  const seat = async (userId: number) => {
    const token = server.issue(userId);
    const heard = await chatSocket(server, { token });
    for (const name of ['join', 'join_global_updates', 'request_global_notifications'])
      heard.socket.emit(name, String(userId));
    await heard.wait('user_status_update');
    const ask = (method: string, path: string, json?: unknown) => call(server, method, path, { token, json });
    return { ...heard, token, ask };
  };
  const [maya, jonas] = [await seat(1), await seat(2)];
  const send = (json: Json) => jonas.ask('POST', '/api/messages', json);
  return { server, maya, jonas, send };
}

const events = (socket: ChatSocket, ...names: string[]) => names.map((name) => socket.heard(name).length);

describe('The literal chat server', () => {
  test('tells of a socket send once, without a time, and acknowledges nothing', async () => {
    const { server, maya, jonas } = await twoPeople();
    const { updated_at } = server.state.conversationOf(10) ?? {};
    let isAcknowledged = false;
    const draft = { conversationId: '10', senderId: '2', receiverId: '1', message: ' hi ', clientId: 'c' };
    jonas.socket.emit('send_message', draft, () => {
      isAcknowledged = true;
    });
    const [unread] = await maya.wait('unread_count_updated');
    expect(unread).toEqual({ conversation_id: 10, unread_count: 1, action: 'increment' });
    const [listed] = await maya.wait('conversation_list_updated');
    expect(listed).toEqual({ conversation_id: 10, action: 'message_received', message: expect.anything() });
    expect(listed.message).toMatchObject({
      id: expect.stringMatching(uuidPattern),
      sender_id: 2,
      message: 'hi',
      seen: false,
    });
    expect(listed.message).not.toHaveProperty('client_id');
    const [notification] = await maya.wait('notification');
    expect(notification.data).toEqual({ conversation_id: 10, message: 'hi' });
    expect((await jonas.wait('conversation_list_updated'))[0].action).toBe('message_sent');
    expect(events(maya, 'new_message', 'unread_count_updated', 'conversation_list_updated')).toEqual([
      0, 1, 1,
    ]);
    expect(isAcknowledged).toBe(false);
    expect(server.state.conversationOf(10)?.updated_at).toBe(updated_at);
  });

  test('tells of a REST send twice, each at a time of its own', async () => {
    const { maya, jonas, send } = await twoPeople();
    jonas.socket.emit('join_conversation', '10');
    const { status, body } = await send({ conversation_id: '10', receiver_id: '1', message: 'hi' });
    expect(status).toBe(201);
    expect(body.data).toMatchObject({
      content: 'hi',
      is_read: false,
      created_at: expect.stringMatching(/\d{6}\+00:00$/),
    });
    const [one, other] = await maya.wait('unread_count_updated', 2);
    expect(one.timestamp).not.toBe(other.timestamp);
    await maya.wait('conversation_list_updated', 2);
    const [echo] = await jonas.wait('new_message');
    expect(echo).toMatchObject({ conversation_id: 10, message: { message: 'hi' }, conversation_context: {} });
  });

  test('has rows without counts, totals that mean nothing and previews without ids', async () => {
    const { maya, send } = await twoPeople();
    await send({ conversation_id: 10, receiver_id: 1, message: 'hi' });
    const { body } = await maya.ask('GET', '/api/messages/conversations?page=1&limit=1');
    expect(body.pagination.total).toBe(0);
    expect(body.conversations).toHaveLength(1);
    const [row] = body.conversations;
    expect(row).not.toHaveProperty('unread_count');
    expect(Object.keys(row.last_message).sort()).toEqual(['created_at', 'message', 'sender_id']);
    expect(row.updated_at).toMatch(/\d$/);
    expect(row.other_user).toMatchObject({ id: 2, profile_image_url: null });
  });

  test('marks as seen whatever is read, and shows it as it was before', async () => {
    const { server, maya, send } = await twoPeople();
    for (const message of ['one', 'two', 'three'])
      await send({ conversation_id: 10, receiver_id: 1, message });
    const { body } = await maya.ask('GET', '/api/conversations/10/messages?page=1&limit=2');
    expect(body.messages.map((row: Json) => row.content)).toEqual(['two', 'three']);
    expect(body.messages.map((row: Json) => row.is_read)).toEqual([false, false]);
    expect(server.state.messagesOf(10).every(({ seen }) => seen)).toBe(true);
    expect(events(maya, 'messages_seen_update')).toEqual([0]);
  });

  test('wants trimmed text of 1 to 1000 characters, no null, and the receiver', async () => {
    const { send } = await twoPeople();
    const draft = { conversation_id: 10, receiver_id: 1, message: 'hi' };
    const bad = [
      { message: '  ' },
      { message: 'x'.repeat(1001) },
      { media_url: null },
      { receiver_id: undefined },
    ];
    for (const change of [...bad, { message: undefined, media_url: 'https://x.test/a.png' }])
      expect((await send({ ...draft, ...change })).status).toBe(400);
    expect((await send({ receiver_id: 99, message: 'hi' })).status).toBe(404);
    expect((await send({ receiver_id: 3, message: 'new here' })).body.data.conversation_id).toBe(12);
  });

  test('has the running routes or the document’s, never both', async () => {
    const { maya, jonas } = await twoPeople();
    const draft = { conversation_id: 10, receiver_id: 1, message: 'hi' };
    expect((await maya.ask('GET', '/api/conversations?user_id=1')).status).toBe(404);
    expect((await jonas.ask('POST', '/api/messages/send', draft)).status).toBe(404);
    expect((await jonas.ask('POST', '/api/conversations/10/messages', { message: 'hi' })).status).toBe(400);
    expect((await jonas.ask('POST', '/api/conversations/10/messages', draft)).status).toBe(201);
    for (const path of ['/api/capabilities', '/api/sync', '/api/conversations/10'])
      expect((await maya.ask('GET', path)).status).toBe(404);

    const documented = await twoPeople({ routes: 'documented', saved: 'bare' });
    const sent = await documented.jonas.ask('POST', '/api/messages/send', {
      conversation_id: 10,
      message: 'hi',
    });
    expect(sent.body).toMatchObject({ content: 'hi' });
    expect((await documented.send(draft)).status).toBe(404);
    const list = await documented.maya.ask('GET', '/api/conversations?user_id=1');
    expect(list.body).toMatchObject({ conversations: [{ unread_count: 1 }, {}], pagination: { total: 2 } });
    const seen = { message_id: sent.body.id, user_id: 1 };
    expect((await documented.maya.ask('POST', '/api/messages/mark-seen', seen)).status).toBe(200);
  });

  test('enters rooms named by a bare id, or by the document’s object', async () => {
    const { server, maya } = await twoPeople();
    maya.socket.emit('join', { userId: '1' });
    await expect.poll(() => server.isIn(1, 'user_[object Object]')).toBe(true);
    expect(server.isIn(1, 'global_1')).toBe(true);

    const documented = await startChat({ rooms: 'object' });
    onTestFinished(() => documented.close());
    const { socket } = await chatSocket(documented, { token: documented.issue(1) });
    socket.emit('join_conversation', { conversationId: '10' });
    await expect.poll(() => documented.isIn(1, 'conversation_10')).toBe(true);
  });

  test('knows typing in two spellings, and its end without a payload is the end of the process', async () => {
    const { server, maya, jonas } = await twoPeople();
    maya.socket.emit('join_conversation', '10');
    await expect.poll(() => server.isIn(1, 'conversation_10')).toBe(true);
    jonas.socket.emit('typing_start', { conversationId: '10', userId: '2' });
    jonas.socket.emit('typing_stop', { conversationId: '10', userId: '2' });
    expect(await maya.wait('user_typing', 2)).toEqual([
      { conversationId: '10', userId: '2', isTyping: true },
      { conversation_id: '10', user_id: '2', is_typing: false },
    ]);
    expect(events(maya, 'typing_status_update')).toEqual([0]);
    jonas.socket.emit('typing_stop');
    await expect.poll(() => server.hasCrashed).toBe(true);
    await expect.poll(() => maya.socket.connected).toBe(false);
  });

  test('says offline when any page closes, takes any UUID as seen, and refuses without a name', async () => {
    const { server, maya, jonas } = await twoPeople();
    const second = await chatSocket(server, { token: jonas.token });
    second.socket.disconnect();
    expect(await maya.wait('user_offline')).toEqual([{ userId: 2 }]);
    maya.socket.emit('mark_seen', { messageId: crypto.randomUUID(), userId: '1', conversationId: '10' });
    await maya.wait('message_seen_update');
    maya.socket.emit('mark_seen', { messageId: '7', userId: '1', conversationId: '10' });
    expect(await maya.wait('seen_error')).toEqual([{ error: expect.any(String) }]);
    maya.socket.emit('send_message', { conversationId: '10', senderId: '1', message: 'hi' });
    expect(await maya.wait('message_error')).toEqual([{ error: expect.any(String) }]);
    maya.socket.emit('user_status', { userId: '1', status: 'away' });
    expect(await jonas.wait('user_status_change')).toEqual([{ userId: '1', status: 'away' }]);
  });

  test('tells a change of state to the room, nested, and to global rooms without a message', async () => {
    const { server, maya } = await twoPeople();
    maya.socket.emit('join_conversation', '10');
    await expect.poll(() => server.isIn(1, 'conversation_10')).toBe(true);
    const next = { flow_state: 'agreed', awaiting_role: 'influencer', chat_status: 'realtime' };
    server.changeState(10, next);
    expect((await maya.wait('conversation_state_changed'))[0]).toMatchObject({
      previous_state: 'initial',
      new_state: next,
    });
    expect(await maya.wait('conversation_list_updated')).toEqual([
      { conversation_id: 10, action: 'state_changed', ...next },
    ]);
  });

  test('lets a device have one push token, and no device called null', async () => {
    const { maya } = await twoPeople();
    const register = (json: Json) => maya.ask('POST', '/api/fcm/register', { device_type: 'web', ...json });
    expect((await register({ token: 'a', device_id: 'd' })).status).toBe(200);
    expect((await register({ token: 'b', device_id: 'd' })).status).toBe(400);
    expect((await register({ token: 'b', device_id: null })).status).toBe(400);
    expect((await maya.ask('POST', '/api/fcm/unregister', { token: 'a' })).status).toBe(200);
    expect((await register({ token: 'b', device_id: 'd' })).status).toBe(200);
    expect((await maya.ask('POST', '/api/fcm/unregister', { token: 'a' })).status).toBe(404);
  });

  test('answers 403 {error} for an expired token, and cuts its sockets', async () => {
    const { server, maya } = await twoPeople();
    server.expire(maya.token);
    const { status, body } = await maya.ask('GET', '/api/messages/conversations');
    expect([status, body]).toEqual([403, { error: 'Invalid token' }]);
    await expect.poll(() => maya.socket.connected).toBe(false);
  });
});

describe('The literal chatV2 server', () => {
  async function twoPeopleV2(rows?: 'columns' | 'events') {
    const server = await startChatV2(rows ? { rows } : {});
    onTestFinished(() => server.close());
    const seat = async (userId: number) => {
      const token = server.issue(userId);
      const heard = await chatSocket(server, { token: '' });
      heard.socket.emit('authenticate', { token });
      expect(await heard.wait('authenticated')).toEqual([{ userId }]);
      heard.socket.emit('chat:join', { conversationId: '10' });
      return { ...heard, token };
    };
    return { server, maya: await seat(1), jonas: await seat(2) };
  }

  test('acknowledges by tempId, tells the room, and moves the row up', async () => {
    const { maya, jonas } = await twoPeopleV2();
    jonas.socket.emit('chat:send', {
      tempId: 't1',
      conversationId: '10',
      text: 'hi',
      attachments: [],
      clientNonce: 'n',
    });
    const [ack] = await jonas.wait('chat:ack');
    expect(ack).toMatchObject({
      tempId: 't1',
      message: { conversationId: 10, senderId: 2, text: 'hi', attachments: [] },
    });
    expect(await maya.wait('chat:new')).toEqual([{ message: ack.message }]);
    expect(await jonas.wait('chat:new')).toEqual([{ message: ack.message }]);
    expect((await maya.wait('conversations:upsert'))[0]).toMatchObject({ id: 10, other_user: { id: 2 } });
    maya.socket.emit('chat:read', { conversationId: '10', upToMessageId: ack.message.id });
    expect(await jonas.wait('chat:read')).toEqual([
      { conversationId: 10, userId: 1, messageIds: [ack.message.id] },
    ]);
  });

  test('knows nobody before they authenticate, and refuses with the tempId', async () => {
    const { server, maya } = await twoPeopleV2('columns');
    const stranger = await chatSocket(server, { token: maya.token });
    stranger.socket.emit('chat:send', { tempId: 't1', conversationId: '10', text: 'hi' });
    expect(await stranger.wait('chat:error')).toEqual([{ message: 'Not authenticated', tempId: 't1' }]);
    stranger.socket.emit('authenticate', { token: 'made up' });
    await stranger.wait('auth_error');
    maya.socket.emit('authenticate', { token: server.issue(1) });
    expect(await maya.wait('token_refreshed')).toEqual([{ userId: 1 }]);
    maya.socket.emit('chat:send', { tempId: 't2', conversationId: '10', text: ' ' });
    expect((await maya.wait('chat:error'))[0].tempId).toBe('t2');
    maya.socket.emit('chat:send', { tempId: 't3', conversationId: '10', text: 'hi' });
    expect((await maya.wait('chat:ack'))[0].message).toMatchObject({ content: 'hi', sender_id: 1 });
  });
});
