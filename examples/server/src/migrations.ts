/** Applied once each, in this order, in a transaction. Never edit one that has shipped; add another. */
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
];
