import * as z from 'zod/mini';
import { RealtimeError } from '../errors.ts';
import type { Fact, MessageFact } from '../facts.ts';
import type { SocketEvent } from '../lib/socket-port.ts';
import type { ChatPreset } from './chat-preset.ts';
import { conversationFacts, conversationRow, messageFact, messageRow, readFact } from './chat-rows.ts';
import { codeOf, rejectRefusal } from './refused-ack.ts';
import type { EventParser, ParseContext } from './route.ts';
import { id, parse, someText } from './schemas.ts';

const attachment = z.union([z.string(), z.object({ url: z.string(), type: z.nullish(z.string()) })]);
/** What this generation calls otherwise; rows of the first one, and of both, occur too. */
const ownNames = z.object({
  conversationId: z.optional(id),
  senderId: z.optional(id),
  text: z.nullish(z.string()),
  attachments: z.nullish(z.array(attachment)),
  createdAt: z.nullish(z.string()),
  clientNonce: z.nullish(z.string()),
});
const withMessage = z.object({ message: z.looseObject({}) });
const acknowledged = z.object({ ...withMessage.shape, tempId: z.nullish(id) });
const refused = z.object({
  message: z.string(),
  code: z.optional(z.string()),
  tempId: z.nullish(id),
});
const read = z.object({
  conversationId: id,
  userId: id,
  messageIds: z.optional(z.array(id)),
  upToMessageId: z.optional(id),
  read_seq: z.nullish(z.number()),
});

/** The events that are new in the later generation. */
export const chatV2Events: Readonly<Record<string, EventParser>> = {
  // Only the connection itself cares.
  authenticated: () => [],
  token_refreshed: () => [],
  auth_error: () => [],

  'chat:new': (payload, context) => {
    const { message } = parse(withMessage, payload, 'read chat:new');
    return [rowFact(message, undefined, context)];
  },

  'chat:ack': (payload, context) => {
    const { message, tempId } = parse(acknowledged, payload, 'read chat:ack');
    const fact = rowFact(message, undefined, context);
    return [{ ...fact, clientId: fact.clientId ?? tempId ?? null }];
  },

  'chat:read': (payload) => {
    const event = parse(read, payload, 'read chat:read');
    const { conversationId, userId, read_seq: seq } = event;
    if (typeof seq === 'number') return [readFact(conversationId, userId, seq)];
    return idsIn(event).map(
      (messageId): Fact => ({ kind: 'read', conversationId, userId, seq: null, at: null, messageId }),
    );
  },

  'chat:error': (payload) => {
    const { message, tempId } = parse(refused, payload, 'read chat:error');
    return [{ kind: 'refusal', of: 'message', clientId: tempId ?? null, reason: message }];
  },

  'conversations:upsert': (payload, context) => {
    const row = parse(conversationRow, payload, 'read conversations:upsert');
    const facts = conversationFacts(row, context);
    const { id: conversationId, last_message: last } = row;
    const isOthers = typeof last?.sender_id === 'string' && last.sender_id !== context.userId;
    // Whose row has no count: whether there is more to see, a read tells, unless the message comes by itself.
    if (isOthers && typeof row.unread_count !== 'number') {
      facts.push({ kind: 'hint', conversationId, of: 'list' });
    }
    return facts;
  },
};

export const joinConversation: ChatPreset['emits']['joinConversation'] = (conversationId) => ({
  name: 'chat:join',
  args: [{ conversationId }],
});

export const chatV2Commands: ChatPreset['commands'] = {
  send: {
    emit: ({ conversationId, text, mediaUrl, clientId }) => {
      const attachments = mediaUrl === null ? [] : [{ url: mediaUrl }];
      const draft = { tempId: clientId, conversationId, text, attachments, clientNonce: clientId };
      return { name: 'chat:send', args: [draft] };
    },
    parse(answer, { conversationId }, context) {
      rejectRefusal(answer, 'send the message');
      const { data } = refused.safeParse(answer);
      if (data) throw refusal(data);
      const { message } = parse(withMessage, answer, 'send the message');
      return rowFact(message, conversationId, context);
    },
  },

  markSeen: {
    emit: ({ conversationId, messageId }) =>
      messageId === null ? null : { name: 'chat:read', args: [{ conversationId, upToMessageId: messageId }] },
    parse(answer) {
      rejectRefusal(answer, 'mark as seen');
      // What is seen now, the event says.
      return [];
    },
  },
};

export const chatV2Answers = {
  signIn: (token: string): SocketEvent => ({ name: 'authenticate', args: [{ token }] }),
  accepted: ['authenticated', 'token_refreshed'],
  refused: ['auth_error'],
  keyOf({ name, args: [sent] }: SocketEvent): string | null {
    if (name !== 'chat:send' && name !== 'chat:read') return null;
    const { data } = keys.safeParse(sent);
    return data?.tempId ?? data?.upToMessageId ?? null;
  },
  answers(name: string, payload: unknown): readonly string[] {
    const { data } = keys.safeParse(payload);
    if (!data) return [];
    if (name === 'chat:ack' || name === 'chat:error') return data.tempId ? [data.tempId] : [];
    return name === 'chat:read' ? idsIn(data) : [];
  },
};

const keys = z.object({
  tempId: z.nullish(id),
  messageIds: z.optional(z.array(id)),
  upToMessageId: z.optional(id),
});

function idsIn({ messageIds = [], upToMessageId }: z.output<typeof keys>): string[] {
  return upToMessageId === undefined ? messageIds : [...messageIds, upToMessageId];
}

/** A row of either generation. */
function rowFact(
  row: Readonly<Record<string, unknown>>,
  conversationId: string | undefined,
  context: ParseContext,
): MessageFact {
  const own = parse(ownNames, row, 'read the message');
  const [first] = own.attachments ?? [];
  const media = typeof first === 'string' ? { url: first, type: undefined } : first;
  const told = {
    conversation_id: own.conversationId,
    sender_id: own.senderId,
    content: own.text,
    created_at: own.createdAt,
    client_id: own.clientNonce,
    media_url: media?.url,
    message_type: media?.type,
  };
  const isTold = ([, value]: [string, unknown]) => value !== undefined && value !== null;
  const whole = { ...row, ...Object.fromEntries(Object.entries(told).filter(isTold)) };
  const message = parse(messageRow, whole, 'read the message');
  const named = message.conversation_id ?? conversationId;
  return messageFact(
    message,
    named ?? parse(someText, undefined, 'read the message’s conversation'),
    context,
  );
}

/** Without a code it is about the message itself, so that sending it again would not help. */
function refusal({ message, code }: z.output<typeof refused>): RealtimeError {
  const of = codeOf(code ?? 'BAD_REQUEST');
  return new RealtimeError(of.code, `unable to send the message; ${message}`, {
    retryable: of.retryable,
    ...(code === undefined ? {} : { serverCode: code }),
  });
}
