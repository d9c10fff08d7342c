import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Background } from '../background.ts';
import type { Limits } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { Metrics } from '../metrics.ts';
import type { RateLimit, RateLimits } from '../nodes/rate-limit.ts';
import { createRepair } from '../nodes/repair.ts';
import type { Profiles } from '../people/profiles.ts';
import { createPush, type PushSender, RecordingPushSender } from '../push/push.ts';
import { pushRoutes } from '../push/push-routes.ts';
import type { Realtime } from '../realtime.ts';
import { createAnnouncements } from './announcements.ts';
import { createChangeState } from './change-state.ts';
import { partnersOf } from './changes.ts';
import { chatDevRoutes } from './chat-dev-routes.ts';
import { chatRoutes } from './chat-routes.ts';
import { chatSocket } from './chat-socket.ts';
import { createConversations } from './conversations.ts';
import type { MessageFiles } from './message-files.ts';
import { createMessages } from './messages.ts';
import { createNotifications } from './notifications.ts';
import { announcePresence } from './presence.ts';
import { createMarkSeen } from './seen.ts';
import { createSendMessage } from './send-message.ts';
import { createCommands } from './socket-commands.ts';
import { createSync } from './sync.ts';
import { createSyncState } from './sync-state.ts';

export interface Chat {
  /** Routes behind a token. */
  routes(http: FastifyInstance): void;
  devRoutes(http: FastifyInstance): void;
  sweep(): Promise<void>;
  /** Stops the heartbeat and waits so many milliseconds for what sockets asked before they were closed. */
  close(patienceMs: number): Promise<void>;
}

/** The composition root of conversations and messages. */
export function createChat(settings: {
  database: Database;
  realtime: Pick<Realtime, 'io' | 'roster' | 'onSignedIn' | 'settled' | 'onReunion'>;
  background: Background;
  files: MessageFiles;
  profiles: Profiles;
  pictureUrl: (path: string) => string;
  pushSender: PushSender;
  /** Whether pushes say what a message says. */
  pushText: boolean;
  limits: Limits;
  limit: RateLimits;
  /** Of changes that are no messages. */
  checkWrites: RateLimit;
  clock: () => number;
  metrics: Metrics | undefined;
  log: FastifyBaseLogger;
}): Chat {
  const { database, files, profiles, pictureUrl, pushSender, pushText, background, limits, clock } = settings;
  const { metrics, log, checkWrites } = settings;
  const { io, roster, settled, onReunion } = settings.realtime;
  const messages = createMessages({ database, files, background, clock });
  const conversations = createConversations({ database, clock, messages, pictureUrl });
  const sync = createSync({ database, conversations, messages, profiles, limits });
  const send = createSendMessage({ database, clock });
  const markSeen = createMarkSeen(database);
  const changeState = createChangeState({ database, clock });
  const partners = (userId: string) => partnersOf(database, userId);
  const presence = announcePresence({
    io,
    roster,
    partnersOf: partners,
    background,
    clock,
    absentMs: limits.absentMs,
  });
  const push = createPush({ database, sender: pushSender, background, clock });
  const notifications = createNotifications({ io, roster, push, pushText, clock });
  const announcements = createAnnouncements({ io, notifications, clock });
  const syncState = createSyncState({ io, database, background, everyMs: limits.syncStateMs });
  onReunion(createRepair({ io, profiles, syncState, background, clock }));
  const checkRate = settings.limit('send', limits.messagesPer10s, 10_000);

  settings.realtime.onSignedIn((socket) => {
    chatSocket(socket, {
      on: createCommands(socket, {
        background,
        metrics,
        log: log.child({ socketId: socket.id, userId: socket.data.userId }),
      }),
      background,
      conversations,
      messages,
      send,
      markSeen,
      roster,
      presence,
      partnersOf: partners,
      announcements,
      syncState,
      settled,
      checkRate,
      checkWrites,
      clock,
    });
  });

  return {
    routes(http) {
      chatRoutes(http, {
        conversations,
        messages,
        send,
        markSeen,
        changeState,
        sync,
        announcements,
        checkRate,
        checkWrites,
      });
      pushRoutes(http, push);
    },
    devRoutes(http) {
      const recorder = pushSender instanceof RecordingPushSender ? pushSender : undefined;
      chatDevRoutes(http, { io, send, announcements, recorder });
    },
    sweep: () => sync.sweep(),
    async close(patienceMs) {
      presence.stop();
      syncState.stop();
      pushSender.close?.();
      await background.settle(patienceMs);
    },
  };
}
