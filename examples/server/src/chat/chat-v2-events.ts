import type { ConversationRow, MessageRow, MessageType } from './chat-rows.ts';

/** A message as the later generation of the chat spells it, beside what the first one has. */
export interface ChatV2Row extends MessageRow {
  conversationId: string;
  senderId: string;
  text: string;
  attachments: { url: string; type: MessageType }[];
  createdAt: string;
  clientNonce: string | null;
}

/** What the server says in the later generation. Times are ISO 8601. */
export interface ChatV2Events {
  authenticated: (event: { userId: string }) => void;
  token_refreshed: (event: { userId: string }) => void;
  auth_error: (event: { message: string; code: string }) => void;
  'chat:ack': (event: { tempId: string | undefined; message: ChatV2Row }) => void;
  'chat:new': (event: { message: ChatV2Row }) => void;
  'chat:read': (event: {
    conversationId: string;
    userId: string;
    /** Left out when that message is no longer known. */
    upToMessageId?: string;
    read_seq: number;
  }) => void;
  'chat:error': (event: { message: string; code: string; tempId?: string }) => void;
  'conversations:upsert': (row: ConversationRow) => void;
}

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
