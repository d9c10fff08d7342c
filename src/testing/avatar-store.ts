import type { SeededRandom } from './random.ts';
import type { Records, UserRecord } from './records.ts';
import { Refusal } from './refusal.ts';
import type { SyncLog } from './sync-log.ts';

export interface StagedFile {
  readonly type: 'avatar' | 'thumb';
  readonly contentType: string;
  readonly size: number;
  readonly key: string;
  isStored: boolean;
}

interface Upload {
  readonly userId: string;
  readonly start: number;
  readonly expiresAt: number;
  readonly files: readonly StagedFile[];
  outcome:
    | { readonly version: number; readonly key: string; readonly thumbKey: string }
    | Refusal
    | undefined;
}

export interface PublishedAvatar {
  readonly key: string;
  readonly thumbKey: string;
  readonly version: number;
  /** `false` for a repeat: others have been told already. */
  readonly isNew: boolean;
}

/** Uploads and the pictures that are shown. */
export interface AvatarStore {
  presign(
    userId: string,
    wishes: readonly Pick<StagedFile, 'type' | 'contentType' | 'size'>[],
  ): readonly StagedFile[];
  /** The storage host takes a body. */
  put(key: string, body: { readonly size: number; readonly type: string }): void;
  complete(userId: string, keys: readonly string[]): PublishedAvatar;
  remove(userId: string): UserRecord;
}

export interface AvatarStoreSettings {
  readonly records: Records;
  readonly syncLog: SyncLog;
  readonly now: () => number;
  readonly random: SeededRandom;
  readonly uploadMs: number;
  /** Whether the later begun change wins whatever is completed first; else the later completed. */
  readonly keepsOrder: boolean;
}

const types = new Set(['image/webp', 'image/jpeg', 'image/png']);
const maxBytes = 5_000_000;

export function createAvatarStore(settings: AvatarStoreSettings): AvatarStore {
  const { records, syncLog, now, random } = settings;
  const uploads = new Map<string, Upload>();

  function userOf(userId: string): UserRecord {
    const user = records.users.get(userId);
    if (user) return user;
    throw new Refusal(404, 'USER_NOT_FOUND', 'unable to change the picture; there is no such user');
  }

  function begin(user: UserRecord): number {
    user.lastStart += 1;
    return user.lastStart;
  }

  function show(user: UserRecord, start: number, key: string | null, thumbKey: string | null) {
    user.avatarKey = key;
    user.thumbKey = thumbKey;
    user.avatarStart = start;
    user.avatarVersion += 1;
    user.updatedAt = now();
    const pictures = records.pictures.get(user.id) ?? new Map();
    records.pictures.set(user.id, pictures.set(user.avatarVersion, key));
    const partners = [...records.conversations.values()]
      .filter(({ members }) => members.includes(user.id))
      .flatMap(({ members }) => members);
    syncLog.add(new Set([user.id, ...partners]), { type: 'user', user });
  }

  return {
    presign(userId, wishes) {
      const user = userOf(userId);
      const files = wishes.map(({ type, contentType, size }) => {
        if (!types.has(contentType)) {
          throw new Refusal(415, 'UNSUPPORTED_TYPE', `unable to take the ${type}; send WebP, JPEG or PNG`);
        }
        if (size > maxBytes) throw new Refusal(413, 'FILE_TOO_LARGE', `unable to take the ${type}`);
        return { type, contentType, size, key: `staged/${userId}/${random.uuid()}-${type}`, isStored: false };
      });
      const expiresAt = now() + settings.uploadMs;
      const upload: Upload = { userId, start: begin(user), expiresAt, files, outcome: undefined };
      for (const { key } of files) uploads.set(key, upload);
      return files;
    },

    put(key, { size, type }) {
      const upload = uploads.get(key);
      const file = upload?.files.find((staged) => staged.key === key);
      if (!upload || !file) throw new Refusal(403, 'BAD_SIGNATURE', 'unable to store; the URL is not signed');
      if (now() >= upload.expiresAt) throw new Refusal(403, 'URL_EXPIRED', 'unable to store; it is too late');
      if (type !== file.contentType) throw new Refusal(415, 'WRONG_CONTENT_TYPE', 'unable to store');
      if (size !== file.size) throw new Refusal(400, 'WRONG_LENGTH', 'unable to store');
      if (file.isStored) throw new Refusal(412, 'ALREADY_UPLOADED', 'unable to store; the URL was used');
      file.isStored = true;
    },

    complete(userId, keys) {
      const user = userOf(userId);
      const upload = uploads.get(keys[0] ?? '');
      if (!upload) throw new Refusal(404, 'UPLOAD_NOT_FOUND', 'unable to complete; the upload is unknown');
      if (upload.userId !== userId)
        throw new Refusal(403, 'FORBIDDEN', 'unable to complete; it is not yours');
      const used = keys.map((key) => upload.files.find((file) => file.key === key));
      const full = used.find((file) => file?.type === 'avatar');
      const thumb = used.find((file) => file?.type === 'thumb');
      if (!full || used.includes(undefined)) {
        throw new Refusal(400, 'INVALID_REQUEST', 'unable to complete; the keys are not of one upload');
      }
      if (upload.outcome instanceof Refusal) throw upload.outcome;
      if (upload.outcome) return { ...upload.outcome, isNew: false };
      if (!full.isStored || thumb?.isStored === false) {
        throw new Refusal(422, 'UPLOAD_INCOMPLETE', 'unable to complete; a file has not arrived');
      }
      if (settings.keepsOrder && upload.start < user.avatarStart) {
        upload.outcome = new Refusal(409, 'SUPERSEDED', 'unable to complete; a later change has won');
        throw upload.outcome;
      }
      const key = full.key.replace('staged/', 'avatars/');
      const thumbKey = thumb?.key.replace('staged/', 'avatars/') ?? key;
      show(user, upload.start, key, thumbKey);
      upload.outcome = { key, thumbKey, version: user.avatarVersion };
      return { ...upload.outcome, isNew: true };
    },

    remove(userId) {
      const user = userOf(userId);
      const start = begin(user);
      if (user.avatarKey === null) {
        user.avatarStart = start;
        throw new Refusal(404, 'NO_AVATAR', 'unable to delete; there is no picture');
      }
      show(user, start, null, null);
      return user;
    },
  };
}
