import type { VisavisError } from '../errors.ts';
import type { Avatar, ConnectionStatus, Origin, Presence } from '../models.ts';

/** A user's picture changed, or was deleted. */
export interface AvatarUpdated {
  readonly userId: string;
  /** The picture from now on; `null` after a delete. */
  readonly avatar: Avatar | null;
  /** What was known before; `null` for no picture or nothing known. */
  readonly previous: Avatar | null;
  readonly origin: Origin;
}

/** A user's name or user name changed. */
export interface ProfileUpdated {
  readonly userId: string;
  /** Display name, else user name. */
  readonly name: string;
  readonly username: string | null;
  readonly origin: Origin;
}

/** The connection moved to another status. */
export interface StatusChanged {
  readonly status: ConnectionStatus;
  readonly previous: ConnectionStatus;
  /** Why, for logs: a Socket.IO disconnect reason, `connect`, `disconnect`, `repaired`, … */
  readonly reason: string;
}

/** A live event was dropped because it is not what the preset says. Nothing else was affected. */
export interface ProtocolError {
  /** The event's name on the wire. */
  readonly event: string;
  readonly error: VisavisError;
}

/** The backend refuses this user's token, also a fresh one. Commands fail until `getToken` gives a good one. */
export interface SignedOut {
  readonly reason: 'unauthorized' | 'signedOut';
}

/** A message was seen for the first time: by a live event, by a repair, or because it was sent here. */
export interface MessageReceived {
  readonly messageId: string;
  readonly clientId: string | null;
  readonly conversationId: string;
  readonly seq: number | null;
  readonly senderId: string;
  readonly isOwn: boolean;
  readonly text: string;
  readonly mediaUrl: string | null;
  readonly type: string;
  /** Milliseconds since 1970, by the backend's clock. */
  readonly createdAt: number;
  readonly isDeleted: boolean;
  readonly origin: Origin;
}

/** Somebody types, or stopped. Every start is followed by a stop, at the latest after 6 s. */
export interface TypingChanged {
  readonly conversationId: string;
  readonly userId: string;
  readonly isTyping: boolean;
}

/** A conversation's count of unseen messages changed. Told at most once per frame. */
export interface UnreadChanged {
  readonly conversationId: string;
  readonly unread: number;
  readonly previous: number;
  readonly totalUnread: number;
}

/** A member has seen more. Marks only rise. */
export interface SeenChanged {
  readonly conversationId: string;
  readonly userId: string;
  /** Number of the newest seen message, where the backend numbers messages. */
  readonly seq: number | null;
  /** The newest seen message, where the backend names it. */
  readonly messageId: string | null;
}

/** A user came or went. */
export interface PresenceChanged {
  readonly userId: string;
  readonly presence: Presence;
}

/** A row of the inbox changed. Told at most once per frame. */
export interface ConversationUpdated {
  readonly conversationId: string;
}

/** A conversation moved to another state. */
export interface ConversationStateChanged {
  readonly conversationId: string;
  readonly flowState: string | null;
  readonly awaitingRole: string | null;
  readonly chatStatus: string | null;
}

/** The backend wants the user to know something. */
export interface NotificationReceived {
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

/** What was missed while the connection was lost has been made up. */
export interface Resynced {
  /** `sync` by the backend's change feed, `refetch` by reading what is on screen again. */
  readonly way: 'sync' | 'refetch';
  /** Messages that were missed. */
  readonly messages: number;
  /** Users whose picture or name had changed. */
  readonly users: number;
}

/** Whether what is waiting to be sent survives a reload. */
export interface DurabilityChanged {
  readonly durability: 'persistent' | 'memory';
}

/** Events of the hub by name. */
export interface RealtimeEvents {
  avatarUpdated: AvatarUpdated;
  profileUpdated: ProfileUpdated;
  message: MessageReceived;
  typing: TypingChanged;
  unread: UnreadChanged;
  seen: SeenChanged;
  presence: PresenceChanged;
  conversationUpdated: ConversationUpdated;
  conversationState: ConversationStateChanged;
  notification: NotificationReceived;
  resynced: Resynced;
  durabilityChanged: DurabilityChanged;
  statusChanged: StatusChanged;
  protocolError: ProtocolError;
  signedOut: SignedOut;
}

/** Live events and the connection that brings them. */
export interface ConnectionApi {
  readonly status: ConnectionStatus;
  /** Connects, and stays connected until `disconnect()`: lost connections are made again. */
  connect(): void;
  disconnect(): void;
  /** How often events came that the preset does not know, by wire name; at most 100 names are kept. */
  readonly unknownEvents: Readonly<Record<string, number>>;
  /**
   * Calls `listener` with every event of this wire name, as it came and unchecked: for events that are not the SDK's.
   *
   * @returns an undo, safe to call twice.
   */
  onRaw(name: string, listener: (payload: unknown) => void): () => void;
  /**
   * Calls `listener` with every such event.
   *
   * @returns an undo, safe to call twice.
   * @example
   * client.realtime.on('avatarUpdated', ({ userId, avatar }) => console.log(userId, avatar?.url));
   */
  on<Name extends keyof RealtimeEvents>(
    name: Name,
    listener: (event: RealtimeEvents[Name]) => void,
  ): () => void;
  /** Calls `listener` with the next such event only. */
  once<Name extends keyof RealtimeEvents>(
    name: Name,
    listener: (event: RealtimeEvents[Name]) => void,
  ): () => void;
}

/** What a user lets the others know by the way. */
export interface ChatSignalsApi {
  /** A key was pressed in the conversation's composer: tells the others, throttled. */
  keystroke(conversationId: string | number): void;
  /** The composer was left or emptied. Sending a message does this too. */
  stopTyping(conversationId: string | number): void;
  /** Tells the others whether this user is there. */
  setPresence(presence: 'online' | 'away' | 'offline'): void;
  /**
   * Enters the room of a bid or a campaign, now and after every later connect; its events come by `onRaw`.
   *
   * @returns an undo, safe to call twice. The room is left when nobody here wants to be in it any more.
   */
  joinRoom(kind: 'bid' | 'campaign', id: string | number): () => void;
}

/** The connection, its events, and what goes out by it. */
export interface RealtimeApi extends ConnectionApi, ChatSignalsApi {}
