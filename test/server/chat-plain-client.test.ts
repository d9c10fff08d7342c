import { type ManagerOptions, io as open, type Socket, type SocketOptions } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { conversation, history, meet, type Person, persons } from './chat-support.ts';
import { type Json, startServer, type TestServer } from './support.ts';

let server: TestServer;
let maya: Person;
let jonas: Person;
let conversationId: string;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
  conversationId = await meet(maya, jonas);
});

/** The samples below are what a page without any SDK writes: no acks, no client ids, no waiting. */
const io = (url: string, options: Partial<ManagerOptions & SocketOptions>): Socket => {
  const socket = open(url, { ...options, forceNew: true });
  onTestFinished(() => void socket.disconnect());
  return socket;
};

type Form = 'bare' | 'object';
const user = (form: Form, userId: string) => (form === 'bare' ? userId : { userId });
const room = (form: Form, id: string) => (form === 'bare' ? id : { conversationId: id });

describe.each<Form>(['bare', 'object'])('a plain client that names rooms in %s form', (form) => {
  test('signs in, joins and sees its list change', async () => {
    const list = new Map<string, Json>();
    const badges = new Map<string, number>();

    const socket = io(server.url, { auth: { token: jonas.token } });
    socket.on('connect', () => {
      socket.emit('join', user(form, 'u2'));
      socket.emit('join_global_updates', user(form, 'u2'));
    });
    socket.on('conversation_list_updated', (event) => list.set(event.conversation_id, event));
    socket.on('unread_count_updated', (event) => {
      const before = event.action === 'increment' ? (badges.get(event.conversation_id) ?? 0) : 0;
      badges.set(event.conversation_id, before + event.unread_count);
    });

    await expect.poll(() => socket.connected).toBe(true);
    await maya.send(conversationId, 'hello Jonas');
    await expect
      .poll(() => list.get(conversationId))
      .toMatchObject({ action: 'message_received', message: { message: 'hello Jonas', sender_id: 'u1' } });
    const { unread_count } = await conversation(jonas, conversationId);
    await expect.poll(() => badges.get(conversationId)).toBe(unread_count);
  });

  test('opens a conversation, sends at once and shows both sides', async () => {
    const shown: string[][] = [[], []];
    const pages = [maya, jonas].map(({ id, token }, at) => {
      const socket = io(server.url, { auth: { token } });
      socket.emit('join', user(form, id));
      socket.emit('join_conversation', room(form, conversationId));
      socket.on('new_message', ({ message }) => shown[at]?.push(`${message.sender_id}: ${message.content}`));
      return socket;
    });
    const [mine, theirs] = pages;
    const said = (socket: Socket | undefined, senderId: string, receiverId: string, message: string) =>
      socket?.emit('send_message', { conversationId, senderId, receiverId, message });

    said(mine, 'u1', 'u2', 'one');
    await expect.poll(() => shown[0]?.length).toBe(1);
    said(theirs, 'u2', 'u1', 'two');
    said(theirs, 'u2', 'u1', 'three');
    await expect.poll(() => shown.map((lines) => lines.length)).toEqual([3, expect.any(Number)]);
    await expect.poll(() => shown[1]?.slice(-2)).toEqual(['u2: two', 'u2: three']);
    expect(shown[0]).toEqual(['u1: one', 'u2: two', 'u2: three']);
    expect((await history(jonas, conversationId)).slice(-3).map((row) => row.message)).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  test('shows and hides who is typing', async () => {
    let typing: string[] = [];
    const page = io(server.url, { auth: { token: jonas.token } });
    page.emit('join_conversation', room(form, conversationId));
    page.on('user_typing', ({ userId, isTyping }) => {
      typing = isTyping ? [...typing, userId] : typing.filter((id) => id !== userId);
    });
    await new Promise((resolve) => page.once('sync_state', resolve));

    const socket = io(server.url, { auth: { token: maya.token } });
    socket.emit('join_conversation', room(form, conversationId));
    socket.emit('typing_start', { conversationId, userId: 'u1' });
    await expect.poll(() => typing).toEqual(['u1']);
    socket.emit('typing_stop', { conversationId, userId: 'u1' });
    await expect.poll(() => typing).toEqual([]);
  });

  test('marks a message and a conversation seen, and the sender sees it', async () => {
    const { body } = await maya.send(conversationId, 'did you see?');
    await maya.send(conversationId, 'and this?');
    const seen: string[] = [];
    const sender = io(server.url, { auth: { token: maya.token } });
    sender.emit('join_conversation', room(form, conversationId));
    sender.on('message_seen', ({ messageId, userId }) => seen.push(`${userId} saw ${messageId}`));
    sender.on('messages_seen', ({ userId }) => seen.push(`${userId} saw all`));
    await new Promise((resolve) => sender.once('sync_state', resolve));

    const socket = io(server.url, { auth: { token: jonas.token } });
    socket.emit('join_conversation', room(form, conversationId));
    socket.emit('mark_seen', { messageId: body.message.id, userId: 'u2', conversationId });
    socket.emit('mark_seen', { conversationId, userId: 'u2' });
    await expect.poll(() => seen).toEqual([`u2 saw ${body.message.id}`, 'u2 saw all']);
    expect(await conversation(jonas, conversationId)).toMatchObject({ unread_count: 0 });
  });

  test('shows who is there and what happened, and is told what went wrong', async () => {
    const heard: Json[] = [];
    const dots = new Map<string, string>();
    const socket = io(server.url, { auth: { token: jonas.token } });
    socket.on('connect', () => {
      socket.emit('join', user(form, 'u2'));
      socket.emit('request_global_notifications', user(form, 'u2'));
      socket.emit('user_status', { userId: 'u2', status: 'online' });
    });
    socket.on('user_status_update', ({ user_id, status }) => dots.set(user_id, status));
    socket.on('notification', ({ type, data }) => heard.push(`${type}: ${data.title}, ${data.body}`));
    socket.on('message_error', ({ error }) => heard.push(error));
    await expect.poll(() => dots.has('u1')).toBe(true);

    const other = io(server.url, { auth: { token: maya.token } });
    other.emit('join', user(form, 'u1'));
    await expect.poll(() => dots.get('u1')).toBe('online');
    other.emit('user_status', { userId: 'u1', status: 'away' });
    await expect.poll(() => dots.get('u1')).toBe('away');
    other.emit('send_message', { conversationId, senderId: 'u1', receiverId: 'u2', message: 'psst' });
    await expect.poll(() => heard).toEqual(['message: Maya Lindqvist, psst']);
    other.disconnect();
    await expect.poll(() => dots.get('u1')).toBe('offline');

    socket.emit('send_message', { conversationId, senderId: 'u2', receiverId: 'u1', message: '' });
    await expect.poll(() => heard.at(-1)).toMatch(/^unable to/);
  });
});
