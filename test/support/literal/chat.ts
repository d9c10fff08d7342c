import { tellOfRest, tellOfSocket } from './chat-news.ts';
import { type ChatRestOptions, chatRest } from './chat-rest.ts';
import { type ChatState, createChatState } from './chat-state.ts';
import { fieldsOf, type LiteralServer, type SignedInSocket, startLiteral } from './literal-server.ts';
import { threePeople } from './people.ts';

export interface ChatOptions extends Partial<ChatRestOptions> {
  /** How rooms are named: a bare id, or the document's object. The other style joins a room nobody speaks in. */
  rooms?: 'bare' | 'object';
}

export interface LiteralChat extends LiteralServer {
  readonly state: ChatState;
  /** True once a typing event without a payload has ended the process. */
  readonly hasCrashed: boolean;
  /** Whether a socket of the user is in the room, by its wire name. */
  isIn(userId: number, room: string): boolean;
  changeState(
    conversationId: number,
    next: { flow_state: string; awaiting_role: string; chat_status: string },
  ): void;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** System E as it runs: no versions, no acks, no client ids, and everybody is believed. */
export async function startChat(options: ChatOptions = {}): Promise<LiteralChat> {
  const { rooms = 'bare', routes = 'running', saved = 'data' } = options;
  const state = createChatState(threePeople());
  state.open(2, 1);
  state.open(3, 1);

  const server = await startLiteral({
    refusal: (error) => ({ error }),
    routes: chatRest(
      state,
      {
        sent: (message) => tellOfRest(io, state, message),
        seen(conversationId, userId) {
          const timestamp = state.now();
          io.to(`conversation_${conversationId}`).emit('messages_seen', {
            conversationId,
            userId,
            timestamp,
          });
          io.to(`global_${userId}`).emit('messages_seen_update', { conversationId, timestamp });
        },
      },
      { routes, saved },
    ),
  });

  let hasCrashed = false;
  function crash(): void {
    hasCrashed = true;
    void server.close();
  }

  const nameOf = (value: unknown, field: string) => String(rooms === 'bare' ? value : fieldsOf(value)[field]);

  function onConnection(socket: SignedInSocket): void {
    socket.on('join', (sent) => {
      const user_id = nameOf(sent, 'userId');
      void socket.join(`user_${user_id}`);
      socket.emit('user_status_update', { user_id, status: 'online', timestamp: state.now() });
    });
    const joins = [
      ['join_global_updates', 'leave_global_updates', 'global', 'userId'],
      ['request_global_notifications', 'leave_global_notifications', 'notifications', 'userId'],
      ['join_conversation', 'leave_conversation', 'conversation', 'conversationId'],
      ['join_bid_room', 'leave_bid_room', 'bid', 'bidId'],
      ['join_campaign_room', 'leave_campaign_room', 'campaign', 'campaignId'],
    ] as const;
    for (const [join, leave, room, field] of joins) {
      socket.on(join, (sent) => void socket.join(`${room}_${nameOf(sent, field)}`));
      socket.on(leave, (sent) => void socket.leave(`${room}_${nameOf(sent, field)}`));
    }

    socket.on('send_message', (sent) => {
      const { conversationId, senderId, receiverId, message, mediaUrl } = fieldsOf(sent);
      const conversation = state.conversationOf(conversationId);
      if (!conversation?.members.includes(Number(receiverId)))
        return void socket.emit('message_error', { error: 'Receiver not found' });
      if (typeof message !== 'string' || message.trim() === '' || message.length > 1000)
        return void socket.emit('message_error', { error: 'Message is required' });
      const media_url = typeof mediaUrl === 'string' ? mediaUrl : null;
      tellOfSocket(
        io,
        state.store(conversation, { sender_id: Number(senderId), text: message.trim(), media_url }),
      );
    });

    for (const [name, isTyping] of [
      ['typing_start', true],
      ['typing_stop', false],
    ] as const) {
      socket.on(name, (sent) => {
        if (sent === undefined || sent === null) return crash();
        const { conversationId, userId } = fieldsOf(sent);
        const others = socket.to(`conversation_${conversationId}`);
        if (isTyping) others.emit('user_typing', { conversationId, userId, isTyping });
        else
          others.emit('user_typing', { conversation_id: conversationId, user_id: userId, is_typing: false });
        const update = { conversation_id: conversationId, user_id: userId, is_typing: isTyping };
        socket.to(`global_${userId}`).emit('typing_status_update', { ...update, timestamp: state.now() });
      });
    }

    socket.on('mark_seen', (sent) => {
      const { messageId, userId, conversationId } = fieldsOf(sent);
      if (!uuid.test(String(messageId)))
        return void socket.emit('seen_error', { error: 'Invalid message id' });
      const message = state.messageOf(messageId);
      if (message) message.seen = true;
      const timestamp = state.now();
      const event = { messageId, userId, conversationId, timestamp };
      io.to(`conversation_${conversationId}`).emit('message_seen', event);
      io.to(`global_${userId}`).emit('message_seen_update', { messageId, conversationId, timestamp });
    });

    socket.on('user_status', (sent) => {
      const { userId, status } = fieldsOf(sent);
      socket.broadcast.emit('user_status_change', { userId, status });
    });
    socket.on('refresh_conversation_list', (user_id) => {
      socket.emit('conversation_list_refresh', { user_id, timestamp: state.now() });
    });
    // Any of the user's pages.
    socket.on('disconnect', () => io.emit('user_offline', { userId: socket.data.userId }));
  }

  const io = server.sockets(onConnection);

  return {
    ...server,
    state,
    get hasCrashed() {
      return hasCrashed;
    },
    isIn: (userId, room) =>
      [...io.of('/').sockets.values()].some(
        (socket) => socket.data.userId === userId && socket.rooms.has(room),
      ),
    changeState(conversationId, next) {
      const conversation = state.conversationOf(conversationId);
      if (!conversation) throw new Error(`there is no conversation ${conversationId}`);
      const { flow_state: previous_state } = conversation;
      Object.assign(conversation, next);
      io.to(`conversation_${conversationId}`).emit('conversation_state_changed', {
        conversation_id: conversationId,
        previous_state,
        new_state: next,
        reason: 'action',
      });
      for (const userId of conversation.members)
        io.to(`global_${userId}`).emit('conversation_list_updated', {
          conversation_id: conversationId,
          action: 'state_changed',
          ...next,
        });
    },
  };
}
