import { z } from 'zod';

export const role = z.enum(['brand_owner', 'influencer']);
export const conversationType = z.enum(['direct', 'bid', 'campaign']);
export const chatStatus = z.enum(['automated', 'realtime', 'closed']);
const messageType = z.enum(['text', 'image', 'file', 'system']);

export type Role = z.output<typeof role>;
export type ConversationType = z.output<typeof conversationType>;
export type ChatStatus = z.output<typeof chatStatus>;
export type MessageType = z.output<typeof messageType>;

export const count = z.int().min(0);
export const time = z.iso.datetime();

export const conversationContext = z
  .object({ flow_state: z.string(), awaiting_role: role.nullable(), chat_status: chatStatus })
  .meta({ id: 'ConversationContext' });
export type ConversationContext = z.output<typeof conversationContext>;

export const messageRow = z
  .object({
    id: z.string(),
    conversation_id: z.string(),
    seq: count.describe('Level 2. Its number in the conversation: 1, 2, 3 …, without holes'),
    client_id: z.string().nullable().describe('Level 1. What its sender called it'),
    sender_id: z.string(),
    receiver_id: z.string(),
    content: z.string(),
    message: z.string().describe('The same text; running clients read either'),
    message_type: messageType,
    media_url: z.string().nullable(),
    seen: z.boolean(),
    is_read: z.boolean().describe('The same as `seen`'),
    created_at: time,
    deleted_at: time.nullable().describe('Deleted messages stay, without what they said'),
  })
  .meta({ id: 'Message', description: 'A message as the wire spells it; the same for both members' });
export type MessageRow = z.output<typeof messageRow>;

const otherUser = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  profile_image_url: z.string().nullable(),
  avatar_thumb_url: z.string().nullable(),
  avatar_version: count.describe('Raised by every change of the picture, a delete too'),
});

export const conversationRow = z
  .object({
    id: z.string(),
    other_user: otherUser,
    last_message: messageRow.nullable(),
    conversation_type: conversationType,
    bid_id: z.string().nullable(),
    campaign_id: z.string().nullable(),
    ...conversationContext.shape,
    unread_count: count,
    last_seq: count.describe('Level 2. The number of the newest message'),
    read_seq: count.describe('Level 2. How far the caller has seen it'),
    other_read_seq: count.describe('Level 2. How far the other has seen it'),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Conversation', description: 'A conversation as one of its members sees it' });
export type ConversationRow = z.output<typeof conversationRow>;

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
