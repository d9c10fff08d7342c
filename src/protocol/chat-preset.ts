import type { ChatCapabilities } from '../chat-models.ts';
import type { Fact, MessageFact } from '../facts.ts';
import type { SocketDialect, SocketEvent } from '../lib/socket-port.ts';
import type { EventParser, ParseContext, Route } from './route.ts';

export interface ConversationsInput {
  readonly userId: string;
  readonly role?: string | undefined;
  /** From 1. */
  readonly page: number;
  readonly limit: number;
}

export interface ConversationsPage {
  readonly facts: readonly Fact[];
  readonly conversationIds: readonly string[];
  readonly hasMore: boolean;
}

/** Which messages: the page from 1 (newest), or, where messages are numbered, those next to a number. */
export interface MessagesInput {
  readonly conversationId: string;
  readonly limit: number;
  readonly page?: number;
  readonly beforeSeq?: number;
  readonly afterSeq?: number;
}

export interface MessagesPage {
  readonly facts: readonly Fact[];
  /** Oldest first. */
  readonly messageIds: readonly string[];
  /** Whether there may be more in the direction that was asked. */
  readonly hasMore: boolean;
}

export interface SendInput {
  readonly conversationId: string;
  readonly senderId: string;
  readonly receiverId: string | null;
  readonly text: string;
  readonly mediaUrl: string | null;
  readonly clientId: string;
}

/** A file of a message. */
export interface MediaInput {
  readonly conversationId: string;
  /** A `File` has a name too. */
  readonly file: Blob;
}

export interface SeenInput {
  readonly conversationId: string;
  readonly userId: string;
  /** The newest message that was seen, where it is known. */
  readonly messageId: string | null;
  readonly seq: number | null;
}

export interface SyncPage {
  readonly facts: readonly Fact[];
  readonly cursor: string;
  readonly hasMore: boolean;
  /** The cursor is too old: everything has to be read again. */
  readonly isReset: boolean;
}

/** Something that is done by socket, where the backend answers there. */
export interface SocketCommand<Input, Output> {
  /** `null` where this one has to go by REST. */
  readonly emit: (input: Input) => SocketEvent | null;
  /** What the answer means; throws a typed error when it is a refusal. */
  readonly parse: (answer: unknown, input: Input, context: ParseContext) => Output;
}

/** Everything that is particular to one chat backend, as a plain object. What is `null` the backend does not have. */
export interface ChatPreset {
  readonly name: string;
  /** What the backend is taken for when it does not say. */
  readonly capabilities: ChatCapabilities;
  /** Longest text of a message, in UTF-16 code units. */
  readonly maxTextLength: number;
  /** Largest file of a message, in bytes. */
  readonly maxMediaBytes: number;
  readonly routes: {
    readonly capabilities: Route<Record<never, never>, Partial<ChatCapabilities> | null> | null;
    readonly conversations: Route<ConversationsInput, ConversationsPage>;
    readonly conversation: Route<{ readonly conversationId: string }, readonly Fact[] | null> | null;
    readonly messages: Route<MessagesInput, MessagesPage>;
    readonly send: Route<SendInput, MessageFact>;
    /** Puts a file up and gives its address, for the message to carry. */
    readonly uploadMedia: Route<MediaInput, string> | null;
    readonly markSeen: Route<SeenInput, readonly Fact[]>;
    readonly deleteMessage: Route<{ readonly messageId: string }, readonly Fact[]> | null;
    readonly sync: Route<{ readonly since: string | null }, SyncPage> | null;
    readonly registerPush: Route<
      { readonly token: string; readonly deviceType: string; readonly deviceId: string | undefined },
      void
    >;
    readonly unregisterPush: Route<{ readonly token: string }, void>;
  };
  /** Live events by their wire name. */
  readonly events: Readonly<Record<string, EventParser>>;
  readonly emits: {
    /** Sent after every connect. */
    readonly join: (userId: string) => readonly SocketEvent[];
    readonly joinConversation: (conversationId: string) => SocketEvent;
    readonly leaveConversation: (conversationId: string) => SocketEvent;
    /** Rooms beside conversations; `null` where the backend has none. */
    readonly room: ((kind: 'bid' | 'campaign', id: string, isWanted: boolean) => SocketEvent) | null;
    readonly typing: (input: {
      readonly conversationId: string;
      readonly userId: string;
      readonly isTyping: boolean;
    }) => SocketEvent;
    readonly presence: (input: {
      readonly userId: string;
      readonly presence: 'online' | 'away' | 'offline';
    }) => SocketEvent;
  };
  /** What goes by socket while there is a connection, in place of its route. */
  readonly commands: {
    readonly send: SocketCommand<SendInput, MessageFact> | null;
    readonly markSeen: SocketCommand<SeenInput, readonly Fact[]> | null;
  };
  /** How a connection signs in and is answered, where that goes by events: `answeredByEvents`. */
  readonly dialect: SocketDialect | null;
}
