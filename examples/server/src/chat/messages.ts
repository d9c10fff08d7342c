import type { Background } from '../background.ts';
import type { Database } from '../database/database.ts';
import { ApiError } from '../errors.ts';
import { recordChange } from './changes.ts';
import { type MessageRow, type StoredMessage, selectMessages, toMessageRow } from './chat-rows.ts';
import { doubtFile, type MessageFiles } from './message-files.ts';

/** Which part of a conversation: a page counted from the newest, or what lies between two numbers. */
export type Window =
  | { page: number; limit: number }
  | { afterSeq: number | undefined; beforeSeq: number | undefined; limit: number };

export interface Messages {
  /** Oldest first. After a number the oldest that follow it; before one the newest that precede it. */
  page(conversationId: string, lastSeq: number, window: Window): Promise<MessageRow[]>;
  /** Those the user may read, by id. */
  byIds(userId: string, ids: readonly string[]): Promise<Map<string, MessageRow>>;
  /** Empties one's own message and keeps its place; its file goes. Repeating it changes nothing. */
  remove(userId: string, id: string): Promise<{ message: MessageRow; fresh: boolean }>;
}

export function createMessages(settings: {
  database: Database;
  files: MessageFiles;
  background: Background;
  clock: () => number;
}): Messages {
  const { database, files, background, clock } = settings;

  async function byIds(userId: string, ids: readonly string[]): Promise<Map<string, MessageRow>> {
    if (ids.length === 0) return new Map();
    const stored = await database.query<StoredMessage>(
      `${selectMessages} where m.id = any($2::uuid[]) and $1 in (c.brand_owner_id, c.influencer_id)`,
      [userId, ids],
    );
    return new Map(stored.map((row) => [row.id, toMessageRow(row)]));
  }

  return {
    byIds,
    async page(conversationId, lastSeq, window) {
      const { limit } = window;
      const upwards = 'afterSeq' in window && window.afterSeq !== undefined;
      // Numbers have no holes, so a page is a range of them.
      const before = 'page' in window ? lastSeq - (window.page - 1) * limit + 1 : window.beforeSeq;
      const after = 'page' in window ? 0 : (window.afterSeq ?? 0);
      const stored = await database.query<StoredMessage>(
        `${selectMessages} where m.conversation_id = $1 and m.seq > $2 and ($3::integer is null or m.seq < $3)
         order by m.seq ${upwards ? 'asc' : 'desc'} limit $4`,
        [conversationId, after, before ?? null, limit],
      );
      const rows = stored.map(toMessageRow);
      return upwards ? rows : rows.reverse();
    },
    async remove(userId, id) {
      const message = (await byIds(userId, [id])).get(id);
      if (!message) throw noSuchMessage();
      if (message.sender_id !== userId) {
        throw new ApiError(403, 'FORBIDDEN', 'unable to delete; the message is not yours');
      }
      const at = new Date(clock());
      const fresh = await database.transaction(async (tx) => {
        const removed = await tx.query(
          `update messages set content = '', media_url = null, deleted_at = $2
           where id = $1 and deleted_at is null returning id`,
          [id, at],
        );
        const { conversation_id: conversationId, receiver_id: receiver } = message;
        const change = { kind: 'message', conversationId, messageId: id } as const;
        if (removed.length === 0) return false;
        await recordChange(tx, [userId, receiver], change);
        if (message.media_url !== null) await doubtFile(tx, message.media_url, at);
        return true;
      });
      if (fresh && message.media_url !== null) background.run(files.sweep);
      const after = (await byIds(userId, [id])).get(id);
      if (!after) throw noSuchMessage();
      return { message: after, fresh };
    },
  };
}

export function noSuchMessage(): ApiError {
  return new ApiError(404, 'MESSAGE_NOT_FOUND', 'unable to find the message');
}
