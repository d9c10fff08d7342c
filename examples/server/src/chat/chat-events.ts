import type { ConversationContext, MessageRow } from './chat-rows.ts';

export type PresenceStatus = 'online' | 'offline' | 'away';
export type ListAction =
  | 'conversation_created'
  | 'message_sent'
  | 'message_received'
  | 'message_deleted'
  | 'state_changed';

export interface NotificationData {
  id: string;
  title: string;
  body: string;
  created_at: string;
  payload: Record<string, unknown>;
  conversation_id: string;
  message: MessageRow | null;
  sender_id: string;
  receiver_id: string;
}

/** What the server says about conversations, messages and people. Times are ISO 8601. */
export interface ChatEvents {
  new_message: (event: {
    conversation_id: string;
    message: MessageRow;
    conversation_context: ConversationContext;
  }) => void;
  conversation_list_updated: (
    event: {
      conversation_id: string;
      action: ListAction;
      message?: MessageRow;
      timestamp: string;
      conversation_context?: ConversationContext;
    } & Partial<ConversationContext>,
  ) => void;
  unread_count_updated: (event: {
    conversation_id: string;
    unread_count: number;
    action: 'set';
    timestamp: string;
    last_seq: number;
    read_seq: number;
  }) => void;
  user_typing: (event: { conversationId: string; userId: string; isTyping: boolean }) => void;
  typing_status_update: (event: {
    conversation_id: string;
    user_id: string;
    is_typing: boolean;
    timestamp: string;
  }) => void;
  message_seen: (event: SeenEvent & { messageId: string; userId: string }) => void;
  messages_seen: (event: SeenEvent & { userId: string }) => void;
  message_seen_update: (event: SeenEvent & { messageId: string; unread_count: number }) => void;
  messages_seen_update: (event: SeenEvent & { unread_count: number }) => void;
  message_deleted: (event: { conversation_id: string; message: MessageRow }) => void;
  user_status_update: (event: { user_id: string; status: PresenceStatus; timestamp: string }) => void;
  conversation_state_changed: (event: { conversation_id: string } & ConversationContext) => void;
  request_update: (event: SubjectEvent) => void;
  campaign_update: (event: SubjectEvent) => void;
  notification: (event: { type: string; data: NotificationData }) => void;
  sync_state: (event: {
    conversation_id: string;
    last_seq: number;
    seen_seq: number;
    unread: number;
  }) => void;
  conversation_list_refresh: (event: { user_id: string; timestamp: string }) => void;
  message_error: (event: { error: string; code: string; clientId?: string }) => void;
  seen_error: (event: { error: string; code: string }) => void;
}

interface SeenEvent {
  conversationId: string;
  timestamp: string;
  read_seq: number;
}

/** In the room of a bid or a campaign. */
interface SubjectEvent extends ConversationContext {
  conversation_id: string;
  timestamp: string;
}
