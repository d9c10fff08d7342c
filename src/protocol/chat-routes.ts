import * as z from 'zod/mini';
import type { ChatCapabilities } from '../chat-models.ts';
import { ResponseError } from '../errors.ts';
import type { Fact } from '../facts.ts';
import type { ChatPreset, ConversationsInput, MessagesInput } from './chat-preset.ts';
import { conversationFacts, conversationRow, messageFact, messageRow, readFact } from './chat-rows.ts';
import type { ParseContext } from './route.ts';
import { id, mapOf, parse } from './schemas.ts';
import { safeUrl } from './user-facts.ts';
import { profileFacts, profileRow } from './user-rows.ts';

const flag = z.optional(z.boolean());
const capabilities = z.object({
  level: z.optional(z.union([z.literal(0), z.literal(1), z.literal(2)])),
  avatar_version: flag,
  client_id: flag,
  seq: flag,
  sync: flag,
  acks: flag,
  media_upload: flag,
});
const conversationsAnswer = z.object({ conversations: z.array(conversationRow) });
const conversationAnswer = z.object({ conversation: conversationRow });
const messagesAnswer = z.object({
  messages: z.array(messageRow),
  read_seqs: z.nullish(mapOf((value) => typeof value === 'number')),
});
const messageAnswer = z.object({ message: messageRow });
const savedAnswer = z.union([messageAnswer, z.object({ data: messageRow })]);
const mediaAnswer = z.object({ url: z.string() });
const seenAnswer = z.nullish(z.object({ read_seq: z.nullish(z.number()) }));
const change = z.union([
  z.object({ type: z.literal('message'), message: messageRow }),
  z.object({ type: z.literal('conversation'), conversation: conversationRow }),
  z.object({ type: z.literal('read'), conversation_id: id, user_id: id, read_seq: z.number() }),
  z.object({ type: z.literal('user'), user: profileRow }),
]);
const syncAnswer = z.object({
  changes: z.array(z.unknown()),
  cursor: z.pipe(z.union([z.string(), z.number()]), z.transform(String)),
  has_more: z.optional(z.boolean()),
  reset: z.optional(z.boolean()),
});

/** The paths that the system's document names. */
export const chatRoutes: ChatPreset['routes'] = {
  capabilities: {
    method: 'GET',
    path: () => '/api/capabilities',
    purpose: 'read what the backend can do',
    idempotent: true,
    accepts: [404],
    parse({ status, body }): Partial<ChatCapabilities> | null {
      if (status === 404) return null;
      const row = parse(capabilities, body, 'read what the backend can do');
      return {
        level: row.level ?? 0,
        avatarVersion: row.avatar_version ?? false,
        clientId: row.client_id ?? false,
        seq: row.seq ?? false,
        sync: row.sync ?? false,
        acks: row.acks ?? false,
        mediaUpload: row.media_upload ?? false,
      };
    },
  },

  conversations: {
    method: 'GET',
    path: ({ userId, role, page, limit }) =>
      `/api/conversations${query({ user_id: userId, role, page, limit })}`,
    purpose: 'list the conversations',
    idempotent: true,
    parse({ body, at }, { limit }, context) {
      const rows = parse(conversationsAnswer, body, 'list the conversations').conversations;
      return {
        facts: rows.flatMap((row) => conversationFacts(row, { ...context, at })),
        conversationIds: rows.map((row) => row.id),
        // Running backends say a total of 0: only a short page tells that there is no more.
        hasMore: rows.length >= limit,
      };
    },
  },

  conversation: {
    method: 'GET',
    path: ({ conversationId }) => `/api/conversations/${encodeURIComponent(conversationId)}`,
    purpose: 'read the conversation',
    idempotent: true,
    accepts: [404],
    parse({ status, body, at }, _, context) {
      if (status === 404) return null;
      const { conversation } = parse(conversationAnswer, body, 'read the conversation');
      return conversationFacts(conversation, { ...context, at });
    },
  },

  messages: {
    method: 'GET',
    path: ({ conversationId, page, beforeSeq, afterSeq, limit }) =>
      `/api/conversations/${encodeURIComponent(conversationId)}/messages${query({
        page,
        before_seq: beforeSeq,
        after_seq: afterSeq,
        limit,
      })}`,
    purpose: 'read the messages',
    idempotent: true,
    parse({ body, at }, input, context) {
      const { messages, read_seqs } = parse(messagesAnswer, body, 'read the messages');
      const { conversationId, limit } = input;
      const messageIds = messages.map((row) => String(row.id));
      const hasMore = messages.length >= limit;
      const facts: Fact[] = messages.map((row) => messageFact(row, conversationId, { ...context, at }));
      facts.push({ kind: 'page', conversationId, messageIds, ...edges(input, hasMore) });
      for (const [userId, seq] of Object.entries(read_seqs ?? {})) {
        facts.push(readFact(conversationId, userId, seq));
      }
      return { facts, messageIds, hasMore };
    },
  },

  send: {
    method: 'POST',
    path: () => '/api/messages/send',
    purpose: 'send the message',
    // The outbox decides about sending again.
    idempotent: false,
    body: ({ conversationId, receiverId, text, mediaUrl, clientId }) => ({
      conversation_id: conversationId,
      message: text,
      client_id: clientId,
      ...(receiverId === null ? {} : { receiver_id: receiverId }),
      ...(mediaUrl === null ? {} : { media_url: mediaUrl }),
    }),
    parse: ({ body, at }, { conversationId }, context) =>
      savedMessage(body, conversationId, { ...context, at }),
  },

  uploadMedia: {
    method: 'POST',
    path: () => '/api/media',
    purpose: 'put up the media',
    // The outbox decides about trying again.
    idempotent: false,
    form({ file }) {
      const form = new FormData();
      form.append('file', file);
      return form;
    },
    parse: ({ body }, _, context) =>
      safeUrl('url', parse(mediaAnswer, body, 'put up the media').url, context),
  },

  markSeen: {
    method: 'PUT',
    path: ({ conversationId }) => `/api/conversations/${encodeURIComponent(conversationId)}/seen`,
    purpose: 'mark as seen',
    idempotent: true,
    body: ({ seq, messageId }) => ({
      ...(messageId === null ? {} : { message_id: messageId }),
      ...(seq === null ? {} : { up_to_seq: seq }),
    }),
    parse({ body }, { conversationId, userId }) {
      const row = parse(seenAnswer, body, 'mark as seen');
      return typeof row?.read_seq === 'number' ? [readFact(conversationId, userId, row.read_seq)] : [];
    },
  },

  deleteMessage: {
    method: 'DELETE',
    path: ({ messageId }) => `/api/messages/${encodeURIComponent(messageId)}`,
    purpose: 'delete the message',
    idempotent: true,
    parse({ body, at }, _, context) {
      const { message } = parse(messageAnswer, body, 'delete the message');
      if (message.conversation_id === undefined) return [];
      return [messageFact(message, message.conversation_id, { ...context, at })];
    },
  },

  sync: {
    method: 'GET',
    path: ({ since }) => `/api/sync${query({ since: since ?? undefined })}`,
    purpose: 'read what was missed',
    idempotent: true,
    parse({ body, at }, _, context) {
      const { changes, cursor, has_more, reset } = parse(syncAnswer, body, 'read what was missed');
      return {
        facts: changes.flatMap((value) => changeFacts(value, { ...context, at })),
        cursor,
        hasMore: has_more ?? false,
        isReset: reset ?? false,
      };
    },
  },

  registerPush: {
    method: 'POST',
    path: () => '/api/fcm/register',
    purpose: 'register for push',
    idempotent: true,
    body: ({ token, deviceType, deviceId }) => ({
      token,
      device_type: deviceType,
      ...(deviceId === undefined ? {} : { device_id: deviceId }),
    }),
    parse: () => {},
  },

  unregisterPush: {
    method: 'POST',
    path: () => '/api/fcm/unregister',
    purpose: 'unregister from push',
    idempotent: true,
    accepts: [404],
    body: ({ token }) => ({ token }),
    parse: () => {},
  },
};

/** What running backends have in place of the document's paths: `definePreset({ extends: chat, routes: runningRoutes })`. */
export const runningRoutes = {
  capabilities: null,
  sync: null,
  conversation: null,
  deleteMessage: null,
  uploadMedia: null,
  conversations: {
    path: ({ page, limit }: ConversationsInput) => `/api/messages/conversations${query({ page, limit })}`,
  },
  send: { path: () => '/api/messages' },
} as const;

/** The saved row of a send, under `message`, `data` or bare. */
export function savedMessage(body: unknown, conversationId: string, context: ParseContext) {
  const wrapped = savedAnswer.safeParse(body);
  if (wrapped.success) {
    const row = 'message' in wrapped.data ? wrapped.data.message : wrapped.data.data;
    return messageFact(row, row.conversation_id ?? conversationId, context);
  }
  const row = parse(messageRow, body, 'send the message');
  return messageFact(row, row.conversation_id ?? conversationId, context);
}

/** What one entry of the change feed states; kinds of a newer backend are passed over. */
function changeFacts(value: unknown, context: ParseContext): readonly Fact[] {
  const parsed = change.safeParse(value);
  if (!parsed.success) {
    if (isKnownChange(value))
      throw new ResponseError('unable to read what was missed; a change is malformed', []);
    return [];
  }
  const entry = parsed.data;
  switch (entry.type) {
    case 'message': {
      const { conversation_id } = entry.message;
      return conversation_id === undefined ? [] : [messageFact(entry.message, conversation_id, context)];
    }
    case 'conversation':
      return conversationFacts(entry.conversation, context);
    case 'read':
      return [readFact(entry.conversation_id, entry.user_id, entry.read_seq)];
    case 'user':
      return profileFacts(entry.user.id, entry.user, context);
  }
}

function isKnownChange(value: unknown): boolean {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  return type === 'message' || type === 'conversation' || type === 'read' || type === 'user';
}

function edges({ beforeSeq, afterSeq, page = 1 }: MessagesInput, hasMore: boolean) {
  if (afterSeq !== undefined) return { hasOlder: null, isLatest: !hasMore };
  return { hasOlder: hasMore, isLatest: beforeSeq === undefined && page === 1 };
}

function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
