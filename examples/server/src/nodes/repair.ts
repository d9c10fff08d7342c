import type { Background } from '../background.ts';
import { conversationsOf, rooms } from '../chat/rooms.ts';
import type { SyncState } from '../chat/sync-state.ts';
import type { Profiles } from '../people/profiles.ts';
import type { ChatServer } from '../realtime.ts';

/** All sockets of a node are not to ask at once. */
const SPREAD_MS = 5_000;
/** What was told just before may have gone with it. */
const MARGIN_MS = 10_000;

/**
 * While nodes could not hear each other, sockets missed what happened elsewhere. Changed pictures and names are told
 * again; of conversations each socket hears how far they are, and to read its list again.
 */
export function createRepair(settings: {
  io: ChatServer;
  profiles: Profiles;
  syncState: SyncState;
  background: Background;
  clock: () => number;
}): (apartSince: number) => void {
  const { io, profiles, syncState, background, clock } = settings;
  const everyone = io.local.to(rooms.everyone);

  function tellUsers(apartSince: number): void {
    background.run(async () => {
      for (const profile of await profiles.changedSince(new Date(apartSince - MARGIN_MS))) {
        const { id: userId, display_name, avatar_url, avatar_thumb_url, avatar_version } = profile;
        everyone.emit('user:profile:updated', { userId, display_name });
        if (avatar_url === null) everyone.emit('user:avatar:deleted', { userId, avatar_version });
        else {
          const shown = { avatar_url, avatar_thumb_url: avatar_thumb_url ?? avatar_url, avatar_version };
          everyone.emit('user:avatar:updated', { userId, ...shown });
        }
      }
    });
  }

  return (apartSince) => {
    tellUsers(apartSince);
    for (const socket of io.of('/').sockets.values()) {
      if (!socket.rooms.has(rooms.everyone)) continue;
      const later = setTimeout(() => {
        const { userId: user_id } = socket.data;
        socket.emit('conversation_list_refresh', { user_id, timestamp: new Date(clock()).toISOString() });
        syncState.tell(socket, conversationsOf(socket.rooms));
      }, Math.random() * SPREAD_MS);
      later.unref();
    }
  };
}
