import type { Server as HttpServer } from 'node:http';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';
import type { ChatEvents } from './chat-events.ts';
import type { ChatV2Events } from './chat-v2-events.ts';
import { ApiError } from './errors.ts';
import { rooms } from './rooms.ts';
import type { Identity, Tokens } from './tokens.ts';

interface ServerEvents extends ChatEvents, ChatV2Events {
  'user:avatar:updated': (event: {
    userId: string;
    avatar_url: string;
    avatar_thumb_url: string;
    avatar_version: number;
  }) => void;
  'user:avatar:deleted': (event: { userId: string; avatar_version: number }) => void;
  'user:profile:updated': (event: { userId: string; display_name: string }) => void;
}

export type ChatServer = Server<DefaultEventsMap, ServerEvents, DefaultEventsMap, Identity>;
export type UserSocket = Socket<DefaultEventsMap, ServerEvents, DefaultEventsMap, Identity>;

/** Tells every signed-in socket, the cause of the news included. */
export type Broadcast = <Name extends keyof ServerEvents>(
  name: Name,
  ...event: Parameters<ServerEvents[Name]>
) => void;

export interface Realtime {
  io: ChatServer;
  broadcast: Broadcast;
  close(): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createRealtime(settings: {
  server: HttpServer;
  tokens: Tokens;
  clock: () => number;
  isAllowedOrigin: (origin: string | undefined) => boolean;
  limits: { socketsPerUser: number; pingIntervalMs: number; pingTimeoutMs: number };
}): Realtime {
  const { tokens, clock, isAllowedOrigin, limits } = settings;
  const io: ChatServer = new Server(settings.server, {
    serveClient: false,
    maxHttpBufferSize: 64 * 1024,
    connectTimeout: 10_000,
    pingInterval: limits.pingIntervalMs,
    pingTimeout: limits.pingTimeoutMs,
    cors: { origin: (origin, answer) => answer(null, isAllowedOrigin(origin)) },
    // CORS does not guard WebSockets.
    allowRequest: (request, answer) => answer(null, isAllowedOrigin(request.headers.origin)),
  });

  const isFull = (userId: string) =>
    (io.of('/').adapter.rooms.get(rooms.user(userId))?.size ?? 0) >= limits.socketsPerUser;

  io.use(async (socket, next) => {
    try {
      const { token } = socket.handshake.auth;
      if (typeof token !== 'string') throw new ApiError(401, 'UNAUTHORIZED', 'sign in first');
      socket.data = await tokens.verify(token);
    } catch (error) {
      return next(refusal('UNAUTHORIZED', error instanceof ApiError ? error.code : undefined));
    }
    return next(isFull(socket.data.userId) ? refusal('TOO_MANY_SOCKETS') : undefined);
  });

  io.on('connection', (socket) => {
    const { userId, expiresAt } = socket.data;
    // Several may have passed the middleware at once.
    if (isFull(userId)) return void socket.disconnect(true);
    void socket.join(rooms.user(userId));
    const timer = setTimeout(() => socket.disconnect(true), Math.min(expiresAt - clock(), LONGEST_TIMER_MS));
    socket.on('disconnect', () => clearTimeout(timer));
    refuseUnknownEvents(socket);
  });

  return {
    io,
    broadcast: (name, ...event) => void io.emit(name, ...event),
    close() {
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
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
