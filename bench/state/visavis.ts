import { createClient } from '../../src/index.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { SocketHandlers } from '../../src/lib/socket-port.ts';
import type { Contender, Session } from './contender.ts';
import { me, pictureOf } from './contender.ts';

interface Frame {
  readonly name: string;
  readonly payload: unknown;
}

const frameMs = 16;
const context = { flow_state: null, awaiting_role: null, chat_status: 'open' };

/** The real client over a socket and a backend in memory; frames and rows are those of the reference server. */
export const visavis: Contender = {
  name: 'visavis',
  message: ({ id, clientId, conversationId, senderId, seq, text, createdAt }) => ({
    name: 'new_message',
    payload: {
      conversation_id: conversationId,
      message: {
        id,
        conversation_id: conversationId,
        sender_id: senderId,
        receiver_id: me,
        message_type: 'text',
        media_url: null,
        created_at: createdAt,
        seq,
        client_id: clientId,
        content: text,
        message: text,
        seen: false,
        is_read: false,
        deleted_at: null,
      },
      conversation_context: context,
    },
  }),
  seen: ({ conversationId, createdAt, seq }, readerId) => ({
    name: 'messages_seen',
    payload: { conversationId, userId: readerId, timestamp: createdAt, read_seq: seq },
  }),
  typing: (conversationId, userId, isTyping) => ({
    name: 'user_typing',
    payload: { conversationId, userId, isTyping },
  }),
  avatar: (userId, picture, version) => ({
    name: 'user:avatar:updated',
    payload: {
      userId,
      avatar_url: picture,
      avatar_thumb_url: picture.replace('.webp', '-thumb.webp'),
      avatar_version: version,
      updated_at: '2026-11-01T00:00:00.000Z',
    },
  }),

  async open(conversationIds): Promise<Session> {
    const clock = createFrames();
    let socket: SocketHandlers | undefined;
    const client = createClient({
      baseUrl: 'https://api.example.com',
      userId: me,
      socket: (handlers) => {
        socket = handlers;
        return {
          open: () => queueMicrotask(handlers.onOpen),
          close() {},
          emit() {},
          request: () => Promise.reject(new Error('offline')),
        };
      },
      fetch: async (input) => answer(String(input), conversationIds),
      preload: async () => {},
      clock,
    });
    const told = { inbox: 0, thread: 0, messages: 0 };
    const inbox = client.conversations.live();
    let close = () => {};
    inbox.subscribe(() => {
      told.inbox += 1;
    });
    client.realtime.on('message', () => {
      told.messages += 1;
    });
    client.realtime.on('protocolError', ({ error }) => {
      throw error;
    });
    client.realtime.connect();
    await client.conversations.list({ limit: conversationIds.length });
    while (client.realtime.status !== 'live') await clock.next();

    return {
      async show(conversationId) {
        close();
        const thread = client.messages.live(conversationId);
        close = thread.subscribe(() => {
          told.thread += 1;
        });
        while (thread.getSnapshot().status !== 'ready') await clock.next();
        await clock.next();
      },
      feed(event) {
        const { name, payload } = event as Frame;
        socket?.onEvent(name, payload);
      },
      settle: clock.next,
      told: () => told,
      unread: () => inbox.getSnapshot().totalUnread,
      held: () => told.messages,
      showing: () => null,
    };
  },
};

/** Real time, but frames come when they are asked for, not when they are due. */
function createFrames() {
  const waiting = new Set<() => void>();
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    schedule(callback: () => void, ms: number) {
      if (ms > frameMs) return systemClock.schedule(callback, ms);
      waiting.add(callback);
      return () => void waiting.delete(callback);
    },
    /** Runs what waits for a frame, and what that puts off to another one. */
    async next() {
      do {
        ahead += frameMs;
        const callbacks = [...waiting];
        waiting.clear();
        for (const callback of callbacks) callback();
        await turn();
      } while (waiting.size > 0);
    },
  };
}

/** A backend of level 2 in which nothing has been said yet. */
function answer(url: string, conversationIds: readonly string[]): Response {
  const { pathname, searchParams } = new URL(url);
  if (pathname === '/api/capabilities') {
    const can = { avatar_version: true, client_id: true, seq: true, sync: true, acks: true };
    return Response.json({ level: 2, ...can });
  }
  if (pathname === '/api/sync') return Response.json({ changes: [], cursor: '1', has_more: false });
  if (pathname.endsWith('/messages')) return Response.json({ messages: [], read_seqs: {} });
  if (pathname === '/api/conversations') {
    const from = (Number(searchParams.get('page')) - 1) * Number(searchParams.get('limit'));
    const page = conversationIds.slice(from, from + Number(searchParams.get('limit')));
    return Response.json({ conversations: page.map(rowOf) });
  }
  const userId = pathname.split('/')[3] ?? '';
  return Response.json({
    id: userId,
    display_name: `Name of ${userId}`,
    username: userId,
    avatar_url: pictureOf(userId, 1),
    avatar_thumb_url: pictureOf(userId, 1),
    avatar_version: 1,
  });
}

const rowOf = (id: string) => ({
  id,
  other_user: {
    id: 'user-1',
    name: 'Name of user-1',
    role: null,
    profile_image_url: pictureOf('user-1', 1),
    avatar_version: 1,
  },
  last_message: null,
  conversation_type: 'direct',
  unread_count: 0,
  last_seq: 0,
  read_seq: 0,
  other_read_seq: 0,
  created_at: '2026-10-01T00:00:00.000Z',
  updated_at: '2026-10-01T00:00:00.000Z',
  ...context,
});
