import * as z from 'zod/mini';
import { type ErrorCode, RealtimeError } from '../errors.ts';
import { chatEvents } from './chat-events.ts';
import type { ChatPreset } from './chat-preset.ts';
import { chatRoutes, savedMessage } from './chat-routes.ts';

const refusedAck = z.object({
  ok: z.literal(false),
  code: z.optional(z.string()),
  error: z.optional(z.string()),
  retry_after_ms: z.optional(z.number()),
});

/** What a backend's own codes mean; an unknown one is a refusal for good. */
const codes: Readonly<Partial<Record<string, ErrorCode>>> = {
  RATE_LIMITED: 'RATE_LIMITED',
  TOO_MANY_EVENTS: 'RATE_LIMITED',
  SERVER_ERROR: 'SERVER_ERROR',
  INTERNAL: 'SERVER_ERROR',
  UNAVAILABLE: 'SERVER_ERROR',
  INVALID_REQUEST: 'BAD_REQUEST',
  BAD_REQUEST: 'BAD_REQUEST',
  NOT_FOUND: 'NOT_FOUND',
  CLIENT_ID_CONFLICT: 'CONFLICT',
};
const retryableCodes = new Set([
  'RATE_LIMITED',
  'TOO_MANY_EVENTS',
  'SERVER_ERROR',
  'INTERNAL',
  'UNAVAILABLE',
]);

/** Conversations, messages and presence over Socket.IO and REST, with the paths of the system's document. */
export const chat: ChatPreset = {
  name: 'chat',

  capabilities: {
    level: 0,
    avatarVersion: false,
    clientId: false,
    seq: false,
    sync: false,
    acks: false,
    deleteMessage: true,
    mediaUpload: false,
  },

  maxTextLength: 1_000,
  maxMediaBytes: 5_000_000,
  routes: chatRoutes,
  events: chatEvents,

  emits: {
    join: (userId) => [
      { name: 'join', args: [userId] },
      { name: 'join_global_updates', args: [userId] },
      { name: 'request_global_notifications', args: [userId] },
    ],
    joinConversation: (conversationId) => ({ name: 'join_conversation', args: [conversationId] }),
    leaveConversation: (conversationId) => ({ name: 'leave_conversation', args: [conversationId] }),
    room: (kind, id, isWanted) => ({ name: `${isWanted ? 'join' : 'leave'}_${kind}_room`, args: [id] }),
    send: ({ conversationId, senderId, receiverId, text, mediaUrl, clientId }) => ({
      name: 'send_message',
      args: [
        {
          conversationId,
          senderId,
          message: text,
          clientId,
          ...(receiverId === null ? {} : { receiverId }),
          ...(mediaUrl === null ? {} : { mediaUrl }),
        },
      ],
    }),
    typing: ({ conversationId, userId, isTyping }) => ({
      name: isTyping ? 'typing_start' : 'typing_stop',
      args: [{ conversationId, userId }],
    }),
    presence: ({ userId, presence }) => ({ name: 'user_status', args: [{ userId, status: presence }] }),
  },

  parseSendAck(ack, { conversationId }, context) {
    const refused = refusedAck.safeParse(ack);
    if (!refused.success) return savedMessage(ack, conversationId, context);
    const { code = 'SERVER_ERROR', error = 'the backend gave no reason', retry_after_ms } = refused.data;
    throw new RealtimeError(codes[code] ?? 'FORBIDDEN', `unable to send the message; ${error} (${code})`, {
      retryable: retryableCodes.has(code),
      serverCode: code,
      retryAfterMs: retry_after_ms,
    });
  },
};
