import { seenState } from './chat-store.ts';
import { type ConversationRecord, type MessageRecord, partnerOf, type UserRecord } from './records.ts';
import { type Member, ownRooms, type Rooms, roomOf } from './rooms.ts';
import type { WireLevel, WireRows } from './wire-rows.ts';

/** How something reached the backend: the plain wire announces the two differently. */
export type Via = 'rest' | 'socket';

/** Tells those concerned what was committed. */
export interface Announce {
  message(conversation: ConversationRecord, message: MessageRecord, via: Via): void;
  /** `messageId` is set when a single message was marked. */
  seen(conversation: ConversationRecord, readerId: string, messageId: string | null): void;
  deleted(conversation: ConversationRecord, message: MessageRecord): void;
  state(conversation: ConversationRecord): void;
  opened(conversation: ConversationRecord): void;
  typing(conversation: ConversationRecord, typist: Member, isTyping: boolean): void;
  presence(userId: string, status: 'online' | 'away' | 'offline'): void;
  /** What a joiner learns of its partners. */
  partners(joiner: Member): void;
  avatar(user: UserRecord): void;
  profile(user: UserRecord): void;
  syncState(conversation: ConversationRecord, member: Member): void;
}

export interface AnnounceSettings {
  readonly level: WireLevel;
  readonly rooms: Rooms;
  readonly rows: WireRows;
  readonly now: () => number;
  listOf(userId: string): readonly ConversationRecord[];
}

export function createAnnounce(settings: AnnounceSettings): Announce {
  const shared = createShared(settings);
  return settings.level === 2 ? exact(settings, shared) : plain(settings, shared);
}

type Shared = Pick<Announce, 'avatar' | 'profile' | 'syncState'>;

function createShared({ rooms, rows }: AnnounceSettings): Shared {
  return {
    avatar(user) {
      const { avatar_url, ...rest } = rows.avatar(user);
      const userId = rows.id(user.id);
      if (avatar_url) return rooms.sendAll('user:avatar:updated', { userId, avatar_url, ...rest });
      const { avatar_thumb_url: _none, ...version } = rest;
      rooms.sendAll('user:avatar:deleted', { userId, ...version });
    },
    profile: (user) =>
      rooms.sendAll('user:profile:updated', { userId: rows.id(user.id), display_name: user.name }),
    syncState(conversation, member) {
      const { last_seq, read_seq, unread_count } = seenState(conversation, member.userId);
      const conversation_id = rows.id(conversation.id);
      rooms.sendOne(member, 'sync_state', {
        conversation_id,
        last_seq,
        seen_seq: read_seq,
        unread: unread_count,
      });
    },
  };
}

/** Level 2: each socket once, absolute numbers. */
function exact({ rooms, rows, now, listOf }: AnnounceSettings, shared: Shared): Announce {
  const timestamp = () => rows.time(now());
  const everyone = ({ id, members }: ConversationRecord) => [
    roomOf.conversation(id),
    ...members.flatMap(ownRooms),
  ];

  function listUpdated(conversation: ConversationRecord, userId: string, action: string, extra: object) {
    rooms.send(ownRooms(userId), 'conversation_list_updated', {
      conversation_id: rows.id(conversation.id),
      action,
      timestamp: timestamp(),
      conversation_context: rows.context(conversation),
      ...extra,
    });
  }

  function unread(conversation: ConversationRecord, userId: string) {
    rooms.send(ownRooms(userId), 'unread_count_updated', {
      conversation_id: rows.id(conversation.id),
      ...seenState(conversation, userId),
      action: 'set',
      timestamp: timestamp(),
    });
  }

  return {
    ...shared,
    message(conversation, message) {
      const conversation_id = rows.id(conversation.id);
      const row = rows.message(message);
      rooms.send([roomOf.conversation(conversation.id)], 'new_message', {
        conversation_id,
        message: row,
        conversation_context: rows.context(conversation),
      });
      listUpdated(conversation, message.senderId, 'message_sent', { message: row });
      listUpdated(conversation, message.receiverId, 'message_received', { message: row });
      unread(conversation, message.receiverId);
      const { receiverId } = message;
      rooms.send([roomOf.notifications(receiverId), roomOf.user(receiverId)], 'notification', {
        type: 'message',
        data: {
          id: `n-${message.id}`,
          title: 'New message',
          body: message.text || 'Photo',
          created_at: rows.time(message.createdAt),
          payload: {},
          conversation_id,
          message: row,
          sender_id: rows.id(message.senderId),
          receiver_id: rows.id(receiverId),
        },
      });
    },
    seen(conversation, readerId, messageId) {
      const state = seenState(conversation, readerId);
      const conversationId = rows.id(conversation.id);
      const single = messageId === null ? {} : { messageId: rows.id(messageId) };
      const name = messageId === null ? 'messages_seen' : 'message_seen';
      const common = { ...single, conversationId, timestamp: timestamp(), read_seq: state.read_seq };
      const partner = partnerOf(conversation, readerId);
      rooms.send([roomOf.conversation(conversation.id), roomOf.user(partner)], name, {
        ...common,
        userId: rows.id(readerId),
      });
      rooms.send(ownRooms(readerId), `${name}_update`, { ...common, unread_count: state.unread_count });
      unread(conversation, readerId);
    },
    deleted(conversation, message) {
      const row = rows.message(message);
      rooms.send(everyone(conversation), 'message_deleted', {
        conversation_id: rows.id(conversation.id),
        message: row,
      });
      for (const userId of conversation.members) {
        rooms.send(ownRooms(userId), 'conversation_list_updated', {
          conversation_id: rows.id(conversation.id),
          action: 'message_deleted',
          message: row,
          timestamp: timestamp(),
        });
      }
    },
    state(conversation) {
      const context = rows.context(conversation);
      rooms.send(everyone(conversation), 'conversation_state_changed', {
        conversation_id: rows.id(conversation.id),
        ...context,
      });
      for (const userId of conversation.members) {
        listUpdated(conversation, userId, 'state_changed', context);
      }
    },
    opened(conversation) {
      for (const userId of conversation.members) {
        listUpdated(conversation, userId, 'conversation_created', rows.context(conversation));
      }
    },
    typing(conversation, typist, isTyping) {
      const userId = rows.id(typist.userId);
      const conversationId = rows.id(conversation.id);
      const payload = { conversationId, userId, isTyping };
      rooms.send([roomOf.conversation(conversation.id)], 'user_typing', payload, typist.userId);
      rooms.send(ownRooms(partnerOf(conversation, typist.userId)), 'typing_status_update', {
        conversation_id: conversationId,
        user_id: userId,
        is_typing: isTyping,
        timestamp: timestamp(),
      });
    },
    presence(userId, status) {
      const partners = new Set(listOf(userId).map((conversation) => partnerOf(conversation, userId)));
      const payload = { user_id: rows.id(userId), status, timestamp: timestamp() };
      rooms.send([...partners].flatMap(ownRooms), 'user_status_update', payload);
    },
    partners(joiner) {
      const partners = new Set(listOf(joiner.userId).map((row) => partnerOf(row, joiner.userId)));
      for (const id of partners) {
        const status = rooms.isOnline(id) ? 'online' : 'offline';
        rooms.sendOne(joiner, 'user_status_update', {
          user_id: rows.id(id),
          status,
          timestamp: timestamp(),
        });
      }
    },
  };
}

/** Levels 0 and 1: what running backends of the plain wire do, oddities included. */
function plain({ rooms, rows, now, listOf }: AnnounceSettings, shared: Shared): Announce {
  /** Announced per room, each with its own time: a socket in both hears it twice. */
  function twice(userId: string, via: Via, name: string, payload: object) {
    if (via === 'socket') return rooms.send([roomOf.user(userId)], name, { ...payload });
    ownRooms(userId).forEach((room, at) => {
      rooms.send([room], name, { ...payload, timestamp: rows.time(now() + at) });
    });
  }

  return {
    ...shared,
    message(conversation, message, via) {
      const conversation_id = rows.id(conversation.id);
      const conversation_context = rows.context(conversation);
      const row = rows.message(message);
      const { senderId, receiverId } = message;
      rooms.send([roomOf.conversation(conversation.id)], 'new_message', {
        conversation_id,
        message: row,
        conversation_context,
      });
      const list = { conversation_id, message: row, conversation_context };
      twice(senderId, via, 'conversation_list_updated', { ...list, action: 'message_sent' });
      twice(receiverId, via, 'conversation_list_updated', { ...list, action: 'message_received' });
      twice(receiverId, via, 'unread_count_updated', {
        conversation_id,
        unread_count: 1,
        action: 'increment',
      });
      rooms.send([roomOf.user(receiverId)], 'notification', {
        type: 'message',
        data: { conversation_id, message: message.text, sender_id: rows.id(senderId) },
      });
    },
    seen(conversation, readerId, messageId) {
      const conversationId = rows.id(conversation.id);
      const single = messageId === null ? {} : { messageId: rows.id(messageId) };
      const name = messageId === null ? 'messages_seen' : 'message_seen';
      const common = { ...single, conversationId, timestamp: rows.time(now()) };
      rooms.send([roomOf.conversation(conversation.id)], name, { ...common, userId: rows.id(readerId) });
      rooms.send([roomOf.global(readerId)], `${name}_update`, common);
    },
    deleted() {},
    opened() {},
    state(conversation) {
      const payload = { conversation_id: rows.id(conversation.id), ...rows.context(conversation) };
      rooms.send([roomOf.conversation(conversation.id)], 'conversation_state_changed', payload);
      for (const userId of conversation.members) {
        const list = { ...payload, action: 'state_changed' };
        rooms.send([roomOf.global(userId)], 'conversation_list_updated', list);
      }
    },
    typing(conversation, typist, isTyping) {
      const userId = rows.id(typist.userId);
      const conversationId = rows.id(conversation.id);
      const payload = { conversationId, userId, isTyping };
      rooms.send([roomOf.conversation(conversation.id)], 'user_typing', payload, typist.userId);
      const own = { conversation_id: conversationId, user_id: userId, is_typing: isTyping };
      const timestamp = rows.time(now());
      rooms.send([roomOf.global(typist.userId)], 'typing_status_update', { ...own, timestamp });
    },
    presence(userId, status) {
      const id = rows.id(userId);
      if (status === 'offline') return rooms.sendAll('user_offline', { userId: id });
      const shared = listOf(userId).map((conversation) => roomOf.conversation(conversation.id));
      rooms.send(shared, 'user_status_change', { userId: id, status });
    },
    partners(joiner) {
      const user_id = rows.id(joiner.userId);
      rooms.sendOne(joiner, 'user_status_update', {
        user_id,
        status: 'online',
        timestamp: rows.time(now()),
      });
    },
  };
}
