import type { Database, Queries } from '../database/database.ts';
import { recordChange } from './changes.ts';
import { noSuchConversation } from './conversations.ts';
import { noSuchMessage } from './messages.ts';

/** Up to a message, up to a number, or all of a conversation. */
export type SeenWish =
  | { messageId: string; conversationId: string | undefined }
  | { conversationId: string; upToSeq: number | undefined };

export interface Seen {
  conversationId: string;
  messageId: string | undefined;
  readerId: string;
  otherId: string;
  readSeq: number;
  unread: number;
  lastSeq: number;
  /** False when the mark was there already: there is nothing to tell. */
  advanced: boolean;
}

export type MarkSeen = (readerId: string, wish: SeenWish) => Promise<Seen>;

/** Moves a member's mark: forward only, and never past the last message. */
export function createMarkSeen(database: Database): MarkSeen {
  return (readerId, wish) =>
    database.transaction(async (tx) => {
      const { conversationId, upTo } = await findMark(tx, readerId, wish);
      // The lock makes a message that is on its way count either before or after, not both or neither.
      const [conversation] = await tx.query<{ last_seq: number; other_id: string }>(
        `select last_seq, case $2 when brand_owner_id then influencer_id else brand_owner_id end as other_id
         from conversations where id = $1 and $2 in (brand_owner_id, influencer_id) for update`,
        [conversationId, readerId],
      );
      if (!conversation) throw noSuchConversation();
      const { last_seq: lastSeq, other_id: otherId } = conversation;
      const [advanced] = await tx.query<Mark>(
        `update conversation_members set read_seq = $3, unread = (
           select count(*)::int from messages where conversation_id = $1 and seq > $3 and sender_id <> $2)
         where conversation_id = $1 and user_id = $2 and read_seq < $3 returning read_seq, unread`,
        [conversationId, readerId, Math.min(upTo ?? lastSeq, lastSeq)],
      );
      const mark = advanced ?? (await readMark(tx, conversationId, readerId));
      if (advanced) {
        await tx.query(
          `update messages set is_read = true
           where conversation_id = $1 and seq <= $3 and sender_id <> $2 and not is_read`,
          [conversationId, readerId, mark.read_seq],
        );
        await recordChange(tx, [readerId, otherId], { kind: 'read', conversationId, subject: readerId });
      }
      return {
        conversationId,
        messageId: 'messageId' in wish ? wish.messageId : undefined,
        readerId,
        otherId,
        readSeq: mark.read_seq,
        unread: mark.unread,
        lastSeq,
        advanced: advanced !== undefined,
      };
    });
}

interface Mark {
  read_seq: number;
  unread: number;
}

async function findMark(
  tx: Queries,
  readerId: string,
  wish: SeenWish,
): Promise<{ conversationId: string; upTo: number | undefined }> {
  if (!('messageId' in wish)) return { conversationId: wish.conversationId, upTo: wish.upToSeq };
  const [message] = await tx.query<{ conversation_id: string; seq: number }>(
    `select m.conversation_id, m.seq from messages m join conversations c on c.id = m.conversation_id
     where m.id = $1 and $2 in (c.brand_owner_id, c.influencer_id)`,
    [wish.messageId, readerId],
  );
  if (!message || message.conversation_id !== (wish.conversationId ?? message.conversation_id))
    throw noSuchMessage();
  return { conversationId: message.conversation_id, upTo: message.seq };
}

async function readMark(tx: Queries, conversationId: string, readerId: string): Promise<Mark> {
  const [mark] = await tx.query<Mark>(
    'select read_seq, unread from conversation_members where conversation_id = $1 and user_id = $2',
    [conversationId, readerId],
  );
  return mark ?? { read_seq: 0, unread: 0 };
}
