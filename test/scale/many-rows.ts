/** Fills the tables as a service of some size has them: 2,000 people, 20,000 conversations, 300,000 messages. */
export async function fillTables(query: (sql: string) => Promise<unknown>): Promise<void> {
  for (const sql of [
    `insert into users (id, name, username, role, updated_at)
       select 'm' || n, 'Person ' || n, 'm' || n, 'member', now() - n * interval '1 hour' from generate_series(0, 1999) n`,
    `insert into conversations (id, conversation_type, subject_id, brand_owner_id, influencer_id, flow_state, last_seq)
       select 'mc' || n, case n % 2 when 0 then 'bid' else 'campaign' end, 's' || n, 'm' || n % 2000,
         'm' || (n + 1 + n / 2000) % 2000, 'open', 15
       from generate_series(0, 19999) n`,
    `insert into conversation_members (conversation_id, user_id, read_seq)
       select id, unnest(array[brand_owner_id, influencer_id]), 5 from conversations where id like 'mc%'`,
    `insert into messages (id, conversation_id, seq, sender_id, client_id, fingerprint, content, media_url, is_read)
       select gen_random_uuid(), id, seq, case seq % 2 when 0 then brand_owner_id else influencer_id end,
         id || '-' || seq, 'x', 'some words that somebody wrote',
         case seq when 15 then '/files/avatars/media/' || id || '.webp' end, seq <= 5
       from conversations, generate_series(1, 15) seq where id like 'mc%'`,
    `insert into message_files (filename, key, due_at)
       select 'mc' || n || '.webp', 'avatars/media/mc' || n || '.webp', case when n < 100 then now() end
       from generate_series(0, 19999) n`,
    `insert into feeds (user_id, epoch, last_change) select 'm' || n, 'x', 150 from generate_series(0, 1999) n`,
    `insert into changes (user_id, change, kind, conversation_id)
       select 'm' || n, change, 'conversation', 'mc' || n from generate_series(0, 1999) n, generate_series(1, 150) change`,
    `insert into pictures (id, user_id, version, filename, key, mime_type, created_at, erased_at)
       select 'mp' || n, 'm' || n % 2000, n / 2000, n || '.webp', 'avatars/' || n, 'image/webp', now(),
         case when n < 18000 then now() end
       from generate_series(0, 19999) n`,
    `insert into uploads (id, user_id, start, expires_at, outcome)
       select 'mu' || n, 'm' || n % 2000, n / 2000, now() - n * interval '1 minute', '{}' from generate_series(0, 19999) n`,
    `insert into upload_files (staged_key, upload_id, type, content_type, size, published_key)
       select 'staged/' || n, 'mu' || n, 'avatar', 'image/webp', 1, 'avatars/' || n from generate_series(0, 19999) n`,
    `insert into fcm_tokens (id, user_id, token, platform, device_id)
       select 'mt' || n, 'm' || n % 2000, 'token' || n, 'web', 'd' || n from generate_series(0, 9999) n`,
    'analyze',
  ])
    await query(sql);
}
