/** One message, as every contender is told it in its own wire's words. */
export interface Message {
  readonly id: string;
  readonly clientId: string;
  readonly conversationId: string;
  readonly senderId: string;
  /** From 1, without holes. */
  readonly seq: number;
  readonly text: string;
  /** ISO 8601, milliseconds, UTC. */
  readonly createdAt: string;
}

/** What was told so far, by view or listener; `null` where the contender has no such view. */
export interface Told {
  readonly inbox: number | null;
  readonly thread: number | null;
  readonly messages: number;
}

/** One signed-in client with a listener on its messages, and on its list and an open conversation where it has views. */
export interface Session {
  /** Opens another conversation instead of the one that is open. */
  show(conversationId: string): void | Promise<void>;
  /** Takes in one event that is parsed JSON. */
  feed(event: unknown): void | Promise<void>;
  /** Takes in the message events of one conversation at once, as a page of them; one by one where it is absent. */
  fill?(events: readonly unknown[]): void | Promise<void>;
  /** Resolves when the views have been told of everything. */
  settle(): Promise<void>;
  told(): Told;
  unread(): number;
  /** How many messages are held or, where that cannot be asked, were told as new. */
  held(): number;
  /** How many of the held messages show this picture for their sender; `null` where the contender joins them at read. */
  showing(userId: string, picture: string): number | null;
}

export interface Contender {
  readonly name: string;
  /** Signed in as `me`; knows these conversations, and none is open. */
  open(conversationIds: readonly string[]): Promise<Session>;
  message(message: Message): unknown;
  /** Somebody else has seen everything up to a message. */
  seen(message: Message, readerId: string): unknown;
  typing(conversationId: string, userId: string, isTyping: boolean): unknown;
  /** A user's picture changed; `version` counts up. */
  avatar(userId: string, picture: string, version: number): unknown;
}

export const me = 'user-0';
export const pictureOf = (userId: string, version: number) =>
  `https://cdn.example.com/${userId}/${version}.webp`;

const start = Date.UTC(2026, 10, 1);

/** The same for all: identifiers are UUIDs, as backends make them. */
export function message(conversation: number, seq: number, senderId = 'user-1'): Message {
  const conversationId = conversationIdOf(conversation);
  return {
    id: uuid(1 + conversation, seq),
    clientId: uuid(0x4000 + conversation, seq),
    conversationId,
    senderId,
    seq,
    text: `Message ${seq} of a conversation, as people write them`,
    createdAt: new Date(start + seq * 1_000 + conversation).toISOString(),
  };
}

export const conversationIdOf = (conversation: number) => uuid(0x8000, conversation);

function uuid(kind: number, n: number): string {
  // Spread like random ones, but the same in every run.
  const mixed = (Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(kind, 0x85ebca6b)) >>> 0;
  const hex = (value: number, length: number) => value.toString(16).padStart(length, '0');
  return `${hex(mixed, 8)}-${hex(kind & 0xffff, 4)}-4000-8000-${hex(n, 12)}`;
}
