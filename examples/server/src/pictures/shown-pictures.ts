import { randomBytes } from 'node:crypto';
import { recordUserChange } from '../chat/changes.ts';
import type { Queries } from '../database/database.ts';
import { ApiError } from '../errors.ts';
import { filenameOf } from './picture-types.ts';
import {
  type CompletedAvatar,
  closeUpload,
  type Outcome,
  outcomeOf,
  type Upload,
  type UploadFile,
} from './uploads.ts';

/** What a picture's record says beside where its files are. */
export interface PictureDetails {
  /** As the sender named it; only ever told, never used. */
  originalFilename: string | null;
  fileSize: number;
  width: number;
  height: number;
  metadata: Record<string, unknown>;
  /** Whether its files outlive its being shown, for the history. */
  isKept: boolean;
}

interface PictureKeys {
  key: string;
  thumb_key: string | null;
  medium_key: string | null;
}

interface ShownPicture {
  picture_id: string | null;
  avatar_key: string | null;
  avatar_version: number;
  avatar_start: number;
}

/** So many pictures of a user are kept for the history. */
const KEPT_PICTURES = 10;

/** Puts an upload on show. The last started wins, whichever is finished first. */
export async function showUpload(
  tx: Queries,
  upload: Upload,
  used: readonly UploadFile[],
  details: PictureDetails,
  at: Date,
): Promise<{ outcome: Outcome; fresh: boolean; unused: string[] }> {
  const user = await lockUser(tx, upload.user_id);
  const settled = await outcomeOf(tx, upload.id, true);
  const published = used.map((file) => file.published_key);
  const of = (type: UploadFile['type']) => used.find((file) => file.type === type);
  const key = of('avatar')?.published_key ?? '';
  const thumbKey = of('thumb')?.published_key ?? null;
  if (settled) return { outcome: settled, fresh: false, unused: user.avatar_key === key ? [] : published };

  const version = user.avatar_version + 1;
  const late = upload.start < user.avatar_start;
  const outcome: Outcome = late
    ? { refused: { status: 409, code: 'SUPERSEDED', text: 'unable to complete; a later change has won' } }
    : { shown: { key, thumbKey, version } };
  await closeUpload(tx, upload.id, outcome);
  if (late) return { outcome, fresh: false, unused: published };

  const id = randomBytes(16).toString('hex');
  await tx.query(
    `insert into pictures (id, user_id, version, filename, key, thumb_key, medium_key, original_filename, mime_type,
       file_size, width, height, metadata, is_kept, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      id,
      upload.user_id,
      version,
      filenameOf(key),
      key,
      thumbKey,
      of('medium')?.published_key ?? null,
      details.originalFilename,
      of('avatar')?.content_type,
      details.fileSize,
      details.width,
      details.height,
      JSON.stringify(details.metadata),
      details.isKept,
      at,
    ],
  );
  const picture = { id, key, thumbKey, version, start: upload.start };
  return { outcome, fresh: true, unused: await replace(tx, upload.user_id, user, picture, at) };
}

/** Shows a picture of the history again. Nothing happens when it is on show. */
export async function showAgain(
  tx: Queries,
  userId: string,
  filename: string,
  at: Date,
): Promise<CompletedAvatar & { unused: string[] }> {
  const user = await lockUser(tx, userId);
  const [picture] = await tx.query<{ id: string } & PictureKeys>(
    `select id, key, thumb_key, medium_key from pictures
     where user_id = $1 and filename = $2 and erased_at is null`,
    [userId, filename],
  );
  if (!picture) {
    throw new ApiError(404, 'PICTURE_NOT_FOUND', 'unable to show the picture; it is not in the history');
  }
  const { id, key, thumb_key } = picture;
  const thumbKey = thumb_key ?? key;
  if (id === user.picture_id)
    return { key, thumbKey, version: user.avatar_version, fresh: false, unused: [] };
  const version = user.avatar_version + 1;
  await tx.query('update pictures set deleted_at = null, version = $2 where id = $1', [id, version]);
  const again = { id, key, thumbKey: thumb_key, version, start: await nextStart(tx, userId) };
  return { key, thumbKey, version, fresh: true, unused: await replace(tx, userId, user, again, at) };
}

/**
 * Takes the picture off show. A soft delete leaves what the history keeps; any other erases every file of the user.
 *
 * @returns the version of "no picture", or `undefined` when there was none
 */
export async function takeDown(
  tx: Queries,
  userId: string,
  { soft, at }: { soft: boolean; at: Date },
): Promise<{ version: number | undefined; unused: string[] }> {
  const user = await lockUser(tx, userId);
  // Taking a start makes every upload that began before this delete late, even when nothing was shown.
  await tx.query('update users set avatar_start = $2 where id = $1', [userId, await nextStart(tx, userId)]);
  const unused = soft ? await retire(tx, userId, user, at) : await eraseAll(tx, userId, at);
  if (user.avatar_key === null) return { version: undefined, unused };
  await tx.query('update pictures set deleted_at = $2 where id = $1', [user.picture_id, at]);
  await tx.query(
    `update users set picture_id = null, avatar_key = null, avatar_thumb_key = null, avatar_url = null,
       avatar_thumb_url = null, avatar_version = avatar_version + 1, updated_at = $2 where id = $1`,
    [userId, at],
  );
  await recordUserChange(tx, userId);
  return { version: user.avatar_version + 1, unused };
}

/** The one place a picture comes on show. */
async function replace(
  tx: Queries,
  userId: string,
  before: ShownPicture,
  picture: { id: string; key: string; thumbKey: string | null; version: number; start: number },
  at: Date,
): Promise<string[]> {
  const { id, key, thumbKey, version, start } = picture;
  await tx.query(
    `update users set picture_id = $2, avatar_key = $3, avatar_thumb_key = $4, avatar_url = $3,
       avatar_thumb_url = coalesce($4, $3), avatar_version = $5, avatar_start = $6, updated_at = $7
     where id = $1`,
    [userId, id, key, thumbKey, version, start, at],
  );
  const unused = await retire(tx, userId, before, at);
  await recordUserChange(tx, userId);
  return unused;
}

/** The files that go with a picture that was on show, and those of the history that are one too many. */
async function retire(tx: Queries, userId: string, before: ShownPicture, at: Date): Promise<string[]> {
  return keysOf(
    await tx.query<PictureKeys>(
      `update pictures set erased_at = $3 where erased_at is null and id in (
         select id from pictures where id = $1 and not is_kept
         union all (select id from pictures where user_id = $2 and is_kept and erased_at is null
           order by version desc offset $4))
       returning key, thumb_key, medium_key`,
      [before.picture_id, userId, at, KEPT_PICTURES],
    ),
  );
}

async function eraseAll(tx: Queries, userId: string, at: Date): Promise<string[]> {
  return keysOf(
    await tx.query<PictureKeys>(
      `update pictures set erased_at = $2 where user_id = $1 and erased_at is null
       returning key, thumb_key, medium_key`,
      [userId, at],
    ),
  );
}

async function nextStart(tx: Queries, userId: string): Promise<number> {
  const [user] = await tx.query<{ start: number }>(
    'update users set last_start = last_start + 1 where id = $1 returning last_start as start',
    [userId],
  );
  return user?.start ?? 0;
}

/** Not `for update`: a message of the user needs their key to stay, and holds feeds that are wanted here next. */
async function lockUser(tx: Queries, userId: string): Promise<ShownPicture> {
  const [user] = await tx.query<ShownPicture>(
    'select picture_id, avatar_key, avatar_version, avatar_start from users where id = $1 for no key update',
    [userId],
  );
  if (!user) throw noUser();
  return user;
}

function keysOf(pictures: readonly PictureKeys[]): string[] {
  return pictures
    .flatMap(({ key, thumb_key, medium_key }) => [key, thumb_key, medium_key])
    .filter((key) => key !== null);
}

export function noUser(): ApiError {
  return new ApiError(404, 'USER_NOT_FOUND', 'unable to change the picture; there is no such user');
}
