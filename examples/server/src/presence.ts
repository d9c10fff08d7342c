import type { Background } from './background.ts';
import type { PresenceStatus } from './chat-events.ts';
import type { ChatServer } from './realtime.ts';
import { rooms } from './rooms.ts';

export interface Presence {
  /** What a socket says of its user; a new socket is online. */
  set(userId: string, socketId: string, status: PresenceStatus): void;
  forget(userId: string, socketId: string): void;
  of(userId: string): PresenceStatus;
  isConnected(userId: string): boolean;
}

/** Who is here, over all of a user's sockets: online while one of them is, offline when the last is gone. */
export function createPresence(settings: {
  io: ChatServer;
  partnersOf: (userId: string) => Promise<string[]>;
  background: Background;
  clock: () => number;
}): Presence {
  const { io, partnersOf, background, clock } = settings;
  const sockets = new Map<string, Map<string, PresenceStatus>>();
  const announced = new Map<string, PresenceStatus>();

  function of(userId: string): PresenceStatus {
    const said = [...(sockets.get(userId)?.values() ?? [])];
    return said.includes('online') ? 'online' : said.includes('away') ? 'away' : 'offline';
  }

  function announce(userId: string): void {
    if ((announced.get(userId) ?? 'offline') === of(userId)) return;
    background.run(async () => {
      const partners = await partnersOf(userId);
      // As it is by now: two announcements may have overtaken each other.
      const status = of(userId);
      if ((announced.get(userId) ?? 'offline') === status) return;
      if (status === 'offline') announced.delete(userId);
      else announced.set(userId, status);
      if (partners.length === 0) return;
      const event = { user_id: userId, status, timestamp: new Date(clock()).toISOString() };
      io.to(partners.map(rooms.user)).emit('user_status_update', event);
    });
  }

  return {
    of,
    isConnected: (userId) => sockets.has(userId),
    set(userId, socketId, status) {
      const mine = sockets.get(userId) ?? new Map<string, PresenceStatus>();
      sockets.set(userId, mine.set(socketId, status));
      announce(userId);
    },
    forget(userId, socketId) {
      const mine = sockets.get(userId);
      if (!mine?.delete(socketId)) return;
      if (mine.size === 0) sockets.delete(userId);
      announce(userId);
    },
  };
}
