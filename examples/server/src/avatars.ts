import { randomBytes, randomUUID } from 'node:crypto';
import { recordUserChange } from './changes.ts';
import type { Database, Queries } from './database.ts';
import { ApiError } from './errors.ts';
import { isPictureType, type PictureType, pictureTypes } from './picture-types.ts';
import { inspectPicture } from './pictures.ts';
import type { PutTicket, Storage } from './storage.ts';
import type { FileType, Outcome, Upload, UploadFile } from './uploads.ts';
import * as uploads from './uploads.ts';

export interface PresignedFile extends PutTicket {
  fileId: string;
  type: FileType;
  key: string;
}

export interface CompletedAvatar {
  key: string;
  /** The avatar's own key when there is no thumb. */
  thumbKey: string;
  version: number;
  /** False for a repeat: others have been told already. */
  fresh: boolean;
}

type SentFile = { type: FileType; key: string };

export interface Avatars {
  presign(
    userId: string,
    files: readonly { type: FileType; contentType: string; size: number }[],
  ): Promise<PresignedFile[]>;
  complete(userId: string, files: readonly SentFile[]): Promise<CompletedAvatar>;
  remove(userId: string): Promise<{ version: number }>;
  /** Clears away uploads that were never finished, and what a crash left behind. */
  sweep(): Promise<void>;
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

  async function presign(
    userId: string,
    wishes: readonly { type: FileType; contentType: string; size: number }[],
  ): Promise<PresignedFile[]> {
    const id = randomUUID();
    const expiresAt = clock() + limits.uploadSeconds * 1000;
    const files = wishes.map(({ type, contentType, size }): UploadFile => {
      const content_type = acceptType(type, contentType);
      if (size > limits.fileBytes) {
        const text = `unable to take the ${type}; ${limits.fileBytes} bytes is the limit`;
        throw new ApiError(413, 'FILE_TOO_LARGE', text);
      }
      const { extension } = pictureTypes[content_type];
      return {
        type,
        content_type,
        size,
        staged_key: `${folder}/staged/${userId}/${id}/${type}.${extension}`,
        published_key: `${folder}/${userId}/${randomBytes(16).toString('hex')}.${extension}`,
      };
    });
    const upload = { id, userId, expiresAt: new Date(expiresAt), files };
    if (!(await database.transaction((tx) => uploads.recordUpload(tx, upload)))) throw noUser();
    return Promise.all(
      files.map(async ({ type, staged_key: key, content_type: contentType, size }) => {
        const ticket = await storage.presignPut({ key, contentType, size, expiresAt });
        return { fileId: randomUUID(), type, key, ...ticket };
      }),
    );
  }

  async function complete(userId: string, sent: readonly SentFile[]): Promise<CompletedAvatar> {
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
    sent: readonly SentFile[],
  ): Promise<{ upload: Upload; files: UploadFile[] }> {
    const upload = await uploads.uploadOfKey(database, sent[0]?.key ?? '');
    if (!upload) {
      throw new ApiError(404, 'UPLOAD_NOT_FOUND', 'unable to complete; the upload is unknown or too old');
    }
    if (upload.user_id !== userId) {
      throw new ApiError(403, 'FORBIDDEN', 'unable to complete; the upload belongs to someone else');
    }
    const files = await uploads.filesOf(database, upload.id);
    const isKnown = ({ type, key }: SentFile) =>
      files.some((file) => file.staged_key === key && file.type === type);
    if (!sent.every(isKnown)) {
      throw new ApiError(400, 'INVALID_REQUEST', 'unable to complete; the keys are not of one upload');
    }
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
      // Another server may have finished it and cleaned up while this one was reading.
      const outcome = await uploads.outcomeOf(database, upload.id);
      if (outcome) return settle(outcome, false);
      if (!(error instanceof ApiError) || error.code === 'UPLOAD_INCOMPLETE') throw error;
      const { status, code, message: text } = error;
      await uploads.closeUpload(database, upload.id, { refused: { status, code, text } });
      await tidyFiles(files);
      throw error;
    }
    const { outcome, fresh, unused } = await database.transaction((tx) => show(tx, upload, used));
    await tidy(
      files.map((file) => file.staged_key),
      unused,
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

  /** The one place a picture is put on show. The last started wins, whichever is completed first. */
  async function show(
    tx: Queries,
    upload: Upload,
    used: readonly UploadFile[],
  ): Promise<{ outcome: Outcome; fresh: boolean; unused: string[] }> {
    const user = await lockUser(tx, upload.user_id);
    const settled = await uploads.outcomeOf(tx, upload.id, true);
    const published = used.map((file) => file.published_key);
    const key = used.find((file) => file.type === 'avatar')?.published_key ?? '';
    const thumbKey = used.find((file) => file.type === 'thumb')?.published_key ?? null;
    if (settled) return { outcome: settled, fresh: false, unused: user.avatar_key === key ? [] : published };

    const version = user.avatar_version + 1;
    const late = upload.start < user.avatar_start;
    const outcome: Outcome = late
      ? { refused: { status: 409, code: 'SUPERSEDED', text: 'unable to complete; a later change has won' } }
      : { shown: { key, thumbKey, version } };
    await uploads.closeUpload(tx, upload.id, outcome);
    if (late) return { outcome, fresh: false, unused: published };
    await tx.query(
      `update users set avatar_key = $2, avatar_thumb_key = $3, avatar_url = $2,
         avatar_thumb_url = coalesce($3, $2), avatar_version = $4, avatar_start = $5, updated_at = $6
       where id = $1`,
      [upload.user_id, key, thumbKey, version, upload.start, new Date(clock())],
    );
    await recordUserChange(tx, upload.user_id);
    return { outcome, fresh: true, unused: keysOf(user) };
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
      if (before.avatar_key !== null) await recordUserChange(tx, userId);
      return before;
    });
    if (user.avatar_key === null)
      throw new ApiError(404, 'NO_AVATAR', 'unable to delete; there is no picture');
    await tidy([], keysOf(user));
    return { version: user.avatar_version + 1 };
  }

  async function sweep(): Promise<void> {
    const now = clock();
    await uploads.closeExpired(database, new Date(now - GRACE_MS));
    await uploads.forgetClosed(database, new Date(now - REMEMBER_MS), tidyFiles);
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

  const tidyFiles = (files: readonly UploadFile[]) =>
    tidy(
      files.map((file) => file.staged_key),
      files.map((file) => file.published_key),
    );

  return { presign, complete, remove, sweep };
}

function acceptType(type: FileType, contentType: string): PictureType {
  if (isPictureType(contentType)) return contentType;
  throw new ApiError(415, 'UNSUPPORTED_TYPE', `unable to take the ${type}; send WebP, JPEG or PNG`);
}

function settle(outcome: Outcome, fresh: boolean): CompletedAvatar {
  if ('refused' in outcome) {
    const { status, code, text } = outcome.refused;
    throw new ApiError(status, code, text);
  }
  const { key, thumbKey, version } = outcome.shown;
  return { key, thumbKey: thumbKey ?? key, version, fresh };
}

async function lockUser(tx: Queries, userId: string): Promise<ShownAvatar> {
  const [user] = await tx.query<ShownAvatar>(
    'select avatar_key, avatar_thumb_key, avatar_version, avatar_start from users where id = $1 for update',
    [userId],
  );
  if (!user) throw noUser();
  return user;
}

function keysOf(user: ShownAvatar): string[] {
  return [user.avatar_key, user.avatar_thumb_key].filter((key) => key !== null);
}

function noUser(): ApiError {
  return new ApiError(404, 'USER_NOT_FOUND', 'unable to change the picture; there is no such user');
}
