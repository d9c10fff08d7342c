import type { Database, Queries } from '../database/database.ts';
import { ApiError } from '../errors.ts';
import type { PictureType } from './picture-types.ts';

/** `medium` is only ever made by this server. */
export type FileType = 'avatar' | 'thumb' | 'medium';

export interface UploadFile {
  type: FileType;
  content_type: PictureType;
  size: number;
  /** Where the client puts the bytes. */
  staged_key: string;
  /** Where they are shown if the upload wins; chosen at the start, so that a crash leaves nothing unknown behind. */
  published_key: string;
}

/** The one final answer of an upload: kept, so that a repeat gets the same. */
export type Outcome =
  | { shown: { key: string; thumbKey: string | null; version: number } }
  | { refused: { status: number; code: string; text: string } };

export interface CompletedAvatar {
  key: string;
  /** The avatar's own key when there is no thumb. */
  thumbKey: string;
  version: number;
  /** False for a repeat: others have been told already. */
  fresh: boolean;
}

export interface Upload {
  id: string;
  user_id: string;
  /** Counts the user's uploads and deletes in the order they were begun. */
  start: number;
  outcome: Outcome | null;
}

/** The rest waits for the next sweep. */
const FORGOTTEN_AT_ONCE = 1_000;

/** The upload's start, or `undefined` when there is no such user. */
export async function recordUpload(
  tx: Queries,
  {
    id,
    userId,
    expiresAt,
    files,
  }: { id: string; userId: string; expiresAt: Date; files: readonly UploadFile[] },
): Promise<number | undefined> {
  const [user] = await tx.query<{ start: number }>(
    'update users set last_start = last_start + 1 where id = $1 returning last_start as start',
    [userId],
  );
  if (!user) return undefined;
  await tx.query('insert into uploads (id, user_id, start, expires_at) values ($1, $2, $3, $4)', [
    id,
    userId,
    user.start,
    expiresAt,
  ]);
  for (const file of files) {
    await tx.query(
      `insert into upload_files (staged_key, upload_id, type, content_type, size, published_key)
       values ($1, $2, $3, $4, $5, $6)`,
      [file.staged_key, id, file.type, file.content_type, file.size, file.published_key],
    );
  }
  return user.start;
}

export async function uploadOfKey(queries: Queries, stagedKey: string): Promise<Upload | undefined> {
  const [upload] = await queries.query<Upload>(
    `select id, user_id, start, outcome from uploads
     where id = (select upload_id from upload_files where staged_key = $1)`,
    [stagedKey],
  );
  return upload;
}

export function filesOf(queries: Queries, uploadId: string): Promise<UploadFile[]> {
  return queries.query<UploadFile>(
    'select type, content_type, size, staged_key, published_key from upload_files where upload_id = $1',
    [uploadId],
  );
}

export async function outcomeOf(queries: Queries, uploadId: string, lock = false): Promise<Outcome | null> {
  const [row] = await queries.query<Upload>(
    `select outcome from uploads where id = $1${lock ? ' for update' : ''}`,
    [uploadId],
  );
  return row?.outcome ?? null;
}

/** The first outcome stays. */
export async function closeUpload(queries: Queries, uploadId: string, outcome: Outcome): Promise<void> {
  await queries.query('update uploads set outcome = $2 where id = $1 and outcome is null', [
    uploadId,
    JSON.stringify(outcome),
  ]);
}

export async function closeExpired(queries: Queries, before: Date): Promise<void> {
  const outcome: Outcome = {
    refused: { status: 410, code: 'UPLOAD_EXPIRED', text: 'unable to complete; it is too late' },
  };
  await queries.query('update uploads set outcome = $2 where outcome is null and expires_at < $1', [
    before,
    JSON.stringify(outcome),
  ]);
}

/** Forgets closed uploads whose picture is neither shown nor kept, after their objects have been handed to `tidy`. */
export async function forgetClosed(
  database: Database,
  before: Date,
  tidy: (files: readonly UploadFile[]) => Promise<void>,
): Promise<void> {
  const old = await database.query<{ id: string }>(
    `select id from uploads where expires_at < $1 and outcome is not null and not exists (
       select 1 from upload_files file join pictures on pictures.key = file.published_key
       where file.upload_id = uploads.id and pictures.erased_at is null)
     order by expires_at limit $2`,
    [before, FORGOTTEN_AT_ONCE],
  );
  for (const { id } of old) {
    await tidy(await filesOf(database, id));
    await database.query('delete from uploads where id = $1', [id]);
  }
}

/** What the caller is told: the picture now shown, or the refusal, thrown. */
export function settle(outcome: Outcome, fresh: boolean): CompletedAvatar {
  if ('refused' in outcome) {
    const { status, code, text } = outcome.refused;
    throw new ApiError(status, code, text);
  }
  const { key, thumbKey, version } = outcome.shown;
  return { key, thumbKey: thumbKey ?? key, version, fresh };
}
