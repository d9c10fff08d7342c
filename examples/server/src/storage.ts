export interface PutTicket {
  url: string;
  headers: Record<string, string>;
}

/** An object store. The disk is one; S3 is another. Keys are made by the server and never hold a client's words. */
export interface Storage {
  /** A URL that takes one PUT of exactly this type and length into a staging area no one can read from outside. */
  presignPut(object: {
    key: string;
    contentType: string;
    size: number;
    expiresAt: number;
  }): Promise<PutTicket>;
  stat(stagedKey: string): Promise<{ size: number } | undefined>;
  /** `undefined` when it is not there. */
  read(stagedKey: string): Promise<Buffer | undefined>;
  /** Makes bytes public, for ever, under a key that is never used for others. Repeating it changes nothing. */
  publish(key: string, bytes: Uint8Array): Promise<void>;
  unstage(stagedKeys: readonly string[]): Promise<void>;
  unpublish(keys: readonly string[]): Promise<void>;
  /** Drops staged objects whose upload expired before this time, in milliseconds. */
  sweep(before: number): Promise<void>;
}
