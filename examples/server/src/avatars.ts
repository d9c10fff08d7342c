import { randomBytes, randomUUID } from 'node:crypto';
import type { Database, Queries } from './database.ts';
import { ApiError } from './errors.ts';
import { isPictureType, type PictureType, pictureTypes } from './picture-types.ts';
import { inspectPicture } from './pictures.ts';
import type { PutTicket, Storage } from './storage.ts';

export type FileType = 'avatar' | 'thumb';

export interface FileWish {
  type: FileType;
  contentType: string;
  size: number;
}

export interface PresignedFile extends PutTicket {
  fileId: string;
  type: FileType;
  key: string;
}

/** The one final answer of an upload: kept, so that a repeat gets the same. */
type Outcome =
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

export interface Avatars {
  presign(userId: string, files: readonly FileWish[]): Promise<PresignedFile[]>;
  complete(userId: string, files: readonly { type: FileType; key: string }[]): Promise<CompletedAvatar>;
  remove(userId: string): Promise<{ version: number }>;
  /** Clears away uploads that were never finished. */
  sweep(): Promise<void>;
}

interface UploadFile {
  staged_key: string;
  type: FileType;
  content_type: PictureType;
  size: number;
  published_key: string;
}

interface Upload {
  id: string;
  user_id: string;
  start: number;
  outcome: Outcome | null;
}

interface ShownAvatar {
  avatar_key: string | null;
  avatar_thumb_key: string | null;
  avatar_version: number;
  avatar_start: number;
}

/** A file may be completed for this long after its URL expired. */
const GRACE_MS = 15 * 60_000;
/** How long a repeated complete still gets the first answer. */
const REMEMBER_MS = 24 * 60 * 60_000;

export function createAvatars(settings: {
  database: Database;
  storage: Storage;
  clock: () => number;
  folder: string;
  limits: { fileBytes: number; uploadSeconds: number };
  /** Hears of failures that cost nothing but disk space. */
  report: (error: unknown) => void;
}): Avatars {
  const { database, storage, clock, folder, limits, report } = settings;
  const completing = new Map<string, Promise<CompletedAvatar>>();

  async function presign(userId: string, files: readonly FileWish[]): Promise<PresignedFile[]> {
    const wishes = files.map((file) => ({ ...file, contentType: acceptWish(file, limits.fileBytes) }));
    const uploadId = randomUUID();
    const expiresAt = clock() + limits.uploadSeconds * 1000;
    const rows = wishes.map(({ type, contentType, size }): UploadFile => {
      const { extension } = pictureTypes[contentType];
      return {
        type,
        content_type: contentType,
        size,
        staged_key: `${folder}/staged/${userId}/${uploadId}/${type}.${extension}`,
        published_key: `${folder}/${userId}/${randomBytes(16).toString('hex')}.${extension}`,
      };
    });
    await database.transaction(async (tx) => {
      const [user] = await tx.query<{ start: number }>(
        'update users set last_start = last_start + 1 where id = $1 returning last_start as start',
        [userId],
      );
      if (!user)
        throw new ApiError(404, 'USER_NOT_FOUND', 'unable to change the picture; there is no such user');
      await tx.query('insert into uploads (id, user_id, start, expires_at) values ($1, $2, $3, $4)', [
        uploadId,
        userId,
        user.start,
        new Date(expiresAt),
      ]);
      for (const row of rows) {
        await tx.query(
          `insert into upload_files (staged_key, upload_id, type, content_type, size, published_key)
           values ($1, $2, $3, $4, $5, $6)`,
          [row.staged_key, uploadId, row.type, row.content_type, row.size, row.published_key],
        );
      }
    });
    return Promise.all(
      rows.map(async (row) => ({
        fileId: randomUUID(),
        type: row.type,
        key: row.staged_key,
        ...(await storage.presignPut({
          key: row.staged_key,
          contentType: row.content_type,
          size: row.size,
          expiresAt,
        })),
      })),
    );
  }

  async function complete(
    userId: string,
    sent: readonly { type: FileType; key: string }[],
  ): Promise<CompletedAvatar> {
    const { upload, files } = await findUpload(userId, sent);
    const running = completing.get(upload.id);
    if (running) return { ...(await running), fresh: false };
    const work = finish(upload, files, new Set(sent.map((file) => file.key)));
    completing.set(upload.id, work);
    try {
      return await work;
    } finally {
      completing.delete(upload.id);
    }
  }

  async function findUpload(
    userId: string,
    sent: readonly { type: FileType; key: string }[],
  ): Promise<{ upload: Upload; files: UploadFile[] }> {
    const [upload] = await database.query<Upload>(
      `select id, user_id, start, outcome from uploads
       where id = (select upload_id from upload_files where staged_key = $1)`,
      [sent[0]?.key],
    );
    if (!upload)
      throw new ApiError(404, 'UPLOAD_NOT_FOUND', 'unable to complete; the upload is unknown or too old');
    if (upload.user_id !== userId) {
      throw new ApiError(403, 'FORBIDDEN', 'unable to complete; the upload belongs to someone else');
    }
    const files = await filesOf(database, upload.id);
    const known = sent.every(({ type, key }) =>
      files.some((file) => file.staged_key === key && file.type === type),
    );
    if (!known)
      throw new ApiError(400, 'INVALID_REQUEST', 'unable to complete; the keys are not of one upload');
    return { upload, files };
  }

  async function finish(
    upload: Upload,
    files: UploadFile[],
    sent: ReadonlySet<string>,
  ): Promise<CompletedAvatar> {
    if (upload.outcome) return settle(upload.outcome, false);
    const used = files.filter((file) => sent.has(file.staged_key));
    try {
      for (const file of used) await storage.publish(file.published_key, await inspectStored(file));
    } catch (error) {
      const [now] = await database.query<Upload>('select outcome from uploads where id = $1', [upload.id]);
      // Another server finished it and cleaned up while this one was reading.
      if (now?.outcome) return settle(now.outcome, false);
      if (!(error instanceof ApiError) || error.code === 'UPLOAD_INCOMPLETE') throw error;
      const { status, code, message } = error;
      await database.query('update uploads set outcome = $2 where id = $1 and outcome is null', [
        upload.id,
        JSON.stringify({ refused: { status, code, text: message } }),
      ]);
      await tidyUpload(files);
      throw error;
    }
    const { outcome, fresh, replaced, keep } = await database.transaction((tx) => show(tx, upload, used));
    const unused = keep ? [] : used.map((file) => file.published_key);
    await tidy(
      files.map((file) => file.staged_key),
      [...replaced, ...unused],
    );
    return settle(outcome, fresh);
  }

  async function inspectStored(file: UploadFile): Promise<Buffer> {
    const stored = await storage.stat(file.staged_key);
    const bytes = stored?.size === file.size ? await storage.read(file.staged_key) : undefined;
    if (bytes?.length !== file.size) {
      throw new ApiError(422, 'UPLOAD_INCOMPLETE', `unable to complete; the ${file.type} has not arrived`);
    }
    return inspectPicture(bytes, file.content_type);
  }

  async function show(
    tx: Queries,
    upload: Upload,
    used: readonly UploadFile[],
  ): Promise<{ outcome: Outcome; fresh: boolean; replaced: string[]; keep: boolean }> {
    const user = await lockUser(tx, upload.user_id);
    const [row] = await tx.query<Upload>('select outcome from uploads where id = $1 for update', [upload.id]);
    const key = used.find((file) => file.type === 'avatar')?.published_key ?? '';
    const thumbKey = used.find((file) => file.type === 'thumb')?.published_key ?? null;
    if (row?.outcome) {
      return { outcome: row.outcome, fresh: false, replaced: [], keep: user.avatar_key === key };
    }
    const late = upload.start < user.avatar_start;
    const outcome: Outcome = late
      ? { refused: { status: 409, code: 'SUPERSEDED', text: 'unable to complete; a later change has won' } }
      : { shown: { key, thumbKey, version: user.avatar_version + 1 } };
    await tx.query('update uploads set outcome = $2 where id = $1', [upload.id, JSON.stringify(outcome)]);
    if (late) return { outcome, fresh: false, replaced: [], keep: false };
    await tx.query(
      `update users set avatar_key = $2, avatar_thumb_key = $3, avatar_url = $2, avatar_thumb_url = coalesce($3, $2),
         avatar_version = avatar_version + 1, avatar_start = $4, updated_at = $5 where id = $1`,
      [upload.user_id, key, thumbKey, upload.start, new Date(clock())],
    );
    return { outcome, fresh: true, replaced: keysOf(user), keep: true };
  }

  async function remove(userId: string): Promise<{ version: number }> {
    const user = await database.transaction(async (tx) => {
      const before = await lockUser(tx, userId);
      // Taking a start number makes every upload that began before this delete late, even when nothing was shown.
      await tx.query(
        'update users set last_start = last_start + 1, avatar_start = last_start + 1 where id = $1',
        [userId],
      );
      await tx.query(
        `update users set avatar_key = null, avatar_thumb_key = null, avatar_url = null, avatar_thumb_url = null,
           avatar_version = avatar_version + 1, updated_at = $2 where id = $1 and avatar_key is not null`,
        [userId, new Date(clock())],
      );
      return before;
    });
    if (user.avatar_key === null)
      throw new ApiError(404, 'NO_AVATAR', 'unable to delete; there is no picture');
    await tidy([], keysOf(user));
    return { version: user.avatar_version + 1 };
  }

  async function sweep(): Promise<void> {
    const now = clock();
    const late = {
      refused: { status: 410, code: 'UPLOAD_EXPIRED', text: 'unable to complete; it is too late' },
    };
    await database.query('update uploads set outcome = $2 where outcome is null and expires_at < $1', [
      new Date(now - GRACE_MS),
      JSON.stringify(late),
    ]);
    // A crash may have left objects of any upload that is not the one shown.
    const old = await database.query<{ id: string }>(
      `select id from uploads where expires_at < $1 and outcome is not null and not exists (
         select 1 from upload_files file join users on users.id = uploads.user_id
         where file.upload_id = uploads.id and file.published_key = users.avatar_key)`,
      [new Date(now - REMEMBER_MS)],
    );
    for (const { id } of old) {
      await tidyUpload(await filesOf(database, id));
      await database.query('delete from uploads where id = $1', [id]);
    }
    await storage.sweep(now - GRACE_MS);
  }

  /** Runs after the commit, so a failure here must not turn a success into an error; the sweep tries again. */
  async function tidy(staged: readonly string[], published: readonly string[]): Promise<void> {
    try {
      await storage.unstage(staged);
      await storage.unpublish(published);
    } catch (error) {
      report(error);
    }
  }

  const tidyUpload = (files: readonly UploadFile[]) =>
    tidy(
      files.map((file) => file.staged_key),
      files.map((file) => file.published_key),
    );

  return { presign, complete, remove, sweep };
}

function acceptWish({ contentType, size, type }: FileWish, fileBytes: number): PictureType {
  if (!isPictureType(contentType)) {
    throw new ApiError(415, 'UNSUPPORTED_TYPE', `unable to take the ${type}; send WebP, JPEG or PNG`);
  }
  if (size > fileBytes) {
    throw new ApiError(413, 'FILE_TOO_LARGE', `unable to take the ${type}; ${fileBytes} bytes is the limit`);
  }
  return contentType;
}

function settle(outcome: Outcome, fresh: boolean): CompletedAvatar {
  if ('refused' in outcome)
    throw new ApiError(outcome.refused.status, outcome.refused.code, outcome.refused.text);
  const { key, thumbKey, version } = outcome.shown;
  return { key, thumbKey: thumbKey ?? key, version, fresh };
}

function filesOf(queries: Queries, uploadId: string): Promise<UploadFile[]> {
  return queries.query<UploadFile>(
    'select staged_key, type, content_type, size, published_key from upload_files where upload_id = $1',
    [uploadId],
  );
}

async function lockUser(tx: Queries, userId: string): Promise<ShownAvatar> {
  const [user] = await tx.query<ShownAvatar>(
    'select avatar_key, avatar_thumb_key, avatar_version, avatar_start from users where id = $1 for update',
    [userId],
  );
  if (!user) throw new ApiError(404, 'USER_NOT_FOUND', 'unable to change the picture; there is no such user');
  return user;
}

function keysOf(user: ShownAvatar): string[] {
  return [user.avatar_key, user.avatar_thumb_key].filter((key) => key !== null);
}
