export type Role = 'brand_owner' | 'influencer';
export type ConversationType = 'direct' | 'bid' | 'campaign';
export type ChatStatus = 'automated' | 'realtime' | 'closed';
export type MessageType = 'text' | 'image' | 'file' | 'system';

export interface ConversationContext {
  flow_state: string;
  awaiting_role: Role | null;
  chat_status: ChatStatus;
}

/** A message as the wire spells it; the same for both members. */
export interface MessageRow {
  id: string;
  conversation_id: string;
  seq: number;
  client_id: string | null;
  sender_id: string;
  receiver_id: string;
  content: string;
  /** The same text; running clients read either. */
  message: string;
  message_type: MessageType;
  media_url: string | null;
  seen: boolean;
  is_read: boolean;
  created_at: string;
  deleted_at: string | null;
}

/** A conversation as one of its members sees it. */
export interface ConversationRow extends ConversationContext {
  id: string;
  other_user: {
    id: string;
    name: string;
    role: string;
    profile_image_url: string | null;
    avatar_thumb_url: string | null;
    avatar_version: number;
  };
  last_message: MessageRow | null;
  conversation_type: ConversationType;
  bid_id: string | null;
  campaign_id: string | null;
  unread_count: number;
  last_seq: number;
  read_seq: number;
  other_read_seq: number;
  created_at: string;
  updated_at: string;
}

export interface StoredMessage {
  id: string;
  conversation_id: string;
  seq: number;
  client_id: string | null;
  sender_id: string;
  receiver_id: string;
  content: string;
  message_type: MessageType;
  media_url: string | null;
  is_read: boolean;
  created_at: Date;
  deleted_at: Date | null;
}

export interface StoredConversation extends ConversationContext {
  id: string;
  conversation_type: ConversationType;
  subject_id: string | null;
  last_seq: number;
  last_message_id: string | null;
  created_at: Date;
  updated_at: Date;
  read_seq: number;
  unread: number;
  other_read_seq: number;
  other_id: string;
  other_name: string;
  other_role: string;
  avatar_url: string | null;
  avatar_thumb_url: string | null;
  avatar_version: number;
}

export const selectMessages = `
  select m.id, m.conversation_id, m.seq, m.client_id, m.sender_id, m.content, m.message_type, m.media_url,
    m.is_read, m.created_at, m.deleted_at,
    case m.sender_id when c.brand_owner_id then c.influencer_id else c.brand_owner_id end as receiver_id
  from messages m join conversations c on c.id = m.conversation_id`;

/** The conversations of user `$1`. */
export const selectConversations = `
  select c.id, c.conversation_type, c.subject_id, c.flow_state, c.awaiting_role, c.chat_status, c.last_seq,
    c.last_message_id, c.created_at, c.updated_at, mine.read_seq, mine.unread, theirs.read_seq as other_read_seq,
    u.id as other_id, u.name as other_name, u.role as other_role, u.avatar_url, u.avatar_thumb_url, u.avatar_version
  from conversation_members mine
    join conversations c on c.id = mine.conversation_id
    join conversation_members theirs on theirs.conversation_id = c.id and theirs.user_id <> mine.user_id
    join users u on u.id = theirs.user_id
  where mine.user_id = $1`;

export function toMessageRow(stored: StoredMessage): MessageRow {
  const { content, is_read: seen, created_at: createdAt, deleted_at: deletedAt } = stored;
  return {
    ...stored,
    message: content,
    seen,
    created_at: createdAt.toISOString(),
    deleted_at: deletedAt?.toISOString() ?? null,
  };
}

export function toConversationRow(
  stored: StoredConversation,
  lastMessage: MessageRow | null,
  pictureUrl: (path: string) => string,
): ConversationRow {
  const { conversation_type: type, subject_id: subject } = stored;
  return {
    id: stored.id,
    other_user: {
      id: stored.other_id,
      name: stored.other_name,
      role: stored.other_role,
      profile_image_url: stored.avatar_url && pictureUrl(stored.avatar_url),
      avatar_thumb_url: stored.avatar_thumb_url && pictureUrl(stored.avatar_thumb_url),
      avatar_version: stored.avatar_version,
    },
    last_message: lastMessage,
    conversation_type: type,
    bid_id: type === 'bid' ? subject : null,
    campaign_id: type === 'campaign' ? subject : null,
    flow_state: stored.flow_state,
    awaiting_role: stored.awaiting_role,
    chat_status: stored.chat_status,
    unread_count: stored.unread,
    last_seq: stored.last_seq,
    read_seq: stored.read_seq,
    other_read_seq: stored.other_read_seq,
    created_at: stored.created_at.toISOString(),
    updated_at: stored.updated_at.toISOString(),
  };
}
