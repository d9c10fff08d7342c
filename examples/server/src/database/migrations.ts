/** Applied once each, in this order. Never edit one that has shipped; add another. */
export const migrations: readonly { name: string; statements: readonly string[] }[] = [
  {
    name: '001-users-and-uploads',
    statements: [
      // avatar_url is relative to the pictures base, so moving to a CDN rewrites no rows.
      // avatar_start is the start number of the upload now shown, or of the last delete.
      `create table users (
        id text primary key,
        name text not null,
        username text unique,
        role text not null default 'member',
        avatar_url text,
        avatar_thumb_url text,
        avatar_key text,
        avatar_thumb_key text,
        avatar_version integer not null default 0,
        avatar_start integer not null default 0,
        last_start integer not null default 0,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      )`,
      `create table uploads (
        id text primary key,
        user_id text not null references users (id) on delete cascade,
        start integer not null,
        expires_at timestamptz not null,
        outcome jsonb
      )`,
      `create table upload_files (
        staged_key text primary key,
        upload_id text not null references uploads (id) on delete cascade,
        type text not null,
        content_type text not null,
        size integer not null,
        published_key text not null
      )`,
      'create index upload_files_upload on upload_files (upload_id)',
      'create index uploads_expiry on uploads (expires_at)',
    ],
  },
  {
    name: '002-chat',
    statements: [
      // last_seq numbers the messages: raised by the sending transaction, so there are no holes.
      // last_message_id points forward within that transaction and has no foreign key for it.
      `create table conversations (
        id text primary key,
        conversation_type text not null,
        subject_id text,
        brand_owner_id text not null references users (id) on delete cascade,
        influencer_id text not null references users (id) on delete cascade,
        flow_state text not null,
        awaiting_role text,
        chat_status text not null default 'automated',
        last_seq integer not null default 0,
        last_message_id uuid,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        check (brand_owner_id <> influencer_id)
      )`,
      `create unique index conversations_direct
        on conversations (least(brand_owner_id, influencer_id), greatest(brand_owner_id, influencer_id))
        where conversation_type = 'direct'`,
      `create unique index conversations_subject
        on conversations (conversation_type, subject_id, brand_owner_id, influencer_id)
        where subject_id is not null`,
      // unread is kept beside the mark: both change only under the lock of the conversation's row.
      `create table conversation_members (
        conversation_id text not null references conversations (id) on delete cascade,
        user_id text not null references users (id) on delete cascade,
        read_seq integer not null default 0,
        unread integer not null default 0,
        primary key (conversation_id, user_id)
      )`,
      'create index conversation_members_user on conversation_members (user_id)',
      // fingerprint tells a repeat from another message under the same client_id, even after a delete.
      `create table messages (
        id uuid primary key,
        conversation_id text not null references conversations (id) on delete cascade,
        seq integer not null,
        sender_id text not null references users (id) on delete cascade,
        client_id text,
        fingerprint text not null,
        content text not null,
        message_type text not null default 'text',
        media_url text,
        is_read boolean not null default false,
        created_at timestamptz not null default now(),
        deleted_at timestamptz,
        unique (conversation_id, seq),
        unique (sender_id, client_id)
      )`,
      'create index messages_unread on messages (conversation_id, seq) where not is_read',
      // No foreign key to users: its lock would come after another feed's, and two writers could wait for each other.
      `create table feeds (
        user_id text primary key,
        epoch text not null,
        last_change integer not null
      )`,
      `create table changes (
        user_id text not null references feeds (user_id) on delete cascade,
        change integer not null,
        kind text not null,
        conversation_id text,
        message_id uuid,
        subject_id text,
        primary key (user_id, change)
      )`,
      `create table fcm_tokens (
        id text primary key,
        user_id text not null references users (id) on delete cascade,
        token text not null unique,
        platform text not null,
        device_id text,
        is_active boolean not null default true,
        last_used_at timestamptz not null default now()
      )`,
      'create index fcm_tokens_user on fcm_tokens (user_id)',
    ],
  },
  {
    name: '003-pictures',
    statements: [
      // Every picture that was ever shown. Its files go when it is replaced or deleted, unless it is kept for the history.
      `create table pictures (
        id text primary key,
        user_id text not null references users (id) on delete cascade,
        version integer not null,
        filename text not null,
        key text not null unique,
        thumb_key text,
        medium_key text,
        original_filename text,
        media_type text not null default 'profile_picture',
        mime_type text not null,
        file_size integer,
        width integer,
        height integer,
        metadata jsonb not null default '{}',
        views integer not null default 0,
        is_kept boolean not null default false,
        created_at timestamptz not null,
        deleted_at timestamptz,
        erased_at timestamptz
      )`,
      'create index pictures_user on pictures (user_id, version)',
      `alter table users add column picture_id text, add column last_picture_sync timestamptz,
        add column preferences jsonb not null default '{}'`,
      `insert into pictures (id, user_id, version, filename, key, thumb_key, mime_type, created_at)
       select gen_random_uuid()::text, id, avatar_version, regexp_replace(avatar_key, '^.*/', ''), avatar_key,
         avatar_thumb_key, case substring(avatar_key from '[^.]*$')
           when 'jpg' then 'image/jpeg' when 'png' then 'image/png' else 'image/webp' end, updated_at
       from users where avatar_key is not null`,
      'update users set picture_id = pictures.id from pictures where pictures.user_id = users.id',
    ],
  },
  {
    name: '004-changed-users',
    statements: ['create index users_updated on users (updated_at)'],
  },
  {
    name: '005-message-files',
    statements: [
      // due_at: when to see whether a message names the file; null once one does.
      `create table message_files (
        filename text primary key,
        key text not null,
        due_at timestamptz
      )`,
      'create index message_files_due on message_files (due_at)',
      `create index messages_file on messages (substring(media_url from '([^/?#]*)([?#].*)?$'))
       where media_url is not null`,
    ],
  },
];
