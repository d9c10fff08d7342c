import * as z from 'zod/mini';
import {
  type ActivityFact,
  type ConversationFact,
  type Fact,
  type MessageFact,
  type Stamp,
  StampRank,
  type UserFact,
} from '../facts.ts';
import { isMessageRow } from './chat-frames.ts';
import type { ParseContext } from './route.ts';
import { count, id, nullableUrl, serverTime, wireId, wireTime } from './schemas.ts';
import { timeOf } from './wire-time.ts';

const optionalText = z.nullish(z.string());

/** A message row as it comes; backends differ in the names of the text and the seen mark. */
export const messageRow = z.object({
  id: wireId,
  conversation_id: z.optional(wireId),
  sender_id: wireId,
  content: optionalText,
  message: optionalText,
  message_type: optionalText,
  media_url: optionalText,
  seen: z.nullish(z.boolean()),
  is_read: z.nullish(z.boolean()),
  created_at: z.nullish(wireTime),
  deleted_at: optionalText,
  seq: z.nullish(count),
  client_id: optionalText,
});
export type MessageRow = z.output<typeof messageRow>;

export function messageFact(
  row: MessageRow,
  conversationId: string | number,
  context: ParseContext,
): MessageFact {
  const isDeleted = typeof row.deleted_at === 'string';
  const { media_url: mediaUrl, created_at: createdAt } = row;
  return {
    kind: 'message',
    conversationId: String(conversationId),
    messageId: String(row.id),
    clientId: row.client_id ?? null,
    seq: row.seq ?? null,
    senderId: String(row.sender_id),
    text: isDeleted ? '' : (row.content ?? row.message ?? ''),
    mediaUrl: mediaUrl && context.isSafeUrl(mediaUrl) ? context.resolveUrl(mediaUrl) : null,
    type: row.message_type ?? 'text',
    createdAt: typeof createdAt === 'string' ? timeOf(createdAt) : context.at,
    isDeleted,
    isSeen: row.seen ?? row.is_read ?? false,
  };
}

/** The newest message as lists carry it: a row, perhaps without an id, or only its text. */
const lastMessage = z.object({
  id: z.nullish(id),
  sender_id: z.nullish(id),
  content: optionalText,
  message: optionalText,
  message_type: optionalText,
  created_at: z.nullish(serverTime),
  deleted_at: optionalText,
  seq: z.nullish(count),
});

const otherUser = z.object({
  id,
  name: optionalText,
  role: optionalText,
  profile_image_url: z.optional(nullableUrl),
  avatar_thumb_url: z.optional(nullableUrl),
  avatar_version: z.nullish(count),
});

const stateFields = {
  flow_state: z.nullish(z.string()),
  awaiting_role: z.nullish(z.string()),
  chat_status: z.nullish(z.string()),
};
export const conversationState = z.object(stateFields);

export const conversationRow = z.object({
  id,
  other_user: z.nullish(otherUser),
  last_message: z.nullish(lastMessage),
  conversation_type: optionalText,
  unread_count: z.nullish(count),
  last_seq: z.nullish(count),
  read_seq: z.nullish(count),
  other_read_seq: z.nullish(count),
  created_at: z.nullish(serverTime),
  updated_at: z.nullish(serverTime),
  ...stateFields,
});

export function conversationFacts(row: z.output<typeof conversationRow>, context: ParseContext): Fact[] {
  const conversationId = row.id;
  const stamp = arrivalStamp(context);
  const facts: Fact[] = [
    {
      ...stateFact(conversationId, row, stamp),
      otherUserId: row.other_user === undefined ? undefined : (row.other_user?.id ?? null),
      type: row.conversation_type ?? undefined,
      lastSeq: row.last_seq ?? undefined,
    },
  ];
  const at = Math.max(row.updated_at ?? 0, row.created_at ?? 0);
  if (at > 0) facts.push({ kind: 'activity', conversationId, at, preview: null });
  if (row.last_message) facts.push(activityFact(conversationId, row.last_message, context));
  const readSeq = row.read_seq ?? null;
  const lastSeq = row.last_seq ?? null;
  if (readSeq !== null) facts.push(readFact(conversationId, context.userId, readSeq));
  if (typeof row.other_read_seq === 'number' && row.other_user) {
    facts.push(readFact(conversationId, row.other_user.id, row.other_read_seq));
  }
  if (typeof row.unread_count === 'number') {
    const { created_at: upTo } = row.last_message ?? {};
    facts.push({
      kind: 'unread',
      conversationId,
      count: row.unread_count,
      lastSeq,
      readSeq,
      ...(upTo && { upTo: Math.max(upTo, at) }),
      stamp,
    });
  }
  if (row.other_user) facts.push(...otherUserFacts(row.other_user, context));
  return facts;
}

export function readFact(conversationId: string, userId: string, seq: number): Fact {
  return { kind: 'read', conversationId, userId, seq, at: null, messageId: null };
}

export function stateFact(
  conversationId: string,
  row: z.output<typeof conversationState>,
  stamp: Stamp,
): ConversationFact {
  return {
    kind: 'conversation',
    conversationId,
    stamp,
    flowState: row.flow_state,
    awaitingRole: row.awaiting_role,
    chatStatus: row.chat_status,
  };
}

function activityFact(
  conversationId: string,
  row: z.output<typeof lastMessage>,
  context: ParseContext,
): ActivityFact {
  return {
    kind: 'activity',
    conversationId,
    at: row.created_at ?? context.at,
    preview: {
      messageId: row.id ?? null,
      seq: row.seq ?? null,
      senderId: row.sender_id ?? '',
      text: typeof row.deleted_at === 'string' ? '' : (row.content ?? row.message ?? ''),
      type: row.message_type ?? 'text',
    },
  };
}

function otherUserFacts(row: z.output<typeof otherUser>, context: ParseContext): UserFact[] {
  const stamp = arrivalStamp(context);
  const facts: UserFact[] = [];
  if (typeof row.name === 'string') facts.push({ kind: 'name', userId: row.id, value: row.name, stamp });
  const url = row.profile_image_url;
  if (url === undefined || (url !== null && !context.isSafeUrl(url))) return facts;
  const thumb = row.avatar_thumb_url ?? url;
  facts.push({
    kind: 'avatar',
    userId: row.id,
    picture:
      url === null
        ? null
        : {
            url: context.resolveUrl(url),
            thumbUrl: context.resolveUrl(thumb !== null && context.isSafeUrl(thumb) ? thumb : url),
          },
    stamp:
      context.isStamped && typeof row.avatar_version === 'number'
        ? { rank: StampRank.version, value: row.avatar_version }
        : stamp,
  });
  return facts;
}

/** What a list event carries of a message: a whole row, part of one, or nothing that can be read. */
export function looseMessageFacts(value: unknown, conversationId: string, context: ParseContext): Fact[] {
  if (isMessageRow(value)) return [messageFact(value, conversationId, context)];
  const part = lastMessage.safeParse(value);
  if (part.success && saysSomething(part.data)) return [activityFact(conversationId, part.data, context)];
  return [{ kind: 'hint', conversationId }];
}

export function arrivalStamp({ at }: ParseContext): Stamp {
  return { rank: StampRank.arrival, value: at };
}

function saysSomething({ sender_id, content, message, created_at }: z.output<typeof lastMessage>): boolean {
  return [sender_id, content, message, created_at].some((value) => value !== undefined && value !== null);
}
