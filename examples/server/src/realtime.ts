import type { Server as HttpServer } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';
import type { Background } from './background.ts';
import { rooms } from './chat/rooms.ts';
import { answered, createCommands } from './chat/socket-commands.ts';
import type { Limits } from './config.ts';
import { ApiError } from './errors.ts';
import { gatherFrames } from './gather-frames.ts';
import { requireSelf } from './identity.ts';
import type { Metrics } from './metrics.ts';
import { type NodeEvents, nodesOver } from './nodes/nodes.ts';
import { redisAdapter } from './nodes/redis-adapter.ts';
import type { RedisLink } from './nodes/redis-link.ts';
import { createRoster, type Roster } from './nodes/roster.ts';
import { openSession, stranger } from './people/sign-in.ts';
import type { ServerEvents } from './server-events.ts';
import type { Identity, Tokens } from './tokens.ts';

export type ChatServer = Server<DefaultEventsMap, ServerEvents, NodeEvents, Identity>;
export type UserSocket = Socket<DefaultEventsMap, ServerEvents, NodeEvents, Identity>;

/** Tells every signed-in socket, the cause of the news included. */
export type Broadcast = <Name extends keyof ServerEvents>(
  name: Name,
  ...event: Parameters<ServerEvents[Name]>
) => void;

export interface Realtime {
  io: ChatServer;
  broadcast: Broadcast;
  roster: Roster;
  /** Told of every socket once it is known whose it is. */
  onSignedIn(listener: (socket: UserSocket) => void): void;
  /** Resolves when what was emitted before has reached the sockets of this node. */
  settled(): Promise<void>;
  /**
   * Sends the sockets of this node away, spread over so many milliseconds, each when it has been answered or patience
   * has come to its end.
   */
  drain(spreadMs: number, patience: () => number): Promise<void>;
  /** Told when nodes hear each other again, and since when they did not, in milliseconds since the epoch. */
  onReunion(listener: (apartSince: number) => void): void;
  close(): void;
}

/** How long a socket that was cut off finds its rooms again, and what it missed. */
const RECOVERY_MS = 2 * 60_000;

export function createRealtime(settings: {
  server: HttpServer;
  tokens: Tokens;
  clock: () => number;
  isAllowedOrigin: (origin: string | undefined) => boolean;
  /** Ties this node to others; without it, it is the only one. */
  redis: { link: RedisLink; prefix: string } | undefined;
  background: Background;
  metrics: Metrics | undefined;
  log: FastifyBaseLogger;
  limits: Limits;
}): Realtime {
  const { tokens, clock, isAllowedOrigin, redis, background, metrics, log, limits } = settings;
  const signedIn: ((socket: UserSocket) => void)[] = [];
  const io: ChatServer = new Server(settings.server, {
    serveClient: false,
    maxHttpBufferSize: 64 * 1024,
    connectTimeout: 10_000,
    pingInterval: limits.pingIntervalMs,
    pingTimeout: limits.pingTimeoutMs,
    cors: { origin: (origin, answer) => answer(null, isAllowedOrigin(origin)) },
    // CORS does not guard WebSockets.
    allowRequest: (request, answer) => answer(null, isAllowedOrigin(request.headers.origin)),
    ...(redis && {
      adapter: redisAdapter(redis.link, { prefix: redis.prefix, clock }),
      // The stream in Redis is bounded; in memory, two minutes of a busy node would not be.
      connectionStateRecovery: { maxDisconnectionDuration: RECOVERY_MS, skipMiddlewares: false },
    }),
  });
  gatherFrames(settings.server);
  const roster = createRoster(redis && nodesOver(io, redis.link));
  const isFull = (userId: string) => roster.socketsOf(userId) >= limits.socketsPerUser;

  io.use(async (socket, next) => {
    const { token } = socket.handshake.auth;
    if (token === undefined && limits.signInMs > 0) {
      await forget(socket);
      return next();
    }
    try {
      if (typeof token !== 'string') throw new ApiError(401, 'UNAUTHORIZED', 'sign in first');
      const recovered = (socket.recovered && socket.data.userId) || undefined;
      socket.data = await tokens.verify(token);
      requireSelf(socket.data.userId, recovered);
    } catch (error) {
      return next(refusal('UNAUTHORIZED', error instanceof ApiError ? error.code : undefined));
    }
    return next(isFull(socket.data.userId) ? refusal('TOO_MANY_SOCKETS') : undefined);
  });

  function admit(socket: UserSocket, identity: Identity): void {
    const { userId } = identity;
    socket.data = identity;
    void socket.join([rooms.everyone, rooms.user(userId)]);
    roster.set(userId, socket.id, 'online');
    log.info({ socketId: socket.id, userId, recovered: socket.recovered }, 'socket connected');
    socket.on('disconnect', (reason) => {
      roster.forget(userId, socket.id);
      log.info({ socketId: socket.id, userId, reason }, 'socket disconnected');
    });
    for (const listener of signedIn) listener(socket);
  }

  io.on('connection', (socket) => {
    refuseUnknownEvents(socket);
    openSession(socket, {
      on: createCommands(socket, { background, metrics, log: log.child({ socketId: socket.id }) }),
      tokens,
      clock,
      signInMs: limits.signInMs,
      admit(identity) {
        if (isFull(identity.userId))
          throw new ApiError(429, 'TOO_MANY_SOCKETS', 'unable to sign in; there are too many sockets');
        admit(socket, identity);
      },
    });
    if (socket.data === stranger) return;
    // Several may have passed the middleware at once.
    if (isFull(socket.data.userId)) socket.disconnect(true);
    else admit(socket, socket.data);
  });

  return {
    io,
    broadcast: (name, ...event) => void io.to(rooms.everyone).emit(name, ...event),
    roster,
    onSignedIn: (listener) => void signedIn.push(listener),
    async settled() {
      // Answers come in order, and what waits for them runs before the next turn of the loop.
      await redis?.link.ask((client) => client.ping()).catch(() => {});
      await nextTurn();
    },
    async drain(spreadMs, patience) {
      const sockets = [...io.of('/').sockets.values()];
      await Promise.all(
        sockets.map(async (socket) => {
          await sleep(Math.random() * spreadMs);
          await Promise.race([answered(socket), sleep(patience(), undefined, { ref: false })]);
          // Not a disconnect: this way clients come back by themselves, and elsewhere find what they missed.
          socket.conn.close();
        }),
      );
    },
    onReunion: (listener) => redis?.link.onReturn(listener),
    close() {
      io.local.disconnectSockets(true);
      io.engine.close();
      roster.close();
      io.of('/').adapter.close();
    },
  };
}

/** A recovered connection without a token starts as anybody does. */
async function forget(socket: UserSocket): Promise<void> {
  for (const room of socket.rooms) if (room !== socket.id) await socket.leave(room);
  socket.data = stranger;
}

function refusal(code: string, reason?: string): Error {
  return Object.assign(new Error(code.toLowerCase().replaceAll('_', ' ')), { data: { code, reason } });
}

/** A caller that waits for an answer gets one, whatever it sent. */
function refuseUnknownEvents(socket: UserSocket): void {
  socket.onAny((name: string, ...payload: unknown[]) => {
    const answer = payload.at(-1);
    if (socket.listenerCount(name) === 0 && typeof answer === 'function') {
      answer({ ok: false, code: 'UNKNOWN_EVENT', error: 'unable to answer; there is no such event' });
    }
  });
}
