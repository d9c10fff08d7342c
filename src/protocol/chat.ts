import { chatEvents } from './chat-events.ts';
import type { ChatPreset } from './chat-preset.ts';
import { chatRoutes, savedMessage } from './chat-routes.ts';
import { rejectRefusal } from './refused-ack.ts';

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
    typing: ({ conversationId, userId, isTyping }) => ({
      name: isTyping ? 'typing_start' : 'typing_stop',
      args: [{ conversationId, userId }],
    }),
    presence: ({ userId, presence }) => ({ name: 'user_status', args: [{ userId, status: presence }] }),
  },

  commands: {
    send: {
      emit: ({ conversationId, senderId, receiverId, text, mediaUrl, clientId }) => ({
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
      parse(ack, { conversationId }, context) {
        rejectRefusal(ack, 'send the message');
        return savedMessage(ack, conversationId, context);
      },
    },
    markSeen: null,
  },

  dialect: null,
};
