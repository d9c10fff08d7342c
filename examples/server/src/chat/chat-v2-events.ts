import { z } from 'zod';
import { conversationRow, count, type MessageRow, messageRow, time } from './chat-rows.ts';

const chatV2Row = messageRow
  .extend({
    conversationId: z.string(),
    senderId: z.string(),
    text: z.string(),
    attachments: z.array(z.object({ url: z.string(), type: messageRow.shape.message_type })),
    createdAt: time,
    clientNonce: z.string().nullable(),
  })
  .meta({
    id: 'MessageV2',
    description: 'A message as the later generation of the chat spells it, beside what the first one has',
  });
export type ChatV2Row = z.output<typeof chatV2Row>;

const whose = z.object({ userId: z.string() });
const refusal = z.object({ message: z.string(), code: z.string() });

/** What the server says in the later generation. Times are ISO 8601. */
export const chatV2Events = {
  authenticated: whose,
  token_refreshed: whose,
  auth_error: refusal,
  'chat:ack': z.object({ tempId: z.string().optional(), message: chatV2Row }),
  'chat:new': z.object({ message: chatV2Row }),
  'chat:read': z.object({
    conversationId: z.string(),
    userId: z.string(),
    upToMessageId: z.string().optional().describe('Left out when that message is no longer known'),
    read_seq: count,
  }),
  'chat:error': refusal.extend({ tempId: z.string().optional() }),
  'conversations:upsert': conversationRow,
};

export function toChatV2Row(message: MessageRow): ChatV2Row {
  const { conversation_id, sender_id, content, media_url, message_type, created_at, client_id } = message;
  return {
    ...message,
    conversationId: conversation_id,
    senderId: sender_id,
    text: content,
    attachments: media_url === null ? [] : [{ url: media_url, type: message_type }],
    createdAt: created_at,
    clientNonce: client_id,
  };
}
