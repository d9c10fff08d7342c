import * as z from 'zod/mini';
import type { Fact, HintFact, PresenceFact } from '../facts.ts';
import { isNewMessage } from './chat-frames.ts';
import {
  arrivalStamp,
  conversationState,
  looseMessageFacts,
  messageFact,
  messageRow,
  readFact,
  stateFact,
} from './chat-rows.ts';
import type { EventParser, ParseContext } from './route.ts';
import { count, id, parse, serverTime, wireId } from './schemas.ts';

/** Backends spell the same field both ways. */
const ofConversation = { conversation_id: z.optional(id), conversationId: z.optional(id) };
const ofUser = { user_id: z.optional(id), userId: z.optional(id) };

export const newMessage = z.object({
  conversation_id: z.optional(wireId),
  conversationId: z.optional(wireId),
  message: messageRow,
  conversation_context: z.nullish(conversationState),
});
export type NewMessage = z.output<typeof newMessage>;
const listUpdated = z.object({
  ...ofConversation,
  action: z.nullish(z.string()),
  message: z.optional(z.unknown()),
  conversation_context: z.nullish(conversationState),
  ...conversationState.shape,
});
const unreadUpdated = z.object({
  ...ofConversation,
  unread_count: count,
  action: z.nullish(z.string()),
  last_seq: z.nullish(count),
  read_seq: z.nullish(count),
});
const typing = z.object({
  ...ofConversation,
  ...ofUser,
  is_typing: z.optional(z.boolean()),
  isTyping: z.optional(z.boolean()),
});
const status = z.object({ ...ofUser, status: z.optional(z.string()) });
const stateChanged = z.object({
  ...ofConversation,
  ...conversationState.shape,
  new_state: z.nullish(conversationState),
});
const seen = z.object({
  ...ofConversation,
  ...ofUser,
  messageId: z.optional(id),
  message_id: z.optional(id),
  timestamp: z.nullish(serverTime),
  read_seq: z.nullish(count),
});
const notification = z.object({
  type: z.string(),
  data: z.object({
    id: z.nullish(id),
    title: z.nullish(z.string()),
    body: z.nullish(z.string()),
    created_at: z.nullish(serverTime),
    payload: z.optional(z.unknown()),
    conversation_id: z.nullish(id),
    message: z.optional(z.unknown()),
  }),
});
const refusal = z.object({ error: z.string(), clientId: z.nullish(z.string()) });
const syncState = z.object({ conversation_id: id, last_seq: count, seen_seq: count, unread: count });

/** The events of section "chat", every spelling that running backends use. */
export const chatEvents: Readonly<Record<string, EventParser>> = {
  new_message: (payload, context) => {
    const event = isNewMessage(payload) ? payload : parse(newMessage, payload, 'read new_message');
    const conversationId = conversationOf(event, event.message.conversation_id);
    const { message, conversation_context: state } = event;
    const fact = messageFact(message, conversationId, context);
    return state ? [fact, stateFact(conversationId, state, arrivalStamp(context))] : [fact];
  },

  message_deleted: (payload, context) => {
    const event = parse(newMessage, payload, 'read message_deleted');
    const conversationId = conversationOf(event, event.message.conversation_id);
    return [
      { ...messageFact(event.message, conversationId, context), isDeleted: true, text: '', mediaUrl: null },
    ];
  },

  conversation_list_updated: (payload, context) => {
    const event = parse(listUpdated, payload, 'read conversation_list_updated');
    const conversationId = conversationOf(event);
    const stamp = arrivalStamp(context);
    const facts: Fact[] = [
      stateFact(conversationId, { ...event.conversation_context, ...defined(event) }, stamp),
    ];
    if (event.message !== undefined && event.message !== null) {
      const told = looseMessageFacts(event.message, conversationId, context);
      const isRow = told.some(
        (fact) => fact.kind === 'message' && fact.seq === null && fact.senderId !== context.userId,
      );
      facts.push(...told, ...(isRow ? [hint(conversationId, 'row')] : []));
    } else if (event.action !== 'state_changed') {
      facts.push(hint(conversationId, event.action === 'message_received' ? 'list' : undefined));
    }
    return facts;
  },

  unread_count_updated: (payload, context) => {
    const event = parse(unreadUpdated, payload, 'read unread_count_updated');
    const conversationId = conversationOf(event);
    // A delta may come twice for one message and says nothing that can be checked: only worth a read.
    if (event.action === 'increment') return [hint(conversationId, 'count')];
    const readSeq = event.read_seq ?? null;
    return [
      ...(readSeq === null ? [] : [readFact(conversationId, context.userId, readSeq)]),
      {
        kind: 'unread',
        conversationId,
        count: event.unread_count,
        lastSeq: event.last_seq ?? null,
        readSeq,
        stamp: arrivalStamp(context),
      },
    ];
  },

  typing_status_update: (payload) => typingFacts(payload),
  user_typing: (payload) => typingFacts(payload),

  user_status_update: (payload, context) => presenceFacts(payload, context),
  user_status_change: (payload, context) => presenceFacts(payload, context),
  user_offline: (payload, context) => presenceFacts(payload, context, 'offline'),

  conversation_state_changed: (payload, context) => {
    const event = parse(stateChanged, payload, 'read conversation_state_changed');
    const state = { ...event.new_state, ...defined(event) };
    return [stateFact(conversationOf(event), state, arrivalStamp(context))];
  },

  message_seen: (payload, context) => seenFacts(payload, context),
  messages_seen: (payload, context) => seenFacts(payload, context),
  message_seen_update: (payload, context) => seenFacts(payload, context, context.userId),
  messages_seen_update: (payload, context) => seenFacts(payload, context, context.userId),

  notification: (payload, context) => {
    const { type, data } = parse(notification, payload, 'read notification');
    const conversationId = data.conversation_id ?? null;
    const facts: Fact[] = [
      {
        kind: 'notification',
        type,
        id: data.id ?? null,
        title: data.title ?? null,
        body: data.body ?? (typeof data.message === 'string' ? data.message : null),
        conversationId,
        createdAt: data.created_at ?? context.at,
        payload: data.payload,
      },
    ];
    const isRow = typeof data.message === 'object' && data.message !== null;
    if (conversationId !== null && isRow)
      facts.push(...looseMessageFacts(data.message, conversationId, context));
    else if (conversationId !== null)
      facts.push(hint(conversationId, type === 'message' ? 'notice' : undefined));
    return facts;
  },

  message_error: (payload) => refusalFacts(payload, 'message'),
  seen_error: (payload) => refusalFacts(payload, 'seen'),

  conversation_list_refresh: () => [{ kind: 'hint', conversationId: null }],

  sync_state: (payload, context) => {
    const event = parse(syncState, payload, 'read sync_state');
    const { conversation_id: conversationId, last_seq: lastSeq, seen_seq: readSeq, unread } = event;
    const stamp = arrivalStamp(context);
    return [
      { kind: 'heartbeat', conversationId },
      readFact(conversationId, context.userId, readSeq),
      { kind: 'unread', conversationId, count: unread, lastSeq, readSeq, stamp },
    ];
  },
};

function hint(conversationId: string, of?: HintFact['of']): HintFact {
  return of === undefined ? { kind: 'hint', conversationId } : { kind: 'hint', conversationId, of };
}

function typingFacts(payload: unknown): Fact[] {
  const event = parse(typing, payload, 'read a typing event');
  const isTyping = event.is_typing ?? event.isTyping ?? false;
  return [{ kind: 'typing', conversationId: conversationOf(event), userId: userOf(event), isTyping }];
}

function presenceFacts(payload: unknown, context: ParseContext, known?: PresenceFact['presence']): Fact[] {
  const event = parse(status, payload, 'read a status event');
  const presence = known ?? (event.status === 'online' || event.status === 'away' ? event.status : 'offline');
  return [{ kind: 'presence', userId: userOf(event), presence, stamp: arrivalStamp(context) }];
}

function seenFacts(payload: unknown, context: ParseContext, reader?: string): Fact[] {
  const event = parse(seen, payload, 'read a seen event');
  const messageId = event.messageId ?? event.message_id ?? null;
  const seq = event.read_seq ?? null;
  // Of several ways to say how far, the strongest.
  const isByTime = seq === null && messageId === null;
  return [
    {
      kind: 'read',
      conversationId: conversationOf(event),
      userId: reader ?? userOf(event),
      seq,
      at: isByTime ? (event.timestamp ?? context.at) : null,
      messageId,
    },
  ];
}

function refusalFacts(payload: unknown, of: 'message' | 'seen'): Fact[] {
  const event = parse(refusal, payload, `read ${of}_error`);
  return [{ kind: 'refusal', of, clientId: event.clientId ?? null, reason: event.error }];
}

function conversationOf(
  event: {
    readonly conversation_id?: string | number | undefined;
    readonly conversationId?: string | number | undefined;
  },
  fallback?: string | number,
): string {
  const named = event.conversation_id ?? event.conversationId ?? fallback;
  return named === undefined ? parse(id, undefined, 'read the event’s conversation') : String(named);
}

function userOf(event: {
  readonly user_id?: string | undefined;
  readonly userId?: string | undefined;
}): string {
  return event.user_id ?? event.userId ?? parse(id, undefined, 'read the event’s user');
}

/** The state fields that are there, so that an absent one does not hide another's. */
function defined(event: z.output<typeof conversationState>): z.output<typeof conversationState> {
  const { flow_state, awaiting_role, chat_status } = event;
  return Object.fromEntries(
    Object.entries({ flow_state, awaiting_role, chat_status }).filter(([, value]) => value !== undefined),
  );
}
