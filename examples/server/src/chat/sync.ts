import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { type Profiles, profileAnswer } from '../people/profiles.ts';
import { conversationRow, count, messageRow } from './chat-rows.ts';
import type { Conversations } from './conversations.ts';
import type { Messages } from './messages.ts';

const syncChange = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), message: messageRow }),
  z.object({ type: z.literal('conversation'), conversation: conversationRow }),
  z.object({ type: z.literal('read'), conversation_id: z.string(), user_id: z.string(), read_seq: count }),
  z.object({ type: z.literal('user'), user: profileAnswer }),
]);
export type SyncChange = z.output<typeof syncChange>;

export const syncAnswer = z.object({
  changes: z.array(syncChange),
  cursor: z.string().describe('To be sent as `since` next time; it says nothing else'),
  has_more: z.boolean(),
  reset: z.literal(true).optional().describe('The cursor is too old or unknown: read everything again'),
});
export type SyncAnswer = z.output<typeof syncAnswer>;

export interface Sync {
  /** What changed for the user since a cursor, oldest first; only where to begin without one. */
  since(userId: string, cursor: string | undefined, limit: number): Promise<SyncAnswer>;
  /** Forgets what lies further back than a feed keeps. */
  sweep(): Promise<void>;
}

interface Feed {
  epoch: string;
  last_change: number;
}

interface StoredChange {
  change: number;
  kind: SyncChange['type'];
  conversation_id: string | null;
  message_id: string | null;
  subject_id: string | null;
}

const SWEPT_AT_ONCE = 10_000;

/** By place and feed by feed, so that changes are found by index, whatever share of them goes. */
const sweepSome = `
  with swept as (
    delete from changes where ctid = any (array(
      select old.ctid from feeds cross join lateral (
        select ctid from changes where user_id = feeds.user_id and change <= feeds.last_change - $1::integer
        order by change limit $2) old
      where feeds.last_change > $1 limit $2)) returning 1)
  select count(*)::integer as rows from swept`;

/** A feed of changes per user, numbered without holes. */
export function createSync(settings: {
  database: Database;
  conversations: Conversations;
  messages: Messages;
  profiles: Profiles;
  limits: { feedLength: number };
}): Sync {
  const { database, conversations, messages, profiles, limits } = settings;

  async function readFeed(userId: string): Promise<Feed> {
    const select = 'select epoch, last_change from feeds where user_id = $1';
    const [feed] = await database.query<Feed>(select, [userId]);
    if (feed) return feed;
    await database.query(
      'insert into feeds (user_id, epoch, last_change) values ($1, $2, 0) on conflict do nothing',
      [userId, randomUUID()],
    );
    const [made] = await database.query<Feed>(select, [userId]);
    if (!made) throw new Error('a feed vanished');
    return made;
  }

  async function readMarks(
    ids: readonly string[],
  ): Promise<{ conversation_id: string; user_id: string; read_seq: number }[]> {
    if (ids.length === 0) return [];
    return database.query(
      'select conversation_id, user_id, read_seq from conversation_members where conversation_id = any($1)',
      [ids],
    );
  }

  /** Reads the rows as they are now, so an earlier change of the same row may say what a later one did. */
  async function render(userId: string, stored: readonly StoredChange[]): Promise<SyncChange[]> {
    const latest = new Map(stored.map((change) => [nameOf(change), change]));
    const unique = [...latest.values()].sort((a, b) => a.change - b.change);
    const idsOf = (kind: StoredChange['kind'], field: 'conversation_id' | 'message_id' | 'subject_id') =>
      unique
        .filter((change) => change.kind === kind)
        .map((change) => change[field])
        .filter((id) => id !== null);
    const [messageRows, conversationRows, marks, users] = await Promise.all([
      messages.byIds(userId, idsOf('message', 'message_id')),
      conversations.byIds(userId, idsOf('conversation', 'conversation_id')),
      readMarks(idsOf('read', 'conversation_id')),
      profiles.byIds(idsOf('user', 'subject_id')),
    ]);
    return unique.flatMap(({ kind, ...of }): SyncChange[] => {
      if (kind === 'message') {
        const message = messageRows.get(of.message_id ?? '');
        return message ? [{ type: kind, message }] : [];
      }
      if (kind === 'conversation') {
        const conversation = conversationRows.get(of.conversation_id ?? '');
        return conversation ? [{ type: kind, conversation }] : [];
      }
      if (kind === 'user') {
        const user = users.get(of.subject_id ?? '');
        return user ? [{ type: kind, user }] : [];
      }
      const mark = marks.find(
        (row) => row.conversation_id === of.conversation_id && row.user_id === of.subject_id,
      );
      return mark ? [{ type: kind, ...mark }] : [];
    });
  }

  return {
    async since(userId, cursor, limit) {
      const feed = await readFeed(userId);
      const now = { changes: [], cursor: toCursor(feed.epoch, feed.last_change), has_more: false };
      if (cursor === undefined) return now;
      const since = fromCursor(cursor, feed);
      if (since === undefined) return { ...now, reset: true };
      const stored = await database.query<StoredChange>(
        `select change, kind, conversation_id, message_id, subject_id from changes
         where user_id = $1 and change > $2 order by change limit $3`,
        [userId, since, limit + 1],
      );
      // Numbers have no holes, so a first one further on means that the rest has been forgotten.
      const isComplete = (stored[0]?.change ?? feed.last_change + 1) === since + 1;
      if (!isComplete) return { ...now, reset: true };
      const page = stored.slice(0, limit);
      return {
        changes: await render(userId, page),
        cursor: toCursor(feed.epoch, page.at(-1)?.change ?? since),
        has_more: stored.length > limit,
      };
    },
    async sweep() {
      for (;;) {
        const [swept] = await database.query<{ rows: number }>(sweepSome, [limits.feedLength, SWEPT_AT_ONCE]);
        if ((swept?.rows ?? 0) < SWEPT_AT_ONCE) return;
      }
    },
  };
}

function nameOf({ kind, conversation_id, message_id, subject_id }: StoredChange): string {
  return JSON.stringify([kind, conversation_id, message_id, subject_id]);
}

function toCursor(epoch: string, change: number): string {
  return Buffer.from(`${epoch}.${change}`).toString('base64url');
}

/** `undefined` for a cursor of another user, of another database, or made up. */
function fromCursor(cursor: string, { epoch, last_change }: Feed): number | undefined {
  const [ofEpoch, number = ''] = Buffer.from(cursor, 'base64url').toString().split('.');
  if (ofEpoch !== epoch || !/^\d{1,9}$/.test(number) || Number(number) > last_change) return undefined;
  return Number(number);
}
