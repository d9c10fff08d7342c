import type { Clock } from '../lib/clock.ts';
import type { SocketEvent } from '../lib/socket-port.ts';
import type { ChatPreset } from '../protocol/chat-preset.ts';
import type { Link, Room } from '../transport/link.ts';

export interface RoomsSettings extends Pick<Link, 'enter' | 'leave'> {
  readonly emits: ChatPreset['emits'];
  readonly userId: string;
  readonly clock: Clock;
  emit(event: SocketEvent): void;
  isOpen(): boolean;
  /** Whether the backend tells at intervals how the conversations of joined rooms stand. */
  hasHeartbeat(): boolean;
  /** A room is silent although the connection is there: something may have been missed. */
  onSilence(): void;
}

/** Which conversations' rooms this client wants to be in; entered again after every connect, and when one falls silent. */
export interface Rooms {
  set(conversationId: string, isWanted: boolean): void;
  /** Enters a room beside the conversations, also after every later connect. The last one's undo leaves it. */
  join(kind: 'bid' | 'campaign', id: string): () => void;
  /** Enters all of them; those of the chat only if the app uses it. */
  enter(isChatUsed: boolean): void;
  heartbeat(conversationId: string): void;
  leave(): void;
}

/** Heartbeats come every 25 to 30 s: connected is not receiving. */
const silenceMs = 45_000;

export function createRooms({ emits, userId, clock, ...settings }: RoomsSettings): Rooms {
  const wanted = new Set<string>();
  const others = new Map<string, { readonly room: Room; count: number }>();
  /** Undo of the silence timers. */
  const listening = new Map<string, () => void>();

  const roomOf = (conversationId: string): Room => ({
    enter: emits.joinConversation(conversationId),
    leave: emits.leaveConversation(conversationId),
  });

  function join(conversationId: string) {
    settings.enter(roomOf(conversationId));
    listen(conversationId);
  }

  function listen(conversationId: string) {
    listening.get(conversationId)?.();
    const cancel = clock.schedule(() => {
      if (!settings.isOpen() || !settings.hasHeartbeat()) return;
      join(conversationId);
      settings.onSilence();
    }, silenceMs);
    listening.set(conversationId, cancel);
  }

  function deafen(conversationId: string) {
    listening.get(conversationId)?.();
    listening.delete(conversationId);
  }

  return {
    set(conversationId, isWanted) {
      if (wanted.has(conversationId) === isWanted) return;
      if (isWanted) {
        wanted.add(conversationId);
        if (settings.isOpen()) join(conversationId);
      } else {
        wanted.delete(conversationId);
        deafen(conversationId);
        settings.leave(roomOf(conversationId));
      }
    },
    join(kind, id) {
      if (!emits.room) return () => {};
      const key = `${kind} ${id}`;
      const room = { enter: emits.room(kind, id, true), leave: emits.room(kind, id, false) };
      const joined = others.get(key) ?? { room, count: 0 };
      others.set(key, joined);
      joined.count += 1;
      if (joined.count === 1) settings.enter(room);
      let isIn = true;
      return () => {
        if (!isIn) return;
        isIn = false;
        joined.count -= 1;
        if (joined.count > 0) return;
        others.delete(key);
        settings.leave(room);
      };
    },
    enter(isChatUsed) {
      if (!settings.isOpen()) return;
      for (const { room } of others.values()) settings.enter(room);
      if (!isChatUsed) return;
      for (const event of emits.join(userId)) settings.emit(event);
      for (const conversationId of wanted) join(conversationId);
    },
    heartbeat(conversationId) {
      if (wanted.has(conversationId)) listen(conversationId);
    },
    leave() {
      for (const conversationId of [...listening.keys()]) deafen(conversationId);
    },
  };
}
