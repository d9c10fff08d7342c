import type { ChatServer } from '../realtime.ts';
import type { StateChange } from './change-state.ts';
import type { ListAction } from './chat-events.ts';
import type { ConversationContext, ConversationRow, MessageRow } from './chat-rows.ts';
import type { Notifications } from './notifications.ts';
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
  notifications: Notifications;
  clock: () => number;
}): Announcements {
  const { io, notifications, clock } = settings;
  const now = () => new Date(clock()).toISOString();
  /** All pages of a user. */
  const to = (userId: string) => io.to(rooms.user(userId)).to(rooms.global(userId));
  /** All pages of both members, and whoever has the conversation open. */
  const toAll = (conversationId: string, members: readonly string[]) =>
    io.to([rooms.conversation(conversationId), ...members.map(rooms.user)]);

  function listMessage(userId: string, action: ListAction, message: MessageRow, more: object = {}): void {
    const { conversation_id, created_at: timestamp } = message;
    to(userId).emit('conversation_list_updated', { conversation_id, action, message, timestamp, ...more });
  }

  function listContext(userId: string, id: string, action: ListAction, context: ConversationContext): void {
    to(userId).emit('conversation_list_updated', {
      conversation_id: id,
      action,
      timestamp: now(),
      ...context,
      conversation_context: context,
    });
  }

  function countUnread(
    userId: string,
    id: string,
    count: { unread: number; lastSeq: number; readSeq: number },
  ) {
    to(userId).emit('unread_count_updated', {
      conversation_id: id,
      unread_count: count.unread,
      action: 'set',
      timestamp: now(),
      last_seq: count.lastSeq,
      read_seq: count.readSeq,
    });
  }

  return {
    messageSent({ message, news }) {
      if (!news) return;
      const { conversation_id: id, sender_id: sender, receiver_id: receiver, seq } = message;
      const { unread, readSeq, context: conversation_context } = news;
      const event = { conversation_id: id, message, conversation_context };
      io.to(rooms.conversation(id)).emit('new_message', event);
      listMessage(sender, 'message_sent', message, { conversation_context });
      listMessage(receiver, 'message_received', message, { conversation_context });
      countUnread(receiver, id, { unread, lastSeq: seq, readSeq });
      notifications.message(message, news.senderName);
    },

    messageDeleted(message) {
      const { conversation_id, sender_id: sender, receiver_id: receiver } = message;
      toAll(conversation_id, [sender, receiver]).emit('message_deleted', { conversation_id, message });
      for (const userId of [sender, receiver]) {
        listMessage(userId, 'message_deleted', message, { timestamp: now() });
      }
    },

    seen(seen) {
      const { conversationId, messageId, readerId, otherId, readSeq, unread, advanced } = seen;
      if (!advanced) return;
      const event = { conversationId, timestamp: now(), read_seq: readSeq };
      const witnesses = toAll(conversationId, [otherId]);
      if (messageId === undefined) {
        witnesses.emit('messages_seen', { ...event, userId: readerId });
        to(readerId).emit('messages_seen_update', { ...event, unread_count: unread });
      } else {
        witnesses.emit('message_seen', { ...event, messageId, userId: readerId });
        to(readerId).emit('message_seen_update', { ...event, messageId, unread_count: unread });
      }
      countUnread(readerId, conversationId, seen);
    },

    opened(conversation, starterId) {
      const { id, conversation_type: type, flow_state, awaiting_role, chat_status } = conversation;
      const context = { flow_state, awaiting_role, chat_status };
      const otherId = conversation.other_user.id;
      for (const userId of [starterId, otherId]) listContext(userId, id, 'conversation_created', context);
      if (type === 'direct') return;
      notifications.flow({ conversationId: id, type, senderId: starterId, ...context }, otherId);
    },

    stateChanged(change) {
      const { changed, conversationId: id, type, subjectId, actorId, brandOwnerId, influencerId } = change;
      if (!changed) return;
      const { flow_state, awaiting_role, chat_status } = change;
      const context = { flow_state, awaiting_role, chat_status };
      const members = [brandOwnerId, influencerId];
      toAll(id, members).emit('conversation_state_changed', { conversation_id: id, ...context });
      for (const userId of members) listContext(userId, id, 'state_changed', context);
      if (type !== 'direct' && subjectId !== null) {
        const event = { conversation_id: id, ...context, timestamp: now() };
        const theirs = members.map((userId) => rooms[type](subjectId, userId));
        io.to(theirs).emit(type === 'bid' ? 'request_update' : 'campaign_update', event);
      }
      const other = actorId === brandOwnerId ? influencerId : brandOwnerId;
      const byRole = { brand_owner: brandOwnerId, influencer: influencerId };
      const awaited = awaiting_role === null ? other : byRole[awaiting_role];
      for (const userId of new Set([other, awaited])) {
        notifications.flow({ conversationId: id, type, senderId: actorId, ...context }, userId);
      }
    },

    typing(conversationId, userId, otherId, isTyping) {
      const event = { conversationId, userId, isTyping };
      io.to(rooms.conversation(conversationId)).except(rooms.user(userId)).emit('user_typing', event);
      to(otherId).emit('typing_status_update', {
        conversation_id: conversationId,
        user_id: userId,
        is_typing: isTyping,
        timestamp: now(),
      });
    },
  };
}
