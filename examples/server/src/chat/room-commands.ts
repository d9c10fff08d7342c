import { requireSelf } from '../identity.ts';
import type { UserSocket } from '../realtime.ts';
import { bidReference, campaignReference, conversationReference, userReference } from './chat-payloads.ts';
import type { Conversations } from './conversations.ts';
import type { Presence } from './presence.ts';
import { rooms } from './rooms.ts';
import type { Command } from './socket-commands.ts';
import type { SyncState } from './sync-state.ts';

/** Joining and leaving: one's own rooms, and those of conversations, bids and campaigns one has a part in. */
export function roomCommands(
  socket: UserSocket,
  settings: {
    on: Command;
    conversations: Conversations;
    presence: Presence;
    partnersOf: (userId: string) => Promise<string[]>;
    syncState: SyncState;
    settled: () => Promise<void>;
    stopTyping: (conversationId: string) => void;
    timestamp: () => string;
  },
): void {
  const { on, conversations, presence, syncState, timestamp } = settings;
  const { userId } = socket.data;

  on('join', userReference, async (claimed) => {
    requireSelf(userId, claimed);
    await socket.join(rooms.user(userId));
    const partners = await settings.partnersOf(userId);
    return {
      announce() {
        for (const id of partners) {
          const event = { user_id: id, status: presence.of(id), timestamp: timestamp() };
          socket.emit('user_status_update', event);
        }
      },
    };
  });

  const ownRooms = [
    ['join_global_updates', 'leave_global_updates', rooms.global],
    ['request_global_notifications', 'leave_global_notifications', rooms.notifications],
  ] as const;
  for (const [join, leave, room] of ownRooms) {
    on(join, userReference, async (claimed) => {
      requireSelf(userId, claimed);
      await socket.join(room(userId));
      return {};
    });
    on(leave, userReference, async (claimed) => {
      requireSelf(userId, claimed);
      await socket.leave(room(userId));
      return {};
    });
  }

  on('join_conversation', conversationReference, async (id) => {
    await conversations.otherMember(userId, id);
    await socket.join(rooms.conversation(id));
    return { announce: () => syncState.tell(socket, [id]) };
  });
  on('leave_conversation', conversationReference, async (id) => {
    await conversations.otherMember(userId, id);
    await settings.settled();
    await socket.leave(rooms.conversation(id));
    return { announce: () => settings.stopTyping(id) };
  });

  const subjects = [
    ['bid', bidReference],
    ['campaign', campaignReference],
  ] as const;
  for (const [type, reference] of subjects) {
    on(`join_${type}_room`, reference, async (id) => {
      await conversations.checkSubject(userId, type, id);
      await socket.join(rooms[type](id, userId));
      return {};
    });
    on(`leave_${type}_room`, reference, async (id) => {
      await conversations.checkSubject(userId, type, id);
      await socket.leave(rooms[type](id, userId));
      return {};
    });
  }
}
