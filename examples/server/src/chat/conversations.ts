import type { Database } from '../database/database.ts';
import { ApiError } from '../errors.ts';
import { recordChange } from './changes.ts';
import {
  type ConversationRow,
  type Role,
  type StoredConversation,
  selectConversations,
  toConversationRow,
} from './chat-rows.ts';
import type { Messages } from './messages.ts';
import { type OpenWish, openConversation } from './open-conversation.ts';

export interface Members {
  brandOwner: string;
  influencer: string;
}

export interface Conversations {
  /** Latest activity first. A role keeps the requests in which the user has that role; direct ones are always in. */
  list(
    userId: string,
    page: { page: number; limit: number; role: Role | undefined },
  ): Promise<{ rows: ConversationRow[]; total: number }>;
  /** Throws a 404 for those the user is not in, as for those that do not exist. */
  read(userId: string, id: string): Promise<ConversationRow>;
  byIds(userId: string, ids: readonly string[]): Promise<Map<string, ConversationRow>>;
  open(wish: OpenWish): Promise<{ id: string; fresh: boolean }>;
  /** The other member; throws the same 404. */
  otherMember(userId: string, id: string): Promise<string>;
  /** Throws a 403 unless the user is in a conversation about this bid or campaign. */
  checkSubject(userId: string, type: 'bid' | 'campaign', subjectId: string): Promise<void>;
}

const REMEMBERED_MEMBERS = 10_000;

export function createConversations(settings: {
  database: Database;
  clock: () => number;
  messages: Pick<Messages, 'byIds'>;
  pictureUrl: (path: string) => string;
}): Conversations {
  const { database, clock, messages, pictureUrl } = settings;
  // Members never change, so what was read once stays right.
  const remembered = new Map<string, Members>();

  async function toRows(userId: string, stored: StoredConversation[]): Promise<ConversationRow[]> {
    const ids = stored.map((row) => row.last_message_id).filter((id) => id !== null);
    const last = await messages.byIds(userId, ids);
    return stored.map((row) =>
      toConversationRow(row, last.get(row.last_message_id ?? '') ?? null, pictureUrl),
    );
  }

  async function byIds(userId: string, ids: readonly string[]): Promise<Map<string, ConversationRow>> {
    if (ids.length === 0) return new Map();
    const stored = await database.query<StoredConversation>(`${selectConversations} and c.id = any($2)`, [
      userId,
      ids,
    ]);
    return new Map((await toRows(userId, stored)).map((row) => [row.id, row]));
  }

  async function membersOf(id: string): Promise<Members | undefined> {
    const known = remembered.get(id);
    if (known) return known;
    const [members] = await database.query<Members>(
      'select brand_owner_id as "brandOwner", influencer_id as influencer from conversations where id = $1',
      [id],
    );
    if (!members) return undefined;
    if (remembered.size >= REMEMBERED_MEMBERS) remembered.clear();
    remembered.set(id, members);
    return members;
  }

  return {
    byIds,
    async list(userId, { page, limit, role }) {
      const mine = `(c.conversation_type = 'direct' or $2::text is null
        or $1 = case $2 when 'influencer' then c.influencer_id else c.brand_owner_id end)`;
      const stored = await database.query<StoredConversation>(
        `${selectConversations} and ${mine} order by c.updated_at desc, c.id limit $3 offset $4`,
        [userId, role ?? null, limit, (page - 1) * limit],
      );
      const [counted] = await database.query<{ total: number }>(
        `select count(*)::int as total from conversation_members member
           join conversations c on c.id = member.conversation_id
         where member.user_id = $1 and ${mine}`,
        [userId, role ?? null],
      );
      return { rows: await toRows(userId, stored), total: counted?.total ?? 0 };
    },
    async read(userId, id) {
      const row = (await byIds(userId, [id])).get(id);
      if (!row) throw noSuchConversation();
      return row;
    },
    open: (wish) =>
      database.transaction(async (tx) => {
        const opened = await openConversation(tx, wish, new Date(clock()));
        const change = { kind: 'conversation', conversationId: opened.id } as const;
        if (opened.fresh) await recordChange(tx, [wish.starter, wish.other], change);
        return opened;
      }),
    async otherMember(userId, id) {
      const members = await membersOf(id);
      if (members?.brandOwner === userId) return members.influencer;
      if (members?.influencer === userId) return members.brandOwner;
      throw noSuchConversation();
    },
    async checkSubject(userId, type, subjectId) {
      const [found] = await database.query(
        `select 1 from conversations where conversation_type = $2 and subject_id = $3
           and $1 in (brand_owner_id, influencer_id) limit 1`,
        [userId, type, subjectId],
      );
      if (!found) throw new ApiError(403, 'FORBIDDEN', `unable to join; you have no part in the ${type}`);
    },
  };
}

export function noSuchConversation(): ApiError {
  return new ApiError(404, 'CONVERSATION_NOT_FOUND', 'unable to find the conversation');
}
