import {
  type ActivityFact,
  type ConversationFact,
  type MessageFact,
  type PageFact,
  type ReadFact,
  StampRank,
  type UnreadFact,
} from '../../src/facts.ts';

/** The user whose store it is in tests of the store. */
export const me = 'me';
export const other = 'you';

/** A numbered message; `senderId` is somebody else's unless told. */
export const numbered = (seq: number, fields: Partial<MessageFact> = {}): MessageFact => ({
  ...unnumbered(seq, fields),
  seq,
  ...fields,
});

/** A message of the plain wire, sent at second `at`. */
export const unnumbered = (at: number, fields: Partial<MessageFact> = {}): MessageFact => ({
  kind: 'message',
  conversationId: 'c1',
  messageId: `m${at}`,
  clientId: null,
  seq: null,
  senderId: other,
  text: `text ${at}`,
  mediaUrl: null,
  type: 'text',
  createdAt: at * 1_000,
  isDeleted: false,
  isSeen: false,
  ...fields,
});

export const page = (messages: readonly MessageFact[], fields: Partial<PageFact> = {}): PageFact => ({
  kind: 'page',
  conversationId: 'c1',
  messageIds: messages.map(({ messageId }) => messageId),
  hasOlder: null,
  isLatest: false,
  ...fields,
});

export const read = (seq: number | null, fields: Partial<ReadFact> = {}): ReadFact => ({
  kind: 'read',
  conversationId: 'c1',
  userId: me,
  seq,
  at: null,
  messageId: null,
  ...fields,
});

export const unread = (count: number, fields: Partial<UnreadFact> = {}): UnreadFact => ({
  kind: 'unread',
  conversationId: 'c1',
  count,
  lastSeq: null,
  readSeq: null,
  stamp: { rank: StampRank.arrival, value: 1 },
  ...fields,
});

export const row = (fields: Partial<ConversationFact> = {}): ConversationFact => ({
  kind: 'conversation',
  conversationId: 'c1',
  otherUserId: other,
  stamp: { rank: StampRank.arrival, value: 1 },
  ...fields,
});

export const activity = (at: number, fields: Partial<ActivityFact> = {}): ActivityFact => ({
  kind: 'activity',
  conversationId: 'c1',
  at,
  preview: null,
  ...fields,
});
