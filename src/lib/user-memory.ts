/** A user as they were last shown on this device. */
export interface RememberedUser {
  readonly name: string | null;
  readonly username: string | null;
  /** `null` for none. */
  readonly picture: RememberedPicture | null;
  /** Addresses, and `null` for none, in reads of a backend that forgot the picture it had confirmed. */
  readonly outdated?: readonly (string | null)[];
}

export interface RememberedPicture {
  readonly url: string;
  readonly thumbUrl: string;
  /** What tells it from an earlier picture at the same address. */
  readonly bust: number | null;
}

/** Keeps users from page to page, so that the next one shows them before the network answers. Never throws. */
export interface UserMemory {
  get(userId: string): RememberedUser | null;
  set(userId: string, user: RememberedUser): void;
  /** The user signed out. */
  clear(): void;
}
