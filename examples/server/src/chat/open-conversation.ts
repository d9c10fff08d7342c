import { randomUUID } from 'node:crypto';
import type { Queries } from '../database/database.ts';
import { ApiError } from '../errors.ts';
import type { ConversationType, Role } from './chat-rows.ts';
import { startOf } from './flow.ts';

export interface OpenWish {
  starter: string;
  other: string;
  type: ConversationType;
  /** The bid or campaign it is about; `null` for a direct one. */
  subjectId: string | null;
}

interface Opened {
  id: string;
  /** False when it was there already. */
  fresh: boolean;
}

/**
 * Finds the conversation, or makes it: one direct one per pair, one per pair and bid or campaign. Throws a 403 for a
 * bid or campaign of somebody else.
 * The caller records the change, last in the transaction.
 */
export async function openConversation(tx: Queries, wish: OpenWish, now: Date): Promise<Opened> {
  const { starter, other, type, subjectId } = wish;
  if (starter === other) {
    throw new ApiError(400, 'INVALID_REQUEST', 'unable to open; a conversation needs two people');
  }
  const { brandOwner, influencer } = await castRoles(tx, wish);
  const found = await find(tx, type, subjectId, brandOwner, influencer);
  if (found !== undefined) return { id: found, fresh: false };
  if (subjectId !== null) await claim(tx, type, subjectId, brandOwner);

  const start = startOf(type);
  const [made] = await tx.query<{ id: string }>(
    `insert into conversations (id, conversation_type, subject_id, brand_owner_id, influencer_id, flow_state,
       awaiting_role, chat_status, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) on conflict do nothing returning id`,
    [
      randomUUID(),
      type,
      subjectId,
      brandOwner,
      influencer,
      start.flow_state,
      start.awaiting_role,
      start.chat_status,
      now,
    ],
  );
  if (!made) {
    const theirs = await find(tx, type, subjectId, brandOwner, influencer);
    if (theirs === undefined) throw new Error('a conversation vanished');
    return { id: theirs, fresh: false };
  }
  await tx.query('insert into conversation_members (conversation_id, user_id) values ($1, $2), ($1, $3)', [
    made.id,
    brandOwner,
    influencer,
  ]);
  return { id: made.id, fresh: true };
}

/** A bid or campaign belongs to the brand owner who opened the first conversation about it. */
async function claim(
  tx: Queries,
  type: ConversationType,
  subjectId: string,
  brandOwner: string,
): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${type} ${subjectId}`]);
  const [others] = await tx.query(
    `select 1 from conversations where conversation_type = $1 and subject_id = $2 and brand_owner_id <> $3 limit 1`,
    [type, subjectId, brandOwner],
  );
  if (others) throw new ApiError(403, 'FORBIDDEN', `unable to open; the ${type} is another brand owner's`);
}

/** Who takes which side. Two people of one role talk directly, too: then the sides mean nothing. */
async function castRoles(
  tx: Queries,
  { starter, other, type }: OpenWish,
): Promise<{ brandOwner: string; influencer: string }> {
  const people = await tx.query<{ id: string; role: Role }>(
    'select id, role from users where id in ($1, $2)',
    [starter, other],
  );
  const roleOf = (id: string) => people.find((person) => person.id === id)?.role;
  if (roleOf(starter) === undefined || roleOf(other) === undefined) {
    throw new ApiError(404, 'USER_NOT_FOUND', 'unable to open; there is no such person');
  }
  if (type !== 'direct') {
    if (roleOf(starter) !== 'brand_owner' || roleOf(other) !== 'influencer') {
      throw new ApiError(403, 'FORBIDDEN', `unable to open; a brand owner asks an influencer for a ${type}`);
    }
    return { brandOwner: starter, influencer: other };
  }
  const [first, second] = starter < other ? [starter, other] : [other, starter];
  const swap = roleOf(second) === 'brand_owner' && roleOf(first) !== 'brand_owner';
  return swap ? { brandOwner: second, influencer: first } : { brandOwner: first, influencer: second };
}

async function find(
  tx: Queries,
  type: ConversationType,
  subjectId: string | null,
  brandOwner: string,
  influencer: string,
): Promise<string | undefined> {
  const direct = `select id from conversations where conversation_type = 'direct'
    and least(brand_owner_id, influencer_id) = least($1::text, $2::text)
    and greatest(brand_owner_id, influencer_id) = greatest($1::text, $2::text)`;
  const about = `select id from conversations where brand_owner_id = $1 and influencer_id = $2
    and conversation_type = $3 and subject_id = $4`;
  const [row] =
    type === 'direct'
      ? await tx.query<{ id: string }>(direct, [brandOwner, influencer])
      : await tx.query<{ id: string }>(about, [brandOwner, influencer, type, subjectId]);
  return row?.id;
}
