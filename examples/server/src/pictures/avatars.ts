import { randomUUID } from 'node:crypto';
import type { Database } from '../database/database.ts';
import { ApiError } from '../errors.ts';
import type { Storage, UploadTicket } from '../storage/storage.ts';
import { isPictureType, newPictureKey, type PictureType, pictureTypes } from './picture-types.ts';
import { inspectPicture, measure } from './pictures.ts';
import { noUser, showUpload, takeDown } from './shown-pictures.ts';
import type { CompletedAvatar, FileType, Upload, UploadFile } from './uploads.ts';
import * as uploads from './uploads.ts';

export type PresignedFile = UploadTicket & { fileId: string; type: FileType; key: string };

type SentFile = { type: FileType; key: string };

export interface Avatars {
  presign(
    userId: string,
    files: readonly { type: FileType; contentType: string; size: number }[],
  ): Promise<PresignedFile[]>;
  complete(userId: string, files: readonly SentFile[]): Promise<CompletedAvatar>;
  /** A soft delete leaves what is kept for the history; any other erases every file of the user. */
  remove(userId: string, options?: { soft?: boolean }): Promise<{ version: number }>;
  /** Clears away uploads that were never finished, and what a crash left behind. */
  sweep(): Promise<void>;
}

/** A ticket's upload tells nothing of its own, and its files go with it. */
const plainDetails = { originalFilename: null, metadata: {}, isKept: false };

/** A file may be completed for this long after its URL expired. */
const GRACE_MS = 15 * 60_000;
/** How long a repeated complete still gets the first answer. */
const REMEMBER_MS = 24 * 60 * 60_000;

export function createAvatars(settings: {
  database: Database;
  storage: Storage;
  clock: () => number;
  /** Where published pictures lie. */
  folder: string;
  /** Where uploads arrive; nothing in it is public. */
  stagingFolder: string;
  limits: { fileBytes: number; uploadSeconds: number };
  /** Hears of failures that cost nothing but disk space. */
  report: (error: unknown) => void;
}): Avatars {
  const { database, storage, clock, folder, stagingFolder, limits, report } = settings;
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
      return {
        type,
        content_type,
        size,
        staged_key: `${stagingFolder}/${userId}/${id}/${type}.${pictureTypes[content_type].extension}`,
        published_key: newPictureKey(folder, userId, content_type),
      };
    });
    const upload = { id, userId, expiresAt: new Date(expiresAt), files };
    if ((await database.transaction((tx) => uploads.recordUpload(tx, upload))) === undefined) throw noUser();
    return Promise.all(
      files.map(async ({ type, staged_key: key, content_type: contentType, size }) => {
        const ticket = await storage.presign({ key, contentType, size, expiresAt });
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
    if (upload.outcome) return uploads.settle(upload.outcome, false);
    const used = files.filter((file) => sent.has(file.staged_key));
    let details = { ...plainDetails, fileSize: 0, width: 0, height: 0 };
    try {
      for (const file of used) {
        const bytes = await inspectStored(file);
        await storage.publish(file.published_key, bytes);
        if (file.type === 'avatar')
          details = { ...plainDetails, fileSize: bytes.length, ...(await measure(bytes)) };
      }
    } catch (error) {
      // Another server may have finished it and cleaned up while this one was reading.
      const outcome = await uploads.outcomeOf(database, upload.id);
      if (outcome) return uploads.settle(outcome, false);
      const isFinal = error instanceof ApiError && error.status < 500 && error.code !== 'UPLOAD_INCOMPLETE';
      if (!isFinal) throw error;
      const { status, code, message: text } = error;
      await uploads.closeUpload(database, upload.id, { refused: { status, code, text } });
      await tidyFiles(files);
      throw error;
    }
    const at = new Date(clock());
    const { outcome, fresh, unused } = await database.transaction((tx) =>
      showUpload(tx, upload, used, details, at),
    );
    await tidy(
      files.map((file) => file.staged_key),
      unused,
    );
    return uploads.settle(outcome, fresh);
  }

  async function inspectStored(file: UploadFile): Promise<Buffer> {
    const stored = await storage.stat(file.staged_key);
    const bytes = stored?.size === file.size ? await storage.read(file.staged_key) : undefined;
    if (bytes?.length !== file.size) {
      throw new ApiError(422, 'UPLOAD_INCOMPLETE', `unable to complete; the ${file.type} has not arrived`);
    }
    return inspectPicture(bytes, file.content_type);
  }

  async function remove(userId: string, { soft = false } = {}): Promise<{ version: number }> {
    const at = new Date(clock());
    const { version, unused } = await database.transaction((tx) => takeDown(tx, userId, { soft, at }));
    await tidy([], unused);
    if (version === undefined) throw new ApiError(404, 'NO_AVATAR', 'unable to delete; there is no picture');
    return { version };
  }

  async function sweep(): Promise<void> {
    const now = clock();
    await uploads.closeExpired(database, new Date(now - GRACE_MS));
    // The staging area is swept by itself, much earlier.
    await uploads.forgetClosed(database, new Date(now - REMEMBER_MS), (files) =>
      storage.unpublish(files.map((file) => file.published_key)),
    );
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
