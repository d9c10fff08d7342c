import { createHash, randomUUID } from 'node:crypto';
import type { Database, Queries } from '../database/database.ts';
import { isTaken } from '../database/database-errors.ts';
import { ApiError } from '../errors.ts';
import { addChanges, recordChange } from './changes.ts';
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

interface Stored extends ConversationContext {
  seq: number;
  receiver_id: string;
  sender_name: string;
  unread: number;
  read_seq: number;
}

/**
 * All of a send as one statement, which is a transaction by itself: it takes the next number, and with it the
 * conversation's lock, then stores, counts, and adds to both feeds as `recordChange` does. A repeat is refused by the
 * unique client id, and all of it with it, so that it leaves no hole in the numbers.
 */
const storeMessage = `
  with raised as (
    update conversations c
    set last_seq = last_seq + 1, last_message_id = $3, updated_at = greatest(c.updated_at, $4)
    from users sender
    where c.id = $1 and sender.id = $2 and sender.id in (c.brand_owner_id, c.influencer_id)
      and ($10::text is null or $10 in (c.brand_owner_id, c.influencer_id) and $10 <> $2)
    returning c.last_seq as seq, c.flow_state, c.awaiting_role, c.chat_status, sender.name as sender_name,
      case sender.id when c.brand_owner_id then c.influencer_id else c.brand_owner_id end as receiver_id),
  stored as (
    insert into messages
      (id, conversation_id, seq, sender_id, client_id, fingerprint, content, message_type, media_url, created_at)
    select $3::uuid, $1, seq, $2, $5, $6, $7, $8, $9, $4 from raised),
  counted as (
    update conversation_members member set unread = member.unread + 1 from raised
    where member.conversation_id = $1 and member.user_id = raised.receiver_id
    returning member.unread, member.read_seq),
  ${addChanges('select unnest(array[$2, receiver_id]) from raised', "'message', $1, $3::uuid, null")}
  select raised.*, counted.unread, counted.read_seq from raised, counted`;

/** Stores a message exactly once per sender and client id: a repeat gets the first row again. */
export function createSendMessage(settings: { database: Database; clock: () => number }): SendMessage {
  const { database, clock } = settings;

  async function insert(
    queries: Queries,
    conversationId: string,
    senderId: string,
    draft: Draft,
    now: Date,
  ): Promise<SentMessage> {
    const { content, mediaUrl, clientId } = draft;
    const row = {
      id: randomUUID(),
      conversation_id: conversationId,
      client_id: clientId,
      sender_id: senderId,
      content,
      message_type: typeOf(mediaUrl),
      media_url: mediaUrl,
      created_at: now,
    };
    const [stored] = await queries.query<Stored>(storeMessage, [
      conversationId,
      senderId,
      row.id,
      now,
      clientId,
      fingerprint(conversationId, draft),
      content,
      row.message_type,
      mediaUrl,
      draft.receiverId ?? null,
    ]);
    if (!stored) throw await refusalOf(queries, conversationId, senderId);
    const { seq, receiver_id, sender_name: senderName, unread, read_seq: readSeq, ...context } = stored;
    const message = toMessageRow({ ...row, seq, receiver_id, is_read: false, deleted_at: null });
    return { message, news: { context, senderName, unread, readSeq } };
  }

  /** Finds or opens the conversation with the receiver, and stores the message in the same transaction. */
  const insertDirect = (senderId: string, draft: Draft, now: Date): Promise<SentMessage> =>
    database.transaction(async (tx) => {
      const { receiverId: other } = draft;
      if (other === undefined) {
        throw new ApiError(400, 'INVALID_REQUEST', 'unable to send; name the conversation or the receiver');
      }
      const { id, fresh } = await openConversation(
        tx,
        { starter: senderId, other, type: 'direct', subjectId: null },
        now,
      );
      if (fresh) await recordChange(tx, [senderId, other], { kind: 'conversation', conversationId: id });
      return insert(tx, id, senderId, draft, now);
    });

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
    const now = new Date(clock());
    try {
      return draft.conversationId === undefined
        ? await insertDirect(senderId, draft, now)
        : await insert(database, draft.conversationId, senderId, draft, now);
    } catch (error) {
      if (isRepeat(error)) return readFirst(senderId, draft);
      throw error;
    }
  };
}

/** Not a member, or the receiver is none. */
async function refusalOf(queries: Queries, conversationId: string, senderId: string): Promise<ApiError> {
  const [conversation] = await queries.query(
    'select 1 from conversations where id = $1 and $2 in (brand_owner_id, influencer_id)',
    [conversationId, senderId],
  );
  if (!conversation) return noSuchConversation();
  return new ApiError(400, 'INVALID_REQUEST', 'unable to send; the receiver is not in the conversation');
}

function isRepeat(error: unknown): boolean {
  return isTaken(error, 'messages_sender_id_client_id_key');
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
