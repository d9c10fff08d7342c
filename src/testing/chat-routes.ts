import { seenState } from './chat-store.ts';
import { type ConversationRecord, partnerOf } from './records.ts';
import { Refusal } from './refusal.ts';
import type { Handler, Reply, RestSettings, RouteTable } from './rest-route.ts';
import type { WireRows } from './wire-rows.ts';
import { countOf, idOf, textOf, type WirePayload } from './wire-value.ts';

/** Conversations and messages, as far as every level has them. */
export function chatRoutes(settings: RestSettings): RouteTable {
  const { level, chat, rows, announce, limit } = settings;
  const isExact = level === 2;
  const has = (kind: 'document' | 'running') =>
    isExact || settings.routes === 'both' || settings.routes === kind;

  const list: Handler = ({ userId, query }) => {
    const asked = query.get('user_id');
    if (isExact && asked !== null && asked !== userId) {
      throw new Refusal(403, 'FORBIDDEN', 'unable to list the conversations; they are not yours');
    }
    const page = Math.max(1, countOf(query.get('page')) ?? 1);
    const limit = Math.min(100, Math.max(1, countOf(query.get('limit')) ?? 20));
    const all = chat.listOf(userId);
    const conversations = all.slice((page - 1) * limit, page * limit);
    return {
      body: {
        success: true,
        conversations: conversations.map((row) => rows.conversation(row, userId)),
        pagination: { page, limit, total: isExact ? all.length : 0 },
      },
    };
  };

  const page: Handler = ({ userId, params, query }) => {
    const conversation = chat.find(params[0] ?? '', userId);
    const { messages, total, page, limit } = windowOf(conversation, query, isExact);
    const body = {
      success: true,
      messages: messages.map(rows.message),
      pagination: { page, limit, total: isExact ? total : 0 },
      ...(isExact ? { last_seq: total, read_seqs: readSeqs(conversation, rows) } : {}),
    };
    // The plain wire marks what it shows, silently, and answers as it was before.
    if (!isExact) chat.markSeen(conversation, userId, messages.at(-1)?.seq ?? 0);
    return { body };
  };

  const send: Handler = ({ userId, params, body }) => {
    const text = (textOf(body.message) ?? '').trim();
    const mediaUrl = textOf(body.media_url);
    if (!isExact && body.media_url === null) {
      throw new Refusal(400, 'INVALID_REQUEST', 'unable to send; media_url must be a string');
    }
    if (text.length > 1000 || (text === '' && !(isExact && mediaUrl))) {
      throw new Refusal(400, 'INVALID_REQUEST', 'unable to send; message must be 1 to 1000 characters');
    }
    limit('message', userId);
    const receiverId = idOf(body.receiver_id);
    const conversationId =
      idOf(body.conversation_id) ??
      params[0] ??
      (receiverId === null ? null : chat.open(userId, receiverId).conversation.id);
    const conversation = chat.find(conversationId, userId);
    if (receiverId !== null && receiverId !== partnerOf(conversation, userId)) {
      throw new Refusal(400, 'INVALID_REQUEST', 'unable to send; the receiver is not in the conversation');
    }
    const { message, isNew } = chat.send({
      conversationId: conversation.id,
      senderId: userId,
      text,
      mediaUrl,
      clientId: textOf(body.client_id),
      raises: true,
    });
    return {
      status: isNew ? 201 : 200,
      body: { success: true, message: rows.message(message) },
      announce: () => isNew && announce.message(conversation, message, 'rest'),
    };
  };

  const markConversation: Handler = ({ userId, params, body }) => {
    const conversation = chat.find(params[0] ?? '', userId);
    const upTo = (isExact ? countOf(body.up_to_seq) : null) ?? conversation.messages.length;
    const changed = chat.markSeen(conversation, userId, upTo);
    return seenReply(settings, conversation, userId, changed, null);
  };

  const markMessage: Handler = ({ userId, body }) => {
    const id = idOf(body.message_id);
    const message = settings.records.messages.get(id ?? '');
    if (id === null || (!message && !isUuid(id))) {
      throw new Refusal(400, 'INVALID_REQUEST', 'unable to mark; message_id must be a UUID');
    }
    if (!message) throw new Refusal(404, 'MESSAGE_NOT_FOUND', 'unable to find the message');
    const conversation = chat.find(message.conversationId, userId);
    const changed = chat.markSeen(conversation, userId, message.seq);
    return seenReply(settings, conversation, userId, changed, id);
  };

  return [
    ...(has('document') ? ([['GET', /^\/api\/conversations$/, list]] as const) : []),
    ...(has('running') ? ([['GET', /^\/api\/messages\/conversations$/, list]] as const) : []),
    ['GET', /^\/api\/conversations\/([^/]+)\/messages$/, page],
    ...(has('document') ? ([['POST', /^\/api\/messages\/send$/, send]] as const) : []),
    ...(has('running') ? ([['POST', /^\/api\/messages$/, send]] as const) : []),
    ['POST', /^\/api\/conversations\/([^/]+)\/messages$/, send],
    ...(has('document') ? ([['POST', /^\/api\/messages\/mark-seen$/, markMessage]] as const) : []),
    ['PUT', /^\/api\/conversations\/([^/]+)\/seen$/, markConversation],
    ['POST', /^\/api\/fcm\/(?:un)?register$/, () => ({ body: { success: true } })],
  ];
}

function seenReply(
  { level, rows, announce }: RestSettings,
  conversation: ConversationRecord,
  userId: string,
  changed: boolean,
  messageId: string | null,
): Reply {
  const { read_seq, unread_count } = seenState(conversation, userId);
  const exact = { conversation_id: rows.id(conversation.id), read_seq, unread_count };
  return {
    body: { success: true, ...(level === 2 ? exact : {}) },
    announce: () => (changed || level < 2) && announce.seen(conversation, userId, messageId),
  };
}

function windowOf({ messages }: ConversationRecord, query: URLSearchParams, isExact: boolean) {
  const total = messages.length;
  const limit = Math.min(200, Math.max(1, countOf(query.get('limit')) ?? 50));
  const page = Math.max(1, countOf(query.get('page')) ?? 1);
  const before = isExact ? countOf(query.get('before_seq')) : null;
  const after = isExact ? countOf(query.get('after_seq')) : null;
  if (after !== null) return { messages: messages.slice(after, after + limit), total, page, limit };
  const end = before === null ? total - (page - 1) * limit : Math.min(total, Math.max(0, before - 1));
  return { messages: messages.slice(Math.max(0, end - limit), Math.max(0, end)), total, page, limit };
}

function readSeqs(conversation: ConversationRecord, rows: WireRows): WirePayload {
  return Object.fromEntries(
    conversation.members.map((id) => [String(rows.id(id)), seenState(conversation, id).read_seq]),
  );
}

export function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}
