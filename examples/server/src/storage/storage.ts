/** How a browser sends one file: as the body of a PUT, or as the last field of a form. */
export type UploadTicket =
  | { method: 'PUT'; url: string; headers: Record<string, string> }
  | { method: 'POST'; url: string; fields: Record<string, string> };

/** An object store: the disk, or S3. Keys are made by the server and never hold a client's words. */
export interface Storage {
  /** The origin browsers send uploads to. */
  uploadOrigin(): string;
  /** A URL that takes one upload of exactly this type and length into a staging area no one can read from outside. */
  presign(object: {
    key: string;
    contentType: string;
    size: number;
    /** Milliseconds since the epoch. */
    expiresAt: number;
  }): Promise<UploadTicket>;
  stat(stagedKey: string): Promise<{ size: number } | undefined>;
  /** `undefined` when it is not there. */
  read(stagedKey: string): Promise<Buffer | undefined>;
  /** Makes bytes public, for ever, under a key that is never used for others. Repeating it changes nothing. */
  publish(key: string, bytes: Uint8Array): Promise<void>;
  /** A published picture, whole: it is small, and may be deleted while it is being sent. */
  readPublished(key: string): Promise<Buffer | undefined>;
  /** Drops staged bytes; what was uploaded once cannot be uploaded again. */
  unstage(stagedKeys: readonly string[]): Promise<void>;
  unpublish(keys: readonly string[]): Promise<void>;
  /** Drops what is left in the staging area of uploads that expired before this time, in milliseconds. */
  sweep(before: number): Promise<void>;
  close(): void;
}
