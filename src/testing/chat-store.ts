import { type ConversationRecord, type MessageRecord, partnerOf, type Records, unreadOf } from './records.ts';
import { Refusal } from './refusal.ts';
import type { SyncLog } from './sync-log.ts';

/** What somebody wants to say. */
export interface Draft {
  readonly conversationId: string;
  readonly senderId: string;
  readonly text: string;
  readonly mediaUrl: string | null;
  readonly clientId: string | null;
  /** Whether the conversation moves up in the list; the plain wire's socket sends do not do that. */
  readonly raises: boolean;
}

/** Writes of the chat, each one a transaction. */
export interface ChatStore {
  /** The conversation, if the user is a member. */
  find(conversationId: string | null, userId: string): ConversationRecord;
  listOf(userId: string): ConversationRecord[];
  /** Finds or opens the direct conversation of two people. */
  open(
    userId: string,
    otherId: string,
  ): { readonly conversation: ConversationRecord; readonly isNew: boolean };
  send(draft: Draft): { readonly message: MessageRecord; readonly isNew: boolean };
  /** Raises the mark; it never falls and never passes the newest message. */
  markSeen(conversation: ConversationRecord, userId: string, upTo: number): boolean;
  remove(messageId: string, userId: string): MessageRecord;
  setState(
    conversation: ConversationRecord,
    state: { flowState?: string; awaitingRole?: string | null; chatStatus?: string },
  ): void;
}

export interface ChatStoreSettings {
  readonly records: Records;
  readonly syncLog: SyncLog;
  readonly now: () => number;
  readonly nextId: () => string;
  /** Whether a repeated `client_id` means the same message. */
  readonly isIdempotent: boolean;
}

export function createChatStore(settings: ChatStoreSettings): ChatStore {
  const { records, syncLog, now, nextId } = settings;
  const byClientId = new Map<string, MessageRecord>();

  function find(conversationId: string | null, userId: string) {
    const conversation = records.conversations.get(conversationId ?? '');
    if (conversation?.members.includes(userId)) return conversation;
    throw new Refusal(404, 'CONVERSATION_NOT_FOUND', 'unable to find the conversation');
  }

  return {
    find,
    listOf: (userId) =>
      [...records.conversations.values()]
        .filter(({ members }) => members.includes(userId))
        .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1)),

    open(userId, otherId) {
      if (!records.users.has(otherId) || otherId === userId) {
        throw new Refusal(404, 'USER_NOT_FOUND', 'unable to find the receiver');
      }
      const known = [...records.conversations.values()].find(
        ({ members, type }) => type === 'direct' && members.includes(userId) && members.includes(otherId),
      );
      if (known) return { conversation: known, isNew: false };
      const conversation = createConversation(nextId(), [userId, otherId], 'direct', now());
      records.conversations.set(conversation.id, conversation);
      syncLog.add(conversation.members, { type: 'conversation', conversation });
      return { conversation, isNew: true };
    },

    send({ conversationId, senderId, text, mediaUrl, clientId, raises }) {
      const conversation = find(conversationId, senderId);
      const key = clientId && settings.isIdempotent ? `${senderId} ${clientId}` : null;
      const first = key === null ? undefined : byClientId.get(key);
      if (first) {
        const isSame =
          first.conversationId === conversationId && first.text === text && first.mediaUrl === mediaUrl;
        if (isSame || first.deletedAt !== null) return { message: first, isNew: false };
        throw new Refusal(
          409,
          'CLIENT_ID_CONFLICT',
          'unable to send; the client_id belongs to another message',
        );
      }
      const message: MessageRecord = {
        id: nextId(),
        conversationId,
        seq: conversation.messages.length + 1,
        clientId: settings.isIdempotent ? clientId : null,
        senderId,
        receiverId: partnerOf(conversation, senderId),
        text,
        sentText: text,
        mediaUrl,
        type: mediaUrl ? 'image' : 'text',
        createdAt: now(),
        deletedAt: null,
        isSeen: false,
      };
      conversation.messages.push(message);
      if (raises) conversation.updatedAt = now();
      records.messages.set(message.id, message);
      if (key !== null) byClientId.set(key, message);
      syncLog.add(conversation.members, { type: 'message', message });
      return { message, isNew: true };
    },

    markSeen(conversation, userId, upTo) {
      const held = conversation.seen.get(userId) ?? 0;
      const seq = Math.max(held, Math.min(upTo, conversation.messages.length));
      if (seq === held) return false;
      conversation.seen.set(userId, seq);
      for (const message of conversation.messages) {
        if (message.seq <= seq && message.receiverId === userId) message.isSeen = true;
      }
      syncLog.add(conversation.members, { type: 'read', conversation, userId, seq });
      return true;
    },

    remove(messageId, userId) {
      const message = records.messages.get(messageId);
      const conversation = message && records.conversations.get(message.conversationId);
      if (!message || !conversation?.members.includes(userId)) {
        throw new Refusal(404, 'MESSAGE_NOT_FOUND', 'unable to find the message');
      }
      if (message.senderId !== userId)
        throw new Refusal(403, 'FORBIDDEN', 'unable to delete; it is not yours');
      if (message.deletedAt !== null) return message;
      message.deletedAt = now();
      message.text = '';
      message.mediaUrl = null;
      syncLog.add(conversation.members, { type: 'message', message });
      return message;
    },

    setState(conversation, { flowState, awaitingRole, chatStatus }) {
      if (flowState !== undefined) conversation.flowState = flowState;
      if (awaitingRole !== undefined) conversation.awaitingRole = awaitingRole;
      if (chatStatus !== undefined) conversation.chatStatus = chatStatus;
      conversation.updatedAt = now();
      syncLog.add(conversation.members, { type: 'conversation', conversation });
    },
  };
}

export function createConversation(
  id: string,
  members: readonly [string, string],
  type: string,
  at: number,
): ConversationRecord {
  return {
    id,
    members,
    type,
    flowState: type === 'direct' ? 'open' : 'request_sent',
    awaitingRole: type === 'direct' ? null : 'influencer',
    chatStatus: type === 'direct' ? 'realtime' : 'automated',
    createdAt: at,
    updatedAt: at,
    messages: [],
    seen: new Map(),
  };
}

/** The member's own view of what is left to see. */
export function seenState(conversation: ConversationRecord, userId: string) {
  return {
    last_seq: conversation.messages.length,
    read_seq: conversation.seen.get(userId) ?? 0,
    unread_count: unreadOf(conversation, userId),
  };
}
