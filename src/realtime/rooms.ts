import type { ChatPreset } from '../protocol/chat-preset.ts';
import type { SocketEvent } from '../transport/socket.ts';

/** Which conversations' rooms this client wants to be in; entered again after every connect. */
export interface Rooms {
  set(conversationId: string, isWanted: boolean): void;
  enter(): void;
}

export function createRooms(
  emits: ChatPreset['emits'],
  userId: string,
  connection: { emit(event: SocketEvent): void },
): Rooms {
  const wanted = new Set<string>();

  return {
    set(conversationId, isWanted) {
      if (wanted.has(conversationId) === isWanted) return;
      if (isWanted) wanted.add(conversationId);
      else wanted.delete(conversationId);
      connection.emit(
        isWanted ? emits.joinConversation(conversationId) : emits.leaveConversation(conversationId),
      );
    },
    enter() {
      for (const event of emits.join(userId)) connection.emit(event);
      for (const conversationId of wanted) connection.emit(emits.joinConversation(conversationId));
    },
  };
}
