import type { Background } from './background.ts';
import type { PresenceStatus } from './chat-events.ts';
import type { ChatServer } from './realtime.ts';
import { rooms } from './rooms.ts';
import type { Roster } from './roster.ts';

/** Tells the sockets of this node when somebody they talk to comes or goes, on whatever node; the others tell theirs. */
export function announcePresence(settings: {
  io: ChatServer;
  roster: Roster;
  partnersOf: (userId: string) => Promise<string[]>;
  background: Background;
  clock: () => number;
}): void {
  const { io, roster, partnersOf, background, clock } = settings;
  const announced = new Map<string, PresenceStatus>();
  const isNew = (userId: string) => (announced.get(userId) ?? 'offline') !== roster.of(userId);

  roster.onChange((userId) => {
    if (!isNew(userId)) return;
    background.run(async () => {
      const partners = await partnersOf(userId);
      // As it is by now: two announcements may have overtaken each other.
      if (!isNew(userId)) return;
      const status = roster.of(userId);
      if (status === 'offline') announced.delete(userId);
      else announced.set(userId, status);
      if (partners.length === 0) return;
      const event = { user_id: userId, status, timestamp: new Date(clock()).toISOString() };
      io.local.to(partners.map(rooms.user)).emit('user_status_update', event);
    });
  });
}
