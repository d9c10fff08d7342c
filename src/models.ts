/** A published profile picture, ready to hand to a page. */
export interface Avatar {
  /** Address of the full picture, cache-busted and safe to show. */
  readonly url: string;
  /** Address of the thumbnail; the same as `url` where a backend has none. */
  readonly thumbUrl: string;
  /** The backend's version of this picture, or `null` where the backend has no versions or it is a local preview. */
  readonly version: number | null;
}

/** Two colours with a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3), stable for a user id. */
export interface AvatarColor {
  /** CSS colour of the disc behind the initials. */
  readonly background: string;
  /** CSS colour of the initials. */
  readonly text: string;
}

/** What is known of a user and should be shown now. Frozen; the same object until something in it changes. */
export interface UserSnapshot {
  readonly id: string;
  /** Display name, else user name, else an empty string while unknown. */
  readonly name: string;
  readonly username: string | null;
  /** One or two graphemes to show without a picture; `?` while the name is unknown. */
  readonly initials: string;
  readonly color: AvatarColor;
  /** The picture to show now: a local preview while an upload runs, else the latest confirmed one; `null` shows initials. */
  readonly avatar: Avatar | null;
  /** Whether `avatar` is a local change that the backend has not confirmed yet. */
  readonly pending: boolean;
  /** `unknown` while we are not connected, or when the backend does not tell. */
  readonly presence: Presence;
  /** `loading` until the backend has answered once; `missing` when it has no such user. */
  readonly status: 'idle' | 'loading' | 'ready' | 'missing' | 'failed';
}

/** Whether a user is there. */
export type Presence = 'online' | 'away' | 'offline' | 'unknown';

/** Options of a call that waits. */
export interface WaitOptions {
  /** Ends the call at once; it rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A value that changes: read it now, and be told when to read again. */
export interface Live<T> {
  /** The current value. Frozen, and identical between two calls when nothing changed. */
  getSnapshot(): T;
  /** What a page that came from the server began with: the value as it was hydrated, else the current one. */
  getServerSnapshot(): T;
  /**
   * Calls `listener` after the value changed, at most once per frame.
   *
   * @returns an undo, safe to call twice.
   */
  subscribe(listener: () => void): () => void;
}

/** A rectangle in natural pixels of the picture as people see it (EXIF orientation applied). */
export interface CropRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The media types that are read from users' files. Decided by content, never by name. */
export type PictureType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif';

/** What a picture file's header says. */
export interface PictureInfo {
  readonly type: PictureType;
  /** Pixels, after EXIF orientation. */
  readonly width: number;
  /** Pixels, after EXIF orientation. */
  readonly height: number;
  readonly bytes: number;
}

/** One encoded output of the avatar pipeline: square, without metadata. */
export interface EncodedPicture {
  readonly kind: 'avatar' | 'thumb';
  /** Pixels a side. */
  readonly size: number;
  /** The type that the browser really produced. */
  readonly type: 'image/webp' | 'image/jpeg' | 'image/png';
  readonly blob: Blob;
}

/** A picture that a user has, or had. */
export interface PastPicture {
  readonly id: string;
  /** The backend's name of it. */
  readonly name: string;
  /** Milliseconds since 1970; `null` if the backend does not say. */
  readonly uploadedAt: number | null;
  /** Whether it is the one that is shown. */
  readonly isActive: boolean;
}

/** What a backend can do about pictures. */
export interface AvatarCapabilities {
  readonly deleteAvatar: boolean;
  /** Earlier pictures can be listed. */
  readonly avatarHistory: boolean;
  /** An earlier picture can be shown again. */
  readonly restoreAvatar: boolean;
  /** People can be read by their id; without, only what events and lists say is known. */
  readonly profiles: boolean;
}

/** Steps of an upload, in order. */
export type UploadStage = 'inspect' | 'compress' | 'presign' | 'put' | 'complete';

/** How far an upload is. No field ever goes back within one upload. */
export interface UploadProgress {
  readonly stage: UploadStage;
  /** Bytes sent in stage `put`, else 0 at the start of a stage and `total` at its end. */
  readonly loaded: number;
  /** Bytes to send in stage `put`, else 1. */
  readonly total: number;
  /** The whole upload, from 0 to 1. */
  readonly fraction: number;
}

/** Where an uploaded file is to be put. `key` is the backend's and opaque. */
export interface UploadTicket {
  readonly fileId: string;
  readonly kind: 'avatar' | 'thumb';
  readonly key: string;
  readonly url: string;
  readonly method: 'PUT' | 'POST';
  /** Headers to send exactly as given. */
  readonly headers: Readonly<Record<string, string>>;
  /** Form fields of a presigned POST, in order; empty for PUT. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Answer of a presign call. */
export interface Presigned {
  readonly uploads: readonly UploadTicket[];
  /** Milliseconds from the answer until the tickets expire; `null` if the backend does not say. */
  readonly expiresInMs: number | null;
}

/**
 * `connected` is not `live`:
 * `offline` no connection wanted or possible · `connecting` trying · `syncing` connected, repairing what was missed ·
 * `live` connected and repaired · `stale` connected, but the repair failed and will be tried again.
 */
export type ConnectionStatus = 'offline' | 'connecting' | 'syncing' | 'live' | 'stale';

/** Where a change was first learnt: this client's own action, a live event, or a read. */
export type Origin = 'self' | 'realtime' | 'sync';
