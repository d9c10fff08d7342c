/**
 * When a statement was true, comparable across sources: first by rank, then by value.
 * A backend's own version beats its clock, and its clock beats the moment a statement reached us.
 */
export interface Stamp {
  readonly rank: StampRank;
  /** A version number, or milliseconds since 1970. */
  readonly value: number;
}

export const StampRank = { arrival: 0, serverTime: 1, version: 2 } as const;
export type StampRank = (typeof StampRank)[keyof typeof StampRank];

/** A picture as the backend names it: absolute addresses, safe to show, not yet cache-busted. */
export interface Picture {
  readonly url: string;
  readonly thumbUrl: string;
}

export interface AvatarFact {
  readonly kind: 'avatar';
  readonly userId: string;
  readonly picture: Picture | null;
  readonly stamp: Stamp;
  /** Set by a statement that says "it changed": replaces a missing version in cache-busting. Milliseconds since 1970. */
  readonly changedAt?: number;
}

export interface NameFact {
  readonly kind: 'name' | 'username';
  readonly userId: string;
  readonly value: string;
  readonly stamp: Stamp;
}

/** A statement with a stamp: the only thing the store takes in. */
export type Fact = AvatarFact | NameFact;

/** Larger is newer; 0 means the same moment. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.rank - b.rank || a.value - b.value;
}
