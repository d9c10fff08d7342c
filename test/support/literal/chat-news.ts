import type { Server } from 'socket.io';
import { type ChatState, type LiteralMessage, liveRow } from './chat-state.ts';

/** What REST sends cause: list and unread events in both of a user's rooms, each at a time of its own. */
export function tellOfRest(io: Server, state: ChatState, message: LiteralMessage): void {
  const { id, conversation_id, sender_id, receiver_id, text } = message;
  const row = liveRow(message);
  const conversation_context = contextOf(state, conversation_id);
  io.to(`conversation_${conversation_id}`).emit('new_message', {
    conversation_id,
    message: row,
    conversation_context,
  });
  for (const room of ['user', 'global']) {
    for (const [userId, action] of [
      [sender_id, 'message_sent'],
      [receiver_id, 'message_received'],
    ] as const) {
      const event = { conversation_id, action, message: row, timestamp: state.now(), conversation_context };
      io.to(`${room}_${userId}`).emit('conversation_list_updated', event);
    }
    const delta = { conversation_id, unread_count: 1, action: 'increment', timestamp: state.now() };
    io.to(`${room}_${receiver_id}`).emit('unread_count_updated', delta);
  }
  io.to(`user_${receiver_id}`).emit('notification', {
    type: 'new_message',
    data: {
      id: `notification-${id}`,
      title: 'New message',
      body: text,
      created_at: state.now(),
      payload: {},
      conversation_id,
      message: row,
      sender_id,
      receiver_id,
    },
  });
}

/** What socket sends cause: each event once, without a time, and the conversation does not move up. */
export function tellOfSocket(io: Server, message: LiteralMessage): void {
  const { conversation_id, sender_id, receiver_id, text } = message;
  const row = liveRow(message);
  io.to(`conversation_${conversation_id}`).emit('new_message', {
    message: row,
    conversationId: conversation_id,
  });
  const list = (userId: number, action: string) =>
    io.to(`global_${userId}`).emit('conversation_list_updated', { conversation_id, action, message: row });
  list(sender_id, 'message_sent');
  list(receiver_id, 'message_received');
  const delta = { conversation_id, unread_count: 1, action: 'increment' };
  io.to(`global_${receiver_id}`).emit('unread_count_updated', delta);
  io.to(`user_${receiver_id}`).emit('notification', {
    type: 'new_message',
    data: { conversation_id, message: text },
  });
}

function contextOf(state: ChatState, conversationId: number) {
  const { flow_state, awaiting_role, chat_status } = state.conversationOf(conversationId) ?? {};
  return { flow_state, awaiting_role, chat_status };
}
