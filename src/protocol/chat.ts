import * as z from 'zod/mini';
import { RealtimeError } from '../errors.ts';
import { chatEvents } from './chat-events.ts';
import type { ChatPreset } from './chat-preset.ts';
import { chatRoutes, savedMessage } from './chat-routes.ts';

const refusedAck = z.object({
  ok: z.literal(false),
  code: z.optional(z.string()),
  error: z.optional(z.string()),
});

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
    deleteAvatar: true,
    deleteMessage: true,
    mediaUpload: false,
  },

  maxTextLength: 1_000,
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
    const { code = 'SERVER_ERROR', error = 'the backend gave no reason' } = refused.data;
    throw new RealtimeError(
      isRetryable(code) ? 'SERVER_ERROR' : 'FORBIDDEN',
      `unable to send the message; ${error} (${code})`,
      {
        retryable: isRetryable(code),
      },
    );
  },
};

/** Codes that a later try may not meet again. */
function isRetryable(code: string): boolean {
  return code === 'RATE_LIMITED' || code === 'SERVER_ERROR' || code === 'INTERNAL' || code === 'UNAVAILABLE';
}
