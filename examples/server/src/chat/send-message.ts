import { createHash, randomUUID } from 'node:crypto';
import type { Database, Queries } from '../database/database.ts';
import { ApiError } from '../errors.ts';
import { recordChange } from './changes.ts';
import {
  type ConversationContext,
  type MessageRow,
  type MessageType,
  type StoredMessage,
  selectMessages,
  toMessageRow,
} from './chat-rows.ts';
import { noSuchConversation } from './conversations.ts';
import { openConversation } from './open-conversation.ts';

export interface Draft {
  /** Without it the direct conversation with the receiver is found or opened. */
  conversationId: string | undefined;
  receiverId: string | undefined;
  /** Trimmed; empty only with media. */
  content: string;
  mediaUrl: string | null;
  clientId: string | null;
}

/** What others have to be told of a message. */
export interface MessageNews {
  context: ConversationContext;
  senderName: string;
  /** The receiver's count and mark after it. */
  unread: number;
  readSeq: number;
}

export interface SentMessage {
  message: MessageRow;
  /** `undefined` for a repeat: others have been told already. */
  news: MessageNews | undefined;
}

export type SendMessage = (senderId: string, draft: Draft) => Promise<SentMessage>;

interface Raised extends ConversationContext {
  seq: number;
  receiver_id: string;
  sender_name: string;
}

/** Rolls the transaction back, so that a repeat leaves no hole in the numbers. */
class AlreadySent extends Error {}

/** Stores a message exactly once per sender and client id: a repeat gets the first row again. */
export function createSendMessage(settings: { database: Database; clock: () => number }): SendMessage {
  const { database, clock } = settings;

  async function insert(tx: Queries, senderId: string, draft: Draft): Promise<SentMessage> {
    const { content, mediaUrl, clientId } = draft;
    const now = new Date(clock());
    const place = await findPlace(tx, senderId, draft, now);
    const id = randomUUID();
    const { seq, receiver_id, sender_name, ...context } = await raise(tx, place.id, senderId, id, now);
    if (draft.receiverId !== undefined && draft.receiverId !== receiver_id) {
      throw new ApiError(400, 'INVALID_REQUEST', 'unable to send; the receiver is not in the conversation');
    }
    const stored: StoredMessage = {
      id,
      conversation_id: place.id,
      seq,
      client_id: clientId,
      sender_id: senderId,
      receiver_id,
      content,
      message_type: typeOf(mediaUrl),
      media_url: mediaUrl,
      is_read: false,
      created_at: now,
      deleted_at: null,
    };
    if (!(await store(tx, stored, fingerprint(place.id, draft)))) throw new AlreadySent();
    const [receiver] = await tx.query<{ unread: number; read_seq: number }>(
      `update conversation_members set unread = unread + 1 where conversation_id = $1 and user_id = $2
       returning unread, read_seq`,
      [place.id, receiver_id],
    );
    const both = [senderId, receiver_id];
    if (place.fresh) await recordChange(tx, both, { kind: 'conversation', conversationId: place.id });
    await recordChange(tx, both, { kind: 'message', conversationId: place.id, messageId: id });
    const { unread = 0, read_seq: readSeq = 0 } = receiver ?? {};
    return { message: toMessageRow(stored), news: { context, senderName: sender_name, unread, readSeq } };
  }

  async function readFirst(senderId: string, draft: Draft): Promise<SentMessage> {
    const [first] = await database.query<StoredMessage>(
      `${selectMessages} where m.sender_id = $1 and m.client_id = $2`,
      [senderId, draft.clientId],
    );
    const [kept] = await database.query<{ fingerprint: string }>(
      'select fingerprint from messages where sender_id = $1 and client_id = $2',
      [senderId, draft.clientId],
    );
    const isSame =
      first !== undefined &&
      kept?.fingerprint === fingerprint(draft.conversationId ?? first.conversation_id, draft) &&
      (draft.receiverId ?? first.receiver_id) === first.receiver_id;
    if (!isSame) {
      throw new ApiError(
        409,
        'CLIENT_ID_CONFLICT',
        'unable to send; the client id belongs to another message',
      );
    }
    return { message: toMessageRow(first), news: undefined };
  }

  return async (senderId, draft) => {
    try {
      return await database.transaction((tx) => insert(tx, senderId, draft));
    } catch (error) {
      if (error instanceof AlreadySent) return readFirst(senderId, draft);
      throw error;
    }
  };
}

async function findPlace(
  tx: Queries,
  senderId: string,
  { conversationId, receiverId }: Draft,
  now: Date,
): Promise<{ id: string; fresh: boolean }> {
  if (conversationId !== undefined) return { id: conversationId, fresh: false };
  if (receiverId === undefined) {
    throw new ApiError(400, 'INVALID_REQUEST', 'unable to send; name the conversation or the receiver');
  }
  return openConversation(tx, { starter: senderId, other: receiverId, type: 'direct', subjectId: null }, now);
}

/** Takes the next number, and with it the conversation's lock until the commit. */
async function raise(
  tx: Queries,
  conversationId: string,
  senderId: string,
  messageId: string,
  now: Date,
): Promise<Raised> {
  const [raised] = await tx.query<Raised>(
    `update conversations c
     set last_seq = last_seq + 1, last_message_id = $3, updated_at = greatest(c.updated_at, $4)
     from users sender
     where c.id = $1 and sender.id = $2 and sender.id in (c.brand_owner_id, c.influencer_id)
     returning c.last_seq as seq, c.flow_state, c.awaiting_role, c.chat_status, sender.name as sender_name,
       case sender.id when c.brand_owner_id then c.influencer_id else c.brand_owner_id end as receiver_id`,
    [conversationId, senderId, messageId, now],
  );
  if (!raised) throw noSuchConversation();
  return raised;
}

async function store(tx: Queries, message: StoredMessage, fingerprint: string): Promise<boolean> {
  const stored = await tx.query(
    `insert into messages
       (id, conversation_id, seq, sender_id, client_id, fingerprint, content, message_type, media_url, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (sender_id, client_id) do nothing returning id`,
    [
      message.id,
      message.conversation_id,
      message.seq,
      message.sender_id,
      message.client_id,
      fingerprint,
      message.content,
      message.message_type,
      message.media_url,
      message.created_at,
    ],
  );
  return stored.length > 0;
}

function fingerprint(conversationId: string, { content, mediaUrl }: Draft): string {
  return createHash('sha256')
    .update(JSON.stringify([conversationId, content, mediaUrl]))
    .digest('base64url');
}

function typeOf(mediaUrl: string | null): MessageType {
  if (mediaUrl === null) return 'text';
  return /\.(avif|gif|jpe?g|png|webp)$/i.test(mediaUrl.split(/[?#]/)[0] ?? '') ? 'image' : 'file';
}
