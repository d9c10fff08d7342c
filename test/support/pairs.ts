type Query = (sql: string, values?: unknown[]) => Promise<{ id: string }[]>;

/** Adds people `p1`, `p2`, … to a database; each odd one has a conversation with the next. Resolves with the conversations. */
export async function seedPairs(query: Query, people: number): Promise<string[]> {
  await query(
    `insert into users (id, name, username, role) select 'p' || n, 'Person ' || n, 'p' || n, 'member'
     from generate_series(1, $1::integer) n`,
    [people],
  );
  const opened = await query(
    `with opened as (
       insert into conversations (id, conversation_type, brand_owner_id, influencer_id, flow_state, chat_status)
       select gen_random_uuid()::text, 'direct', 'p' || n, 'p' || n + 1, 'open', 'realtime'
       from generate_series(1, $1::integer, 2) n returning id, brand_owner_id, influencer_id),
     joined as (
       insert into conversation_members (conversation_id, user_id)
       select id, unnest(array[brand_owner_id, influencer_id]) from opened)
     select id from opened order by length(brand_owner_id), brand_owner_id`,
    [people],
  );
  return opened.map(({ id }) => id);
}
