import { chatRest } from './chat-rest.ts';
import { type ChatState, createChatState, type LiteralMessage, storedRow } from './chat-state.ts';
import { fieldsOf, type LiteralServer, startLiteral } from './literal-server.ts';
import { threePeople } from './people.ts';

export interface ChatV2Options {
  /** The document shows no row: the columns of the database, or the spelling of the events around them. */
  rows?: 'columns' | 'events';
}

export interface LiteralChatV2 extends LiteralServer {
  readonly state: ChatState;
}

/** The later generation of system E. Its REST side is not documented: the one of the first generation's document. */
export async function startChatV2({ rows = 'events' }: ChatV2Options = {}): Promise<LiteralChatV2> {
  const state = createChatState(threePeople());
  state.open(2, 1);
  state.open(3, 1);

  function rowOf(message: LiteralMessage) {
    if (rows === 'columns') return storedRow(message);
    const { id, conversation_id: conversationId, sender_id: senderId, text, media_url, created_at } = message;
    const attachments = media_url === null ? [] : [{ url: media_url }];
    return { id, conversationId, senderId, text, attachments, createdAt: created_at };
  }

  function tell(message: LiteralMessage): void {
    io.to(`room:${message.conversation_id}`).emit('chat:new', { message: rowOf(message) });
    const conversation = state.conversationOf(message.conversation_id);
    if (!conversation) return;
    for (const socket of io.of('/').sockets.values()) {
      const { userId } = socket.data;
      if (state.isMember(conversation, userId))
        socket.emit('conversations:upsert', state.conversationRow(conversation, userId));
    }
  }

  function tellSeen(conversationId: number, userId: number, messageIds: readonly string[]): void {
    io.to(`room:${conversationId}`).emit('chat:read', { conversationId, userId, messageIds });
  }

  const server = await startLiteral({
    routes: chatRest(
      state,
      {
        sent: tell,
        seen: (id, userId) =>
          tellSeen(
            id,
            userId,
            state.messagesOf(id).map((message) => message.id),
          ),
      },
      { routes: 'documented', saved: 'message' },
    ),
  });

  const io = server.sockets((socket) => {
    const refuse = (message: string, tempId?: unknown) => void socket.emit('chat:error', { message, tempId });
    const stranger = () => (socket.data.userId ? 'Conversation not found' : 'Not authenticated');
    const mine = (id: unknown) => {
      const conversation = state.conversationOf(id);
      return conversation && state.isMember(conversation, socket.data.userId) ? conversation : undefined;
    };

    socket.on('authenticate', (sent) => {
      const { token } = fieldsOf(sent);
      const userId = server.userOf(token);
      if (userId === undefined) return void socket.emit('auth_error', { message: 'Invalid token' });
      const isFirst = socket.data.userId === undefined;
      socket.data = { userId, token: String(token) };
      return void socket.emit(isFirst ? 'authenticated' : 'token_refreshed', { userId });
    });

    socket.on('chat:join', (sent) => {
      const conversation = mine(fieldsOf(sent).conversationId);
      if (conversation) void socket.join(`room:${conversation.id}`);
      else refuse(stranger());
    });

    socket.on('chat:send', (sent) => {
      const { tempId, conversationId, text, attachments } = fieldsOf(sent);
      const conversation = mine(conversationId);
      if (!conversation) return refuse(stranger(), tempId);
      const [attachment] = Array.isArray(attachments) ? attachments : [];
      const url: unknown = typeof attachment === 'string' ? attachment : fieldsOf(attachment).url;
      const media_url = typeof url === 'string' ? url : null;
      const body = typeof text === 'string' ? text.trim() : '';
      if ((body === '' && media_url === null) || body.length > 1000)
        return refuse('Text is required', tempId);
      const message = state.store(conversation, { sender_id: socket.data.userId, text: body, media_url });
      conversation.updated_at = message.created_at;
      socket.emit('chat:ack', { tempId, message: rowOf(message) });
      tell(message);
    });

    socket.on('chat:read', (sent) => {
      const { conversationId, messageIds, upToMessageId } = fieldsOf(sent);
      const conversation = mine(conversationId);
      if (!conversation) return refuse(stranger());
      const all = state.messagesOf(conversation.id);
      const last = all.findIndex((message) => message.id === upToMessageId);
      const read = all.filter((message, at) =>
        Array.isArray(messageIds) ? messageIds.includes(message.id) : at <= last,
      );
      for (const message of read) message.seen ||= message.receiver_id === socket.data.userId;
      tellSeen(
        conversation.id,
        socket.data.userId,
        read.map((message) => message.id),
      );
    });
  }, false);

  return { ...server, state };
}
