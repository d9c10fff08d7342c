import * as z from 'zod/mini';
import { count, id } from './schemas.ts';

export const text = z.string().check(z.maxLength(100_000));
const maybe = { id: z.nullable(id), count: z.nullable(count), text: z.exactOptional(z.nullable(text)) };
const stamp = z.object({ rank: z.literal([0, 1, 2]), value: z.number() });
const line = { seq: maybe.count, senderId: id, text, type: text };

/** What one tab may state to the others. */
export const toldFacts = [
  z.object({
    kind: z.literal('avatar'),
    userId: id,
    picture: z.nullable(z.object({ url: z.string(), thumbUrl: z.string() })),
    stamp,
    changedAt: z.exactOptional(z.number()),
  }),
  z.object({ kind: z.literal(['name', 'username']), userId: id, value: text, stamp }),
  z.object({
    kind: z.literal('message'),
    conversationId: id,
    messageId: id,
    clientId: maybe.id,
    mediaUrl: z.nullable(z.string()),
    createdAt: z.number(),
    isDeleted: z.boolean(),
    isSeen: z.boolean(),
    ...line,
  }),
  z.object({
    kind: z.literal('read'),
    conversationId: id,
    userId: id,
    seq: maybe.count,
    at: z.nullable(z.number()),
    messageId: maybe.id,
  }),
  z.object({
    kind: z.literal('unread'),
    conversationId: id,
    count,
    lastSeq: maybe.count,
    readSeq: maybe.count,
    upTo: z.optional(z.number()),
    stamp,
  }),
] as const;

/** What a client holds, and may state to another one. */
export const heldFacts = [
  ...toldFacts,
  z.object({
    kind: z.literal('page'),
    conversationId: id,
    messageIds: z.array(id),
    hasOlder: z.nullable(z.boolean()),
    isLatest: z.boolean(),
  }),
  z.object({
    kind: z.literal('conversation'),
    conversationId: id,
    otherUserId: maybe.text,
    type: z.exactOptional(text),
    flowState: maybe.text,
    awaitingRole: maybe.text,
    chatStatus: maybe.text,
    lastSeq: z.exactOptional(count),
    stamp,
  }),
  z.object({
    kind: z.literal('activity'),
    conversationId: id,
    at: z.number(),
    preview: z.nullable(z.object({ messageId: maybe.id, ...line })),
  }),
] as const;
