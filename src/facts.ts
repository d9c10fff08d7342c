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

/** A statement about a person. */
export type UserFact = AvatarFact | NameFact;

export function isUserFact(fact: Fact): fact is UserFact {
  return fact.kind === 'avatar' || fact.kind === 'name' || fact.kind === 'username';
}

/** A message as the backend has it. The same `messageId` always means the same message. */
export interface MessageFact {
  readonly kind: 'message';
  readonly conversationId: string;
  readonly messageId: string;
  /** The sender's own id of it, where the backend echoes it. */
  readonly clientId: string | null;
  /** Place in the conversation, from 1 without holes; `null` where the backend does not number messages. */
  readonly seq: number | null;
  readonly senderId: string;
  readonly text: string;
  readonly mediaUrl: string | null;
  readonly type: string;
  /** Milliseconds since 1970, by the backend's clock. */
  readonly createdAt: number;
  readonly isDeleted: boolean;
  /** Whether the row itself says that the receiver has seen it. */
  readonly isSeen: boolean;
}

/** Messages that stand next to each other: a page, or everything after a known message. */
export interface PageFact {
  readonly kind: 'page';
  readonly conversationId: string;
  /** Oldest first; each is stated by a message fact of the same batch. */
  readonly messageIds: readonly string[];
  /** Whether there is something before the first; `null` if the answer does not say. */
  readonly hasOlder: boolean | null;
  /** Whether the last one is the newest of the conversation. */
  readonly isLatest: boolean;
}

/** A conversation's fields; one that is absent is not spoken of. */
export interface ConversationFact {
  readonly kind: 'conversation';
  readonly conversationId: string;
  readonly otherUserId?: string | null | undefined;
  readonly type?: string | undefined;
  readonly flowState?: string | null | undefined;
  readonly awaitingRole?: string | null | undefined;
  readonly chatStatus?: string | null | undefined;
  /** Number of the newest message. */
  readonly lastSeq?: number | undefined;
  readonly stamp: Stamp;
}

/** Something happened in a conversation at that time; `preview` is the newest message, if it is known. */
export interface ActivityFact {
  readonly kind: 'activity';
  readonly conversationId: string;
  /** Milliseconds since 1970, by the backend's clock. */
  readonly at: number;
  readonly preview: {
    readonly messageId: string | null;
    /** Its number, where the backend numbers messages. */
    readonly seq: number | null;
    readonly senderId: string;
    readonly text: string;
    readonly type: string;
  } | null;
}

/** A member has seen everything up to a message. Marks only rise. */
export interface ReadFact {
  readonly kind: 'read';
  readonly conversationId: string;
  readonly userId: string;
  /** Number of the newest seen message; `null` where messages are not numbered. */
  readonly seq: number | null;
  /** Everything up to this backend time, where messages are not numbered. */
  readonly at: number | null;
  /** The newest seen message, where nothing else tells. */
  readonly messageId: string | null;
}

/** The backend's own count of what this user has not seen. */
export interface UnreadFact {
  readonly kind: 'unread';
  readonly conversationId: string;
  readonly count: number;
  /** The messages it counts: up to `lastSeq`, above `readSeq`; `null` where messages are not numbered. */
  readonly lastSeq: number | null;
  readonly readSeq: number | null;
  /** Without numbers: the backend time of the newest message it counts or has seen, where the backend tells. */
  readonly upTo?: number | undefined;
  readonly stamp: Stamp;
}

/** Presence is a hint: it expires with the connection. */
export interface PresenceFact {
  readonly kind: 'presence';
  readonly userId: string;
  readonly presence: 'online' | 'away' | 'offline';
  readonly stamp: Stamp;
}

/** Somebody types, or stopped. Never stored: it expires. */
export interface TypingFact {
  readonly kind: 'typing';
  readonly conversationId: string;
  readonly userId: string;
  readonly isTyping: boolean;
}

/** Something changed, and the statement does not say what: worth a read, unless it comes by itself. */
export interface HintFact {
  readonly kind: 'hint';
  /** Of one conversation; `null` of the list. */
  readonly conversationId: string | null;
  /**
   * In which way it was told that one message came from somebody else; absent where it is about something else. `row`
   * brought the message itself and needs no read.
   */
  readonly of?: 'row' | 'list' | 'count' | 'notice';
}

/** The backend said how a conversation stands, as it does at intervals while this client is in its room. */
export interface HeartbeatFact {
  readonly kind: 'heartbeat';
  readonly conversationId: string;
}

/** The backend wants the user to know something. */
export interface NotificationFact {
  readonly kind: 'notification';
  readonly type: string;
  readonly id: string | null;
  readonly title: string | null;
  readonly body: string | null;
  readonly conversationId: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** As the backend sent it: unchecked. */
  readonly payload: unknown;
}

/** A command was refused by an event of its own, where there is no acknowledgement. */
export interface RefusalFact {
  readonly kind: 'refusal';
  readonly of: 'message' | 'seen';
  readonly clientId: string | null;
  readonly reason: string;
}

/** What passes by: told once, never stored. */
export type Signal = TypingFact | HintFact | HeartbeatFact | NotificationFact | RefusalFact;

/** A statement about a conversation. */
export type ChatFact = MessageFact | PageFact | ConversationFact | ActivityFact | ReadFact | UnreadFact;

/** A statement: the only thing the store takes in. */
export type Fact = UserFact | ChatFact | PresenceFact | Signal;

/** Larger is newer; 0 means the same moment. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.rank - b.rank || a.value - b.value;
}
