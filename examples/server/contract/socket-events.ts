import { z } from 'zod';
import {
  bidReference,
  campaignReference,
  conversationReference,
  joinPayload,
  readPayload,
  refreshPayload,
  seenPayload,
  sendPayload,
  statusPayload,
  typingPayload,
  userReference,
  v2SendPayload,
} from '../src/chat/chat-payloads.ts';
import { count, messageRow } from '../src/chat/chat-rows.ts';
import { chatV2Events } from '../src/chat/chat-v2-events.ts';
import { authenticatePayload } from '../src/people/sign-in.ts';
import type { ServerEvents } from '../src/server-events.ts';

/** What a client asks for. A call that waits for an answer gets `{ ok: true, … }` or a refusal. */
export interface Command {
  readonly summary: string;
  readonly payload: z.ZodType;
  /** What the answer has beside `ok`. */
  readonly answer?: z.ZodObject;
}

const seenAnswer = z.object({ read_seq: count, unread_count: count });

export const commands: Readonly<Record<string, Command>> = {
  join: { summary: 'Hear what concerns the user; also who is there now', payload: userReference },
  join_global_updates: { summary: 'Hear of lists, counts and typing too', payload: userReference },
  leave_global_updates: { summary: 'The opposite', payload: userReference },
  request_global_notifications: { summary: 'Hear `notification` too', payload: userReference },
  leave_global_notifications: { summary: 'The opposite', payload: userReference },
  join_conversation: {
    summary: 'Hear of a conversation’s messages, typing and marks; `sync_state` at once',
    payload: conversationReference,
  },
  leave_conversation: { summary: 'The opposite; what was being typed ends', payload: conversationReference },
  join_bid_room: { summary: 'Hear `request_update` of a bid', payload: bidReference },
  leave_bid_room: { summary: 'The opposite', payload: bidReference },
  join_campaign_room: { summary: 'Hear `campaign_update` of a campaign', payload: campaignReference },
  leave_campaign_room: { summary: 'The opposite', payload: campaignReference },
  send_message: {
    summary: 'Send a message; the same `clientId` again makes no second one',
    payload: sendPayload,
    answer: z.object({ message: messageRow }),
  },
  mark_seen: {
    summary: 'Mark all up to a message, a number or the end as seen',
    payload: seenPayload,
    answer: seenAnswer,
  },
  typing_start: { summary: 'Tell that the user is typing', payload: typingPayload },
  typing_stop: { summary: 'Tell that it is over', payload: typingPayload },
  user_status: { summary: 'Be online, away or offline with this connection', payload: statusPayload },
  refresh_conversation_list: {
    summary: 'Ask for `conversation_list_refresh`',
    payload: refreshPayload,
  },
  authenticate: { summary: 'Bring a token, or a newer one', payload: authenticatePayload },
  'chat:join': { summary: 'Later generation of `join_conversation`', payload: joinPayload },
  'chat:send': {
    summary: 'Later generation of `send_message`',
    payload: v2SendPayload,
    answer: z.object({ message: chatV2Events['chat:new'].shape.message }),
  },
  'chat:read': { summary: 'Later generation of `mark_seen`', payload: readPayload, answer: seenAnswer },
};

export const commandRefusal = z
  .object({
    ok: z.literal(false),
    code: z.string().describe('For programs, in capitals'),
    error: z.string().describe('For people: `unable to <do>; <why>`'),
    retry_after_ms: z.number().optional(),
  })
  .meta({ id: 'CommandRefusal' });

/** Who hears what. The schemas are the server's own. */
export const eventSummaries: Readonly<Record<keyof ServerEvents, string>> = {
  'user:avatar:updated': 'Everybody: a new picture',
  'user:avatar:deleted': 'Everybody: no picture any more',
  'user:profile:updated': 'Everybody: a new name',
  new_message: 'The conversation’s room, its sender too: a message',
  conversation_list_updated: 'Both members: what their lists show has changed',
  unread_count_updated: 'The reader: how many messages are unread now',
  user_typing: 'The conversation’s room: somebody types or has stopped',
  typing_status_update: 'The other member: the same, outside the room',
  message_seen: 'The conversation’s room: seen up to this message',
  messages_seen: 'The conversation’s room: seen up to this number',
  message_seen_update: 'The reader’s own pages: seen up to this message',
  messages_seen_update: 'The reader’s own pages: seen up to this number',
  message_deleted: 'Both members: a message was deleted',
  user_status_update: 'Who has a conversation with them: somebody came or went',
  conversation_state_changed: 'Both members: a bid or a campaign moved on',
  request_update: 'Its two members, in the bid’s room: it moved on',
  campaign_update: 'Its two members, in the campaign’s room: it moved on',
  notification: 'The receiver: something asks for attention',
  sync_state:
    'Level 2. Who is in the conversation’s room, on join and every 25 seconds: how far it is, so that silence is noticed',
  conversation_list_refresh: 'Who asked: read the list again',
  message_error: 'Who sent: the message was refused',
  seen_error: 'Who marked: the mark was refused',
  authenticated: 'Who brought a token: it is good',
  token_refreshed: 'Who brought a newer token: it is good',
  auth_error: 'Who brought a token: it is not good',
  'chat:ack': 'Later generation. Who sent: the row that was made',
  'chat:new': 'Later generation. A message',
  'chat:read': 'Later generation. Somebody has seen up to there',
  'chat:error': 'Later generation. Who asked: it was refused',
  'conversations:upsert': 'Later generation. A row of the list, as it is now',
};
