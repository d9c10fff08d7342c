import type { Background } from '../background.ts';
import type { Roster } from '../nodes/roster.ts';
import type { ChatServer } from '../realtime.ts';
import type { PresenceStatus } from './chat-events.ts';
import { rooms } from './rooms.ts';

export interface Presence {
  /**
   * As others were told: who is gone for an instant is still here, and who came this instant is not yet, so that nobody
   * is told of a return they missed, or of a stay whose end nobody will tell.
   */
  of(userId: string): PresenceStatus;
  stop(): void;
}

/** The database is asked who is to be told, and may be away. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/**
 * Tells the sockets of this node when somebody they talk to comes or goes, on whatever node; the others tell theirs. Who
 * is gone may be back at once: a page is loaded anew, or another tab of the browser connects.
 */
export function announcePresence(settings: {
  io: ChatServer;
  roster: Roster;
  partnersOf: (userId: string) => Promise<string[]>;
  background: Background;
  clock: () => number;
  /** How long somebody has to be gone. */
  absentMs: number;
}): Presence {
  const { io, roster, partnersOf, background, clock, absentMs } = settings;
  const announced = new Map<string, PresenceStatus>();
  const waiting = new Map<string, NodeJS.Timeout>();
  let isStopped = false;
  const statusTold = (userId: string) => announced.get(userId) ?? 'offline';
  const isNew = (userId: string) => statusTold(userId) !== roster.of(userId);

  roster.onChange((userId) => {
    if (isStopped) return;
    clearTimeout(waiting.get(userId));
    waiting.delete(userId);
    if (roster.of(userId) === 'offline') announceLater(userId, absentMs);
    else announce(userId);
  });

  return {
    of: statusTold,
    stop() {
      isStopped = true;
      for (const timer of waiting.values()) clearTimeout(timer);
    },
  };

  function announceLater(userId: string, ms: number, tries = 0) {
    waiting.set(
      userId,
      setTimeout(() => announce(userId, tries), ms),
    );
  }

  function announce(userId: string, tries = 0) {
    waiting.delete(userId);
    if (!isNew(userId)) return;
    background.run(async () => {
      const partners = await partnersOf(userId).catch((error: unknown) => {
        const ms = Math.min(FIRST_RETRY_MS * 2 ** tries, LAST_RETRY_MS) * (0.5 + Math.random() / 2);
        // What waits already will say how it is by then.
        if (!isStopped && !waiting.has(userId)) announceLater(userId, ms, tries + 1);
        throw error;
      });
      // As it is by now: two announcements may have overtaken each other.
      if (!isNew(userId)) return;
      const status = roster.of(userId);
      if (status === 'offline') announced.delete(userId);
      else announced.set(userId, status);
      if (partners.length === 0) return;
      const event = { user_id: userId, status, timestamp: new Date(clock()).toISOString() };
      io.local.to(partners.map(rooms.user)).emit('user_status_update', event);
    });
  }
}
