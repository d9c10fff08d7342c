import { randomUUID } from 'node:crypto';
import type { StateChange } from './change-state.ts';
import type { ListAction, NotificationData } from './chat-events.ts';
import type { ConversationRow, MessageRow } from './chat-rows.ts';
import { noteOf } from './flow.ts';
import type { Presence } from './presence.ts';
import type { Push } from './push.ts';
import type { ChatServer } from './realtime.ts';
import { rooms } from './rooms.ts';
import type { Seen } from './seen.ts';
import type { SentMessage } from './send-message.ts';

/** Tells whom it concerns what has been committed. A socket in several of the rooms hears it once. */
export interface Announcements {
  messageSent(sent: SentMessage): void;
  messageDeleted(message: MessageRow): void;
  seen(seen: Seen): void;
  opened(conversation: ConversationRow, starterId: string): void;
  stateChanged(change: StateChange): void;
  typing(conversationId: string, userId: string, otherId: string, isTyping: boolean): void;
}

export function createAnnouncements(settings: {
  io: ChatServer;
  presence: Presence;
  push: Push;
  clock: () => number;
}): Announcements {
  const { io, presence, push, clock } = settings;
  const timestamp = () => new Date(clock()).toISOString();
  /** All pages of a user. */
  const to = (userId: string) => io.to(rooms.user(userId)).to(rooms.global(userId));

  function notify(type: string, data: NotificationData): void {
    const { receiver_id: id } = data;
    io.to(rooms.notifications(id)).to(rooms.user(id)).emit('notification', { type, data });
  }

  function notifyOfFlow(
    conversation: { id: string; type: string; context: Record<string, unknown>; note: string },
    senderId: string,
    receiverId: string,
  ): void {
    const { id, type, context, note } = conversation;
    const title = type === 'bid' ? 'Bid' : 'Campaign';
    const kind = `${type}_update`;
    notify(kind, {
      id: randomUUID(),
      title,
      body: note,
      created_at: timestamp(),
      payload: { conversation_type: type, ...context },
      conversation_id: id,
      message: null,
      sender_id: senderId,
      receiver_id: receiverId,
    });
    push.notify({
      userId: receiverId,
      type: kind,
      title,
      body: note,
      conversationId: id,
      messageId: null,
    });
  }

  return {
    messageSent({ message, news }) {
      if (!news) return;
      const { conversation_id, sender_id: sender, receiver_id: receiver, seq } = message;
      const { context, senderName, unread, readSeq } = news;
      io.to(rooms.conversation(conversation_id)).emit('new_message', {
        conversation_id,
        message,
        conversation_context: context,
      });
      const listed = (action: ListAction) => ({
        conversation_id,
        action,
        message,
        timestamp: message.created_at,
        conversation_context: context,
      });
      to(sender).emit('conversation_list_updated', listed('message_sent'));
      to(receiver).emit('conversation_list_updated', listed('message_received'));
      to(receiver).emit('unread_count_updated', {
        conversation_id,
        unread_count: unread,
        action: 'set',
        timestamp: message.created_at,
        last_seq: seq,
        read_seq: readSeq,
      });
      const body = summaryOf(message);
      notify('message', {
        id: message.id,
        title: senderName,
        body,
        created_at: message.created_at,
        payload: {},
        conversation_id,
        message,
        sender_id: sender,
        receiver_id: receiver,
      });
      if (presence.isConnected(receiver)) return;
      push.notify({
        userId: receiver,
        type: 'message',
        title: senderName,
        body,
        conversationId: conversation_id,
        messageId: message.id,
      });
    },

    messageDeleted(message) {
      const { conversation_id, sender_id: sender, receiver_id: receiver } = message;
      io.to([rooms.conversation(conversation_id), rooms.user(sender), rooms.user(receiver)]).emit(
        'message_deleted',
        { conversation_id, message },
      );
      for (const userId of [sender, receiver]) {
        to(userId).emit('conversation_list_updated', {
          conversation_id,
          action: 'message_deleted',
          message,
          timestamp: timestamp(),
        });
      }
    },

    seen({ conversationId, messageId, readerId, otherId, readSeq, unread, lastSeq, advanced }) {
      if (!advanced) return;
      const event = { conversationId, timestamp: timestamp(), read_seq: readSeq };
      const readers = io.to(rooms.conversation(conversationId)).to(rooms.user(otherId));
      if (messageId === undefined) {
        readers.emit('messages_seen', { ...event, userId: readerId });
        to(readerId).emit('messages_seen_update', { ...event, unread_count: unread });
      } else {
        readers.emit('message_seen', { ...event, messageId, userId: readerId });
        to(readerId).emit('message_seen_update', { ...event, messageId, unread_count: unread });
      }
      to(readerId).emit('unread_count_updated', {
        conversation_id: conversationId,
        unread_count: unread,
        action: 'set',
        timestamp: event.timestamp,
        last_seq: lastSeq,
        read_seq: readSeq,
      });
    },

    opened(conversation, starterId) {
      const { id, conversation_type: type, flow_state, awaiting_role, chat_status } = conversation;
      const context = { flow_state, awaiting_role, chat_status };
      const otherId = conversation.other_user.id;
      for (const userId of [starterId, otherId]) {
        to(userId).emit('conversation_list_updated', {
          conversation_id: id,
          action: 'conversation_created',
          timestamp: conversation.created_at,
          ...context,
          conversation_context: context,
        });
      }
      if (type !== 'direct')
        notifyOfFlow({ id, type, context, note: noteOf(flow_state) }, starterId, otherId);
    },

    stateChanged(change) {
      const { changed, conversationId, type, actorId, brandOwnerId, influencerId } = change;
      if (!changed) return;
      const { flow_state, awaiting_role, chat_status } = change;
      const context = { flow_state, awaiting_role, chat_status };
      io.to([rooms.conversation(conversationId), rooms.user(brandOwnerId), rooms.user(influencerId)]).emit(
        'conversation_state_changed',
        { conversation_id: conversationId, ...context },
      );
      for (const userId of [brandOwnerId, influencerId]) {
        to(userId).emit('conversation_list_updated', {
          conversation_id: conversationId,
          action: 'state_changed',
          timestamp: timestamp(),
          ...context,
          conversation_context: context,
        });
      }
      const other = actorId === brandOwnerId ? influencerId : brandOwnerId;
      const awaiting = { brand_owner: brandOwnerId, influencer: influencerId, nobody: other }[
        awaiting_role ?? 'nobody'
      ];
      for (const userId of new Set([other, awaiting])) {
        notifyOfFlow({ id: conversationId, type, context, note: noteOf(flow_state) }, actorId, userId);
      }
    },

    typing(conversationId, userId, otherId, isTyping) {
      io.to(rooms.conversation(conversationId))
        .except(rooms.user(userId))
        .emit('user_typing', { conversationId, userId, isTyping });
      to(otherId).emit('typing_status_update', {
        conversation_id: conversationId,
        user_id: userId,
        is_typing: isTyping,
        timestamp: timestamp(),
      });
    },
  };
}

function summaryOf({ content, message_type: type }: MessageRow): string {
  if (content !== '') return content;
  return type === 'image' ? 'Photo' : 'File';
}
