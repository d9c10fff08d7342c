import type { VisavisError } from './errors.ts';
import type { AvatarCapabilities, Live, UserSnapshot } from './models.ts';

/** What a message is, as far as showing goes; a backend's own further kinds come through as they are. */
export type MessageType = 'text' | 'image' | 'file' | 'system' | (string & {});

/**
 * `queued` stored here, not tried yet · `sending` on its way · `sent` the backend has it · `seen` the other side has
 * seen it · `failed` refused for good, see `error` · `uncertain` it may or may not have arrived (level 0 only).
 */
export type MessageStatus = 'queued' | 'sending' | 'sent' | 'seen' | 'failed' | 'uncertain';

/** A message as it is shown. Frozen; the same object until something in it changes. */
export interface MessageItem {
  readonly kind: 'message';
  /** Stays the same from the optimistic copy to the confirmed row: a key for lists. */
  readonly key: string;
  /** The backend's id; `null` until it has one. */
  readonly id: string | null;
  readonly clientId: string | null;
  readonly conversationId: string;
  /** Place in the conversation, from 1 without holes, where the backend numbers messages. */
  readonly seq: number | null;
  readonly sender: UserSnapshot;
  readonly isOwn: boolean;
  /** Empty for a deleted or a media-only message. */
  readonly text: string;
  /** Safe to show, or `null`. */
  readonly mediaUrl: string | null;
  /** The file itself, for a preview, until it is put up. */
  readonly media: Blob | null;
  /** How much of the file is put up, from 0 to 1; `null` when none is on its way. */
  readonly progress: number | null;
  readonly type: MessageType;
  /** Milliseconds since 1970: the backend's time, else this device's. */
  readonly createdAt: number;
  readonly isDeleted: boolean;
  readonly status: MessageStatus;
  /** Why it failed. */
  readonly error: VisavisError | null;
}

/** Messages that exist but are not loaded. */
export interface GapItem {
  readonly kind: 'gap';
  readonly key: string;
  /** How many, where the backend numbers messages. */
  readonly count: number | null;
}

/** How far another member has seen. */
export interface SeenBy {
  readonly user: UserSnapshot;
  /** Key of the newest message they have seen that is in the window, or `null`. */
  readonly messageKey: string | null;
}

/** A conversation's messages as they are shown. */
export interface ThreadSnapshot {
  readonly conversationId: string;
  /** Oldest first. */
  readonly items: readonly (MessageItem | GapItem)[];
  readonly typing: readonly UserSnapshot[];
  readonly seenBy: readonly SeenBy[];
  readonly unread: number;
  readonly status: 'idle' | 'loading' | 'ready' | 'missing' | 'failed';
  readonly hasOlder: boolean;
  /** Whether the window ends before the newest message, after a jump or a long scroll back. */
  readonly hasNewer: boolean;
}

/** A live thread. */
export interface LiveThread extends Live<ThreadSnapshot> {
  /** Shows older messages, loading them if needed. */
  loadOlder(): Promise<void>;
  /** Shows newer messages, when the window does not end with the newest. */
  loadNewer(): Promise<void>;
  /** Moves the window to a message, loading around it. Rejects with `NOT_FOUND` when it cannot be found. */
  jumpTo(messageId: string): Promise<void>;
  /** Moves the window back to the newest message. */
  jumpToLatest(): void;
  /** Loads what a gap stands for. */
  fillGap(key: string): Promise<void>;
}

/** The newest message of a conversation, in short. */
export interface MessagePreview {
  readonly messageId: string | null;
  readonly senderId: string;
  readonly isOwn: boolean;
  /** Text; empty for media, whose `type` says what to show. */
  readonly text: string;
  readonly type: MessageType;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A row of the inbox. Frozen; the same object until something in it changes. */
export interface ConversationItem {
  readonly id: string;
  readonly otherUser: UserSnapshot | null;
  readonly type: 'direct' | 'bid' | 'campaign' | (string & {});
  readonly flowState: string | null;
  readonly awaitingRole: string | null;
  readonly chatStatus: string | null;
  readonly lastMessage: MessagePreview | null;
  readonly unread: number;
  /** Members who are typing now. */
  readonly typing: readonly UserSnapshot[];
  /** Milliseconds since 1970; rows are sorted by it, latest first. */
  readonly activityAt: number;
}

/** The list of conversations as it is shown. */
export interface InboxSnapshot {
  readonly items: readonly ConversationItem[];
  readonly totalUnread: number;
  readonly status: 'idle' | 'loading' | 'ready' | 'failed';
  readonly hasMore: boolean;
}

/** The live inbox. */
export interface LiveInbox extends Live<InboxSnapshot> {
  /** Loads the next page of conversations. */
  loadMore(): Promise<void>;
}

/** What a backend can do about conversations; what it cannot is simulated where that is honest. */
export interface ChatCapabilities {
  /** 0 the plain wire · 1 idempotent sends · 2 everything. */
  readonly level: 0 | 1 | 2;
  readonly avatarVersion: boolean;
  /** `client_id` is stored and echoed: a send can be repeated without doubling. */
  readonly clientId: boolean;
  /** Messages are numbered: holes are seen, unread is exact. */
  readonly seq: boolean;
  /** One request repairs everything after an outage. */
  readonly sync: boolean;
  /** Socket commands are acknowledged. */
  readonly acks: boolean;
  readonly deleteMessage: boolean;
  readonly mediaUpload: boolean;
}

/** What a backend can do. */
export interface Capabilities extends ChatCapabilities, AvatarCapabilities {}
