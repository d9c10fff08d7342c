import { randomUUID } from 'node:crypto';
import type { Roster } from '../nodes/roster.ts';
import type { Push } from '../push/push.ts';
import type { ChatServer } from '../realtime.ts';
import type { NotificationData } from './chat-events.ts';
import type { ConversationContext, ConversationType, MessageRow } from './chat-rows.ts';
import { noteOf } from './flow.ts';
import { rooms } from './rooms.ts';

export interface FlowNews extends ConversationContext {
  conversationId: string;
  type: ConversationType;
  senderId: string;
}

/** What asks for a person's attention: on their pages, and on their phones. */
export interface Notifications {
  message(message: MessageRow, senderName: string): void;
  flow(news: FlowNews, receiverId: string): void;
}

export function createNotifications(settings: {
  io: ChatServer;
  roster: Roster;
  push: Push;
  /** Whether phones, and those who carry it there, may read what was written. */
  pushText: boolean;
  clock: () => number;
}): Notifications {
  const { io, roster, push, pushText, clock } = settings;

  function show(type: string, data: NotificationData): void {
    const { receiver_id: id } = data;
    io.to(rooms.notifications(id)).to(rooms.user(id)).emit('notification', { type, data });
  }

  return {
    message(message, title) {
      const { id, conversation_id, sender_id, receiver_id, created_at } = message;
      const note = { title, body: summaryOf(message) };
      const payload = {};
      const data = { id, ...note, created_at, payload, conversation_id, message, sender_id, receiver_id };
      show('message', data);
      if (roster.socketsOf(receiver_id) > 0) return;
      push.notify({
        userId: receiver_id,
        type: 'message',
        title,
        body: pushText ? note.body : 'You have a new message',
        conversationId: conversation_id,
        messageId: id,
      });
    },

    flow({ conversationId, type, senderId, ...context }, receiverId) {
      const note = { title: type === 'bid' ? 'Bid' : 'Campaign', body: noteOf(context.flow_state) };
      const kind = `${type}_update`;
      show(kind, {
        id: randomUUID(),
        ...note,
        created_at: new Date(clock()).toISOString(),
        payload: { conversation_type: type, ...context },
        conversation_id: conversationId,
        message: null,
        sender_id: senderId,
        receiver_id: receiverId,
      });
      push.notify({ userId: receiverId, type: kind, ...note, conversationId, messageId: null });
    },
  };
}

function summaryOf({ content, message_type: type }: MessageRow): string {
  if (content !== '') return content;
  return type === 'image' ? 'Photo' : 'File';
}
