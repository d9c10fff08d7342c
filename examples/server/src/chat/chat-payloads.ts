import { z } from 'zod';
import { looseUserId as id, text, userId } from '../text.ts';
import { chatStatus, conversationType, role } from './chat-rows.ts';
import type { Draft } from './send-message.ts';

const blank = z.literal('').transform(() => undefined);
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .union([blank, schema])
    .nullish()
    .transform((value) => value ?? undefined);

/** A room as running code names it, by a bare id, or as the document does, in an object. */
const reference = (name: string) =>
  z.union([
    id,
    z.object({ [name]: id }).transform((named) => String(named[name])),
    z.object({ id }).transform((named) => named.id),
  ]);

export const userReference = reference('userId');
export const conversationReference = reference('conversationId');
export const bidReference = reference('bidId');
export const campaignReference = reference('campaignId');

const content = text(10_000)
  .nullish()
  .transform((value) => (value ?? '').trim());

/** Others' pages show it: nothing but https, this machine, or a path here. */
const mediaUrl = text(2048).refine((value) => {
  if (/[\s\\]/.test(value)) return false;
  if (/^\/(?!\/)/.test(value)) return true;
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  if (username !== '' || password !== '') return false;
  const isLoopback = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback);
}, 'is not a URL that can be shown');

const hasContent = (text: string, media: string | undefined) =>
  [...text].length <= 1000 && (text !== '' || media !== undefined);
const contentIssue = { path: ['message'], error: 'must be 1 to 1000 characters' };

/** `send_message`. */
export const sendPayload = z
  .object({
    conversationId: optional(id),
    senderId: optional(id),
    receiverId: optional(id),
    message: content,
    mediaUrl: optional(mediaUrl),
    clientId: optional(userId),
  })
  .refine(({ message, mediaUrl: media }) => hasContent(message, media), contentIssue)
  .transform(({ message, mediaUrl: media, clientId, ...rest }): Draft & { senderId: string | undefined } => ({
    ...rest,
    content: message,
    mediaUrl: media ?? null,
    clientId: clientId ?? null,
  }));

/** `POST /api/messages/send`. */
export const sendBody = z
  .object({
    conversation_id: optional(id),
    receiver_id: optional(id),
    message: content,
    media_url: optional(mediaUrl),
    client_id: optional(userId),
  })
  .refine(({ message, media_url }) => hasContent(message, media_url), contentIssue)
  .transform(
    (body): Draft => ({
      conversationId: body.conversation_id,
      receiverId: body.receiver_id,
      content: body.message,
      mediaUrl: body.media_url ?? null,
      clientId: body.client_id ?? null,
    }),
  );

/** `chat:send` of the later generation. A message has room for one attachment. */
export const v2SendPayload = z
  .object({
    tempId: optional(text(100)),
    conversationId: id,
    text: content,
    attachments: z
      .array(z.union([mediaUrl, z.object({ url: mediaUrl }).transform(({ url }) => url)]))
      .max(1)
      .nullish(),
    clientNonce: optional(userId),
  })
  .refine(({ text, attachments }) => hasContent(text, attachments?.[0]), { ...contentIssue, path: ['text'] })
  .transform(
    ({ tempId, conversationId, text, attachments, clientNonce }): Draft & { tempId: string | undefined } => ({
      tempId,
      conversationId,
      receiverId: undefined,
      content: text,
      mediaUrl: attachments?.[0] ?? null,
      clientId: clientNonce ?? null,
    }),
  );

export const joinPayload = z.object({ conversationId: id });

export const readPayload = z
  .object({
    conversationId: id,
    messageIds: z.array(z.uuid()).min(1).max(500).optional(),
    upToMessageId: optional(z.uuid()),
  })
  .refine(({ messageIds, upToMessageId }) => (messageIds ?? upToMessageId) !== undefined, {
    path: ['upToMessageId'],
    error: 'is missing',
  });

export const typingPayload = z.object({ conversationId: id, userId: optional(id) });

export const seenPayload = z
  .object({
    conversationId: optional(id),
    messageId: optional(z.uuid()),
    userId: optional(id),
    upToSeq: z.number().int().min(0).nullish(),
  })
  .refine(({ conversationId, messageId }) => conversationId !== undefined || messageId !== undefined, {
    path: ['conversationId'],
    error: 'is missing',
  });

export const seenBody = z.object({ message_id: z.uuid(), user_id: optional(id) });
export const seenUpToBody = z.object({ up_to_seq: z.number().int().min(0).nullish() }).nullish();

export const statusPayload = z.object({
  userId: optional(id),
  status: z.enum(['online', 'away', 'offline']),
});
export const refreshPayload = userReference.nullish();

export const stateBody = z.object({
  flow_state: text(40),
  awaiting_role: role.nullable().optional(),
  chat_status: chatStatus.optional(),
});

export const openBody = z
  .object({
    receiver_id: id,
    conversation_type: conversationType.default('direct'),
    bid_id: optional(id),
    campaign_id: optional(id),
  })
  .transform((body) => ({
    other: body.receiver_id,
    type: body.conversation_type,
    subjectId: { direct: null, bid: body.bid_id, campaign: body.campaign_id }[body.conversation_type],
  }))
  .refine(({ subjectId }) => subjectId !== undefined, { error: 'name the bid_id or campaign_id' })
  .transform(({ subjectId, ...wish }) => ({ ...wish, subjectId: subjectId ?? null }));

const count = z.coerce.number().int();
const limit = (fallback: number) => count.min(1).max(200).default(fallback);
const page = count.min(1).max(1_000_000).default(1);
const seq = count.min(0).max(2 ** 31 - 1);

export const conversationParams = z.object({ id: userId });
export const messageParams = z.object({ id: z.uuid() });

export const listQuery = z.object({
  user_id: userId.optional(),
  role: role.optional(),
  page,
  limit: limit(20),
});

export const messagesQuery = z.object({
  page,
  limit: limit(50),
  before_seq: seq.optional(),
  after_seq: seq.optional(),
});

export const syncQuery = z.object({ since: text(200).optional(), limit: limit(200) });

/** FCM's are of letters, digits and a few signs; an index takes no row of 2,700 bytes. */
const pushToken = z.string().regex(/^[!-~]{1,1024}$/, 'is not a push token');

export const registerBody = z.object({
  token: pushToken,
  device_type: z.enum(['web', 'ios', 'android']),
  device_id: text(200).nullish(),
});
export const unregisterBody = z.object({ token: pushToken });
