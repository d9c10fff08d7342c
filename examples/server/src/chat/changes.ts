import type { Queries } from '../database/database.ts';

/** What a change says happened; the row itself is read when it is asked for, so it is always the latest. */
export type Change =
  | { kind: 'message'; conversationId: string; messageId: string }
  | { kind: 'conversation'; conversationId: string }
  | { kind: 'read'; conversationId: string; subject: string }
  | { kind: 'user'; subject: string };

/**
 * The end of a statement's `with` that adds one change to each feed of `readers`, a query of user ids without doubles.
 * A feed's counter stays locked until the commit, so numbers become visible in order and none appears behind a cursor.
 * Counters are locked in the order of user ids, so two transactions cannot wait for each other.
 * @param change kind, conversation, message and subject, as SQL
 */
export function addChanges(readers: string, change: string): string {
  return `fed as (
    insert into feeds (user_id, epoch, last_change)
    select id, gen_random_uuid()::text, 1 from (${readers}) as reader (id) order by id collate "C"
    on conflict (user_id) do update set last_change = feeds.last_change + 1
    returning user_id, last_change),
  changed as (
    insert into changes (user_id, change, kind, conversation_id, message_id, subject_id)
    select user_id, last_change, ${change} from fed)`;
}

const addChange = `with ${addChanges('select distinct unnest($1::text[])', '$2, $3, $4::uuid, $5')} select`;

/** Adds one change to each of these users' feeds. Must be the last statement of its transaction. */
export async function recordChange(tx: Queries, users: readonly string[], change: Change): Promise<void> {
  await tx.query(addChange, [
    users,
    change.kind,
    'conversationId' in change ? change.conversationId : null,
    'messageId' in change ? change.messageId : null,
    'subject' in change ? change.subject : null,
  ]);
}

/** For the user and for everyone who shares a conversation with them. */
export async function recordUserChange(tx: Queries, userId: string): Promise<void> {
  await recordChange(tx, [userId, ...(await partnersOf(tx, userId))], { kind: 'user', subject: userId });
}

/** Everyone who shares a conversation with the user. */
export async function partnersOf(queries: Queries, userId: string): Promise<string[]> {
  const rows = await queries.query<{ id: string }>(
    `select distinct theirs.user_id as id from conversation_members mine
       join conversation_members theirs on theirs.conversation_id = mine.conversation_id
     where mine.user_id = $1 and theirs.user_id <> $1`,
    [userId],
  );
  return rows.map((row) => row.id);
}
