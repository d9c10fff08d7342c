import { seenState } from './chat-store.ts';
import {
  type Change,
  type ConversationRecord,
  type MessageRecord,
  partnerOf,
  type Records,
  type UserRecord,
  unreadOf,
} from './records.ts';
import type { WirePayload } from './wire-value.ts';

/** How much the backend does beyond the plain wire: 0 nothing · 1 idempotent sends and acks · 2 everything. */
export type WireLevel = 0 | 1 | 2;

/** Spellings that backends differ in. */
export interface WireStyle {
  readonly level: WireLevel;
  readonly numericIds: boolean;
  readonly times: 'milliseconds' | 'microseconds' | 'zoneless';
  /** Name of a message's text at levels 0 and 1. */
  readonly textField: 'message' | 'content';
  readonly publicUrl: string;
}

/** Rows as the wire spells them. */
export interface WireRows {
  id(id: string): string | number;
  time(ms: number): string;
  user(user: UserRecord): WirePayload;
  /** What avatar events and answers carry. */
  avatar(user: UserRecord): WirePayload;
  message(message: MessageRecord): WirePayload;
  conversation(conversation: ConversationRecord, viewerId: string): WirePayload;
  context(conversation: ConversationRecord): WirePayload;
  change(change: Change, viewerId: string): WirePayload;
}

export function createWireRows(style: WireStyle, records: Records): WireRows {
  const { level } = style;
  const isExact = level === 2;
  const id = (value: string) => (style.numericIds && /^\d{1,15}$/.test(value) ? Number(value) : value);
  const url = (key: string | null) => key && `${style.publicUrl}/${key}.webp`;
  const versionOf = (user: UserRecord) => (isExact ? { avatar_version: user.avatarVersion } : {});

  function time(ms: number): string {
    const iso = new Date(ms).toISOString();
    if (style.times === 'microseconds') return iso.replace('Z', '000+00:00');
    return style.times === 'zoneless' ? iso.slice(0, -1) : iso;
  }

  const avatar = (user: UserRecord) => ({
    avatar_url: url(user.avatarKey),
    avatar_thumb_url: url(user.thumbKey),
    ...versionOf(user),
  });

  const user = (row: UserRecord) => ({
    id: id(row.id),
    display_name: row.name,
    username: `user_${row.id}`,
    ...avatar(row),
    ...(isExact ? { updated_at: time(row.updatedAt) } : {}),
  });

  function seenByReceiver({ conversationId, receiverId, seq, isSeen }: MessageRecord): boolean {
    if (!isExact) return isSeen;
    return (records.conversations.get(conversationId)?.seen.get(receiverId) ?? 0) >= seq;
  }

  function message(row: MessageRecord): WirePayload {
    const plain = {
      id: id(row.id),
      conversation_id: id(row.conversationId),
      sender_id: id(row.senderId),
      receiver_id: id(row.receiverId),
      message_type: row.type,
      media_url: row.mediaUrl,
      created_at: time(row.createdAt),
    };
    const seen = seenByReceiver(row);
    if (isExact) {
      return {
        ...plain,
        seq: row.seq,
        client_id: row.clientId,
        content: row.text,
        message: row.text,
        seen,
        is_read: seen,
        deleted_at: row.deletedAt === null ? null : time(row.deletedAt),
      };
    }
    return {
      ...plain,
      [style.textField]: row.text,
      [style.textField === 'message' ? 'seen' : 'is_read']: seen,
      ...(level === 1 ? { client_id: row.clientId } : {}),
    };
  }

  const context = ({ flowState, awaitingRole, chatStatus }: ConversationRecord) => ({
    flow_state: flowState,
    awaiting_role: awaitingRole,
    chat_status: chatStatus,
  });

  function conversation(row: ConversationRecord, viewerId: string): WirePayload {
    const partnerId = partnerOf(row, viewerId);
    const partner = records.users.get(partnerId);
    const last = row.messages.at(-1);
    const shared = {
      id: id(row.id),
      other_user: partner && {
        id: id(partner.id),
        name: partner.name,
        role: partner.role,
        profile_image_url: url(partner.avatarKey),
        ...(isExact ? { avatar_thumb_url: url(partner.thumbKey), ...versionOf(partner) } : {}),
      },
      conversation_type: row.type,
      ...context(row),
      created_at: time(row.createdAt),
      updated_at: time(row.updatedAt),
    };
    if (!isExact) {
      const preview = last && {
        message: last.text,
        created_at: time(last.createdAt),
        sender_id: id(last.senderId),
      };
      return { ...shared, last_message: preview ?? null };
    }
    return {
      ...shared,
      last_message: last ? message(last) : null,
      unread_count: unreadOf(row, viewerId),
      last_seq: row.messages.length,
      read_seq: seenState(row, viewerId).read_seq,
      other_read_seq: seenState(row, partnerId).read_seq,
    };
  }

  return {
    id,
    time,
    user,
    avatar,
    message,
    conversation,
    context,
    change(change, viewerId) {
      switch (change.type) {
        case 'message':
          return { type: 'message', message: message(change.message) };
        case 'conversation':
          return { type: 'conversation', conversation: conversation(change.conversation, viewerId) };
        case 'read':
          return {
            type: 'read',
            conversation_id: id(change.conversation.id),
            user_id: id(change.userId),
            read_seq: change.seq,
          };
        case 'user':
          return { type: 'user', user: user(change.user) };
      }
    },
  };
}
