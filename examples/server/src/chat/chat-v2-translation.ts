import type { Background } from '../background.ts';
import { onlyTo } from '../nodes/only-to.ts';
import type { UserSocket } from '../realtime.ts';
import type { EventOf } from '../server-events.ts';
import type { ChatEvents } from './chat-events.ts';
import { toChatV2Row } from './chat-v2-events.ts';
import type { Conversations } from './conversations.ts';
import type { Messages } from './messages.ts';

type Translations = { [Name in keyof ChatEvents]?: (event: EventOf<Name>) => void };

/**
 * Says in the later generation what goes out to this socket in the first one. At the socket, so that nobody else pays
 * for it, and it holds for what other nodes announce too.
 */
export function translateToV2(
  socket: UserSocket,
  settings: { conversations: Conversations; messages: Messages; background: Background },
): void {
  const { conversations, messages, background } = settings;
  const { userId } = socket.data;
  const changed = new Set<string>();

  /** The row as it is once all events of one change have gone out. */
  function upsert(id: string): void {
    changed.add(id);
    if (changed.size > 1) return;
    background.run(async () => {
      await new Promise(setImmediate);
      const ids = [...changed];
      changed.clear();
      for (const row of (await conversations.byIds(userId, ids)).values()) {
        onlyTo(socket).emit('conversations:upsert', row);
      }
    });
  }

  function read(conversationId: string, readerId: string, seq: number, messageId?: string): void {
    background.run(async () => {
      const window = { afterSeq: seq - 1, beforeSeq: seq + 1, limit: 1 };
      const upToMessageId = messageId ?? (await messages.page(conversationId, seq, window))[0]?.id;
      const upTo = upToMessageId === undefined ? {} : { upToMessageId };
      onlyTo(socket).emit('chat:read', { conversationId, userId: readerId, ...upTo, read_seq: seq });
    });
    upsert(conversationId);
  }

  const translations: Translations = {
    new_message: ({ message }) => onlyTo(socket).emit('chat:new', { message: toChatV2Row(message) }),
    conversation_list_updated: ({ conversation_id }) => upsert(conversation_id),
    unread_count_updated: ({ conversation_id }) => upsert(conversation_id),
    message_seen: (event) => read(event.conversationId, event.userId, event.read_seq, event.messageId),
    messages_seen: (event) => read(event.conversationId, event.userId, event.read_seq),
    message_seen_update: (event) => read(event.conversationId, userId, event.read_seq, event.messageId),
    messages_seen_update: (event) => read(event.conversationId, userId, event.read_seq),
  };

  socket.onAnyOutgoing((name: string, event) => {
    if (Object.hasOwn(translations, name)) translations[name as keyof ChatEvents]?.(event);
  });
}
