import { type ChatState, type LiteralMessage, storedRow } from './chat-state.ts';
import type { Call, Reply, Routes } from './literal-server.ts';

export interface ChatRestOptions {
  /** Paths as they run, or as the document has them; the others' answer 404. */
  routes: 'running' | 'documented';
  /** Where the saved row stands in the answer to a send. */
  saved: 'message' | 'data' | 'bare';
}

export interface ChatRestNews {
  sent(message: LiteralMessage): void;
  seen(conversationId: number, readerId: number): void;
}

/** Section E's REST side. */
export function chatRest(state: ChatState, news: ChatRestNews, { routes, saved }: ChatRestOptions): Routes {
  const isRunning = routes === 'running';
  const devices = new Map<string, string>();
  const tokens = new Set<string>();
  const refuse = (status: number, message: string): Reply => ({ status, body: { success: false, message } });

  function list({ userId, query }: Call): Reply {
    const { page, limit, from } = pageOf(query, 20);
    const mine = state.conversations
      .filter((conversation) => state.isMember(conversation, userId))
      .sort((a, b) => b.updated_at.localeCompare(a.updated_at));
    const unread = (id: number) =>
      state.messagesOf(id).filter(({ receiver_id, seen }) => receiver_id === userId && !seen).length;
    const conversations = mine.slice(from, from + limit).map((conversation) => ({
      ...state.conversationRow(conversation, userId),
      ...(isRunning ? {} : { unread_count: unread(conversation.id) }),
    }));
    const total = isRunning ? 0 : mine.length;
    return { body: { success: true, conversations, pagination: { page, limit, total } } };
  }

  function read({ params, userId, query }: Call): Reply {
    const conversation = state.conversationOf(params.id);
    if (!conversation || !state.isMember(conversation, userId)) return refuse(404, 'Conversation not found');
    const { page, limit, from } = pageOf(query, 50);
    const newestFirst = state.messagesOf(conversation.id).reverse();
    const messages = newestFirst
      .slice(from, from + limit)
      .reverse()
      .map(storedRow);
    if (isRunning) state.markSeen(conversation.id, userId);
    const total = isRunning ? null : newestFirst.length;
    return { body: { success: true, messages, pagination: { page, limit, total } } };
  }

  function send({ json, userId }: Call): Reply {
    const { conversation_id, receiver_id, message, media_url } = json();
    const text = typeof message === 'string' ? message.trim() : '';
    if (text.length < 1 || text.length > 1000) return refuse(400, 'Message must be 1 to 1000 characters');
    if (isRunning && media_url === null) return refuse(400, 'media_url must be a string');
    if (isRunning && receiver_id === undefined) return refuse(400, 'receiver_id is required');
    const conversation =
      conversation_id === undefined
        ? state.directOf(userId, Number(receiver_id))
        : state.conversationOf(conversation_id);
    if (!conversation || !state.isMember(conversation, userId)) return refuse(404, 'Conversation not found');
    const media = typeof media_url === 'string' ? media_url : null;
    const stored = state.store(conversation, { sender_id: userId, text, media_url: media });
    conversation.updated_at = stored.created_at;
    news.sent(stored);
    const row = storedRow(stored);
    return { status: 201, body: saved === 'bare' ? row : { success: true, [saved]: row } };
  }

  function markSeen(conversationId: unknown, userId: number): Reply {
    const conversation = state.conversationOf(conversationId);
    if (!conversation || !state.isMember(conversation, userId)) return refuse(404, 'Conversation not found');
    state.markSeen(conversation.id, userId);
    news.seen(conversation.id, userId);
    return { body: { success: true } };
  }

  return {
    ...(isRunning
      ? {
          'GET /api/messages/conversations': list,
          'POST /api/messages': send,
          'POST /api/conversations/:id/messages': (call: Call) =>
            call.json().conversation_id === undefined
              ? refuse(400, 'conversation_id is required')
              : send(call),
        }
      : {
          'GET /api/conversations': list,
          'POST /api/messages/send': send,
          'POST /api/messages/mark-seen': ({ json, userId }: Call) =>
            markSeen(state.messageOf(json().message_id)?.conversation_id, userId),
        }),
    'GET /api/conversations/:id/messages': read,
    'PUT /api/conversations/:id/seen': ({ params, userId }) => markSeen(params.id, userId),

    'POST /api/fcm/register': ({ json }) => {
      const { token, device_id } = json();
      if (device_id === null) return { status: 400, body: { error: 'device_id must be a string' } };
      const known = devices.get(String(device_id));
      if (known !== undefined && known !== token)
        return { status: 400, body: { error: 'Device already registered' } };
      if (device_id !== undefined) devices.set(String(device_id), String(token));
      tokens.add(String(token));
      return { body: { success: true } };
    },
    'POST /api/fcm/unregister': ({ json }) => {
      const { token } = json();
      for (const [device, of] of devices) if (of === token) devices.delete(device);
      return tokens.delete(String(token)) ? { body: { success: true } } : refuse(404, 'Token not found');
    },
  };
}

function pageOf(query: URLSearchParams, fallback: number) {
  const page = Number(query.get('page') ?? 1);
  const limit = Number(query.get('limit') ?? fallback);
  return { page, limit, from: (page - 1) * limit };
}
