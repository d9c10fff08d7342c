/** A user as the backend keeps it. */
export interface UserRecord {
  readonly id: string;
  name: string;
  readonly role: string;
  avatarKey: string | null;
  thumbKey: string | null;
  avatarVersion: number;
  /** Start number of the change that is shown; of two changes the later begun one wins. */
  avatarStart: number;
  lastStart: number;
  updatedAt: number;
}

export interface MessageRecord {
  readonly id: string;
  readonly conversationId: string;
  readonly seq: number;
  readonly clientId: string | null;
  readonly senderId: string;
  readonly receiverId: string;
  text: string;
  /** What was sent, kept for assertions when the row is deleted. */
  readonly sentText: string;
  mediaUrl: string | null;
  readonly type: string;
  readonly createdAt: number;
  deletedAt: number | null;
  /** Levels 0 and 1 mark single rows; level 2 has a watermark. */
  isSeen: boolean;
}

export interface ConversationRecord {
  readonly id: string;
  readonly members: readonly [string, string];
  readonly type: string;
  flowState: string;
  awaitingRole: string | null;
  chatStatus: string;
  readonly createdAt: number;
  updatedAt: number;
  /** In order of `seq`, from 1 without holes. */
  readonly messages: MessageRecord[];
  /** Per member, up to which `seq` everything is seen. */
  readonly seen: Map<string, number>;
}

/** What changed, in the words of `/api/sync`. */
export type Change =
  | { readonly type: 'message'; readonly message: MessageRecord }
  | { readonly type: 'conversation'; readonly conversation: ConversationRecord }
  | {
      readonly type: 'read';
      readonly conversation: ConversationRecord;
      readonly userId: string;
      readonly seq: number;
    }
  | { readonly type: 'user'; readonly user: UserRecord };

/** The rows: what survives when the backend goes down. */
export interface Records {
  readonly users: Map<string, UserRecord>;
  readonly conversations: Map<string, ConversationRecord>;
  /** By message id. */
  readonly messages: Map<string, MessageRecord>;
  /** Every picture that was ever shown, per user: the key by version, `null` for a delete. */
  readonly pictures: Map<string, Map<number, string | null>>;
  /** Sizes of the files of messages, in bytes, by address. */
  readonly media: Map<string, number>;
}

export function partnerOf(conversation: ConversationRecord, userId: string): string {
  const [first, second] = conversation.members;
  return first === userId ? second : first;
}

/** How many messages of others lie above the member's mark. */
export function unreadOf(conversation: ConversationRecord, userId: string): number {
  const mark = conversation.seen.get(userId) ?? 0;
  return conversation.messages.filter(({ senderId, seq }) => senderId !== userId && seq > mark).length;
}
