import { z } from 'zod';
import { conversationContext, count, messageRow, time } from './chat-rows.ts';

const presenceStatus = z.enum(['online', 'offline', 'away']);
const listAction = z.enum([
  'conversation_created',
  'message_sent',
  'message_received',
  'message_deleted',
  'state_changed',
]);
const notificationData = z.object({
  id: z.string(),
  title: z.string(),
  body: z.string(),
  created_at: time,
  payload: z.record(z.string(), z.unknown()),
  conversation_id: z.string(),
  message: messageRow.nullable(),
  sender_id: z.string(),
  receiver_id: z.string(),
});

export type PresenceStatus = z.output<typeof presenceStatus>;
export type ListAction = z.output<typeof listAction>;
export type NotificationData = z.output<typeof notificationData>;

const seen = z.object({ conversationId: z.string(), timestamp: time, read_seq: count });
const seenOne = seen.extend({ messageId: z.string() });
const ofReader = { userId: z.string() };
const unread = { unread_count: count };
/** In the room of a bid or a campaign. */
const subject = z.object({ conversation_id: z.string(), timestamp: time, ...conversationContext.shape });

/** What the server says about conversations, messages and people. Times are ISO 8601. */
export const chatEvents = {
  new_message: z.object({
    conversation_id: z.string(),
    message: messageRow,
    conversation_context: conversationContext,
  }),
  conversation_list_updated: z.object({
    conversation_id: z.string(),
    action: listAction,
    message: messageRow.optional(),
    timestamp: time,
    conversation_context: conversationContext.optional(),
    ...conversationContext.partial().shape,
  }),
  unread_count_updated: z.object({
    conversation_id: z.string(),
    unread_count: count,
    action: z.literal('set'),
    timestamp: time,
    last_seq: count,
    read_seq: count,
  }),
  user_typing: z.object({ conversationId: z.string(), userId: z.string(), isTyping: z.boolean() }),
  typing_status_update: z.object({
    conversation_id: z.string(),
    user_id: z.string(),
    is_typing: z.boolean(),
    timestamp: time,
  }),
  message_seen: seenOne.extend(ofReader),
  messages_seen: seen.extend(ofReader),
  message_seen_update: seenOne.extend(unread),
  messages_seen_update: seen.extend(unread),
  message_deleted: z.object({ conversation_id: z.string(), message: messageRow }),
  user_status_update: z.object({ user_id: z.string(), status: presenceStatus, timestamp: time }),
  conversation_state_changed: z.object({ conversation_id: z.string(), ...conversationContext.shape }),
  request_update: subject,
  campaign_update: subject,
  notification: z.object({ type: z.string(), data: notificationData }),
  sync_state: z.object({ conversation_id: z.string(), last_seq: count, seen_seq: count, unread: count }),
  conversation_list_refresh: z.object({ user_id: z.string(), timestamp: time }),
  message_error: z.object({ error: z.string(), code: z.string(), clientId: z.string().optional() }),
  seen_error: z.object({ error: z.string(), code: z.string() }),
};

export type ChatEvents = typeof chatEvents;
