import { z } from 'zod';
import { rooms } from '../chat/rooms.ts';
import type { Command } from '../chat/socket-commands.ts';
import { requireSelf } from '../identity.ts';
import { onlyTo } from '../nodes/only-to.ts';
import type { UserSocket } from '../realtime.ts';
import type { Identity, Tokens } from '../tokens.ts';

/** The data of a socket that has not said yet who it is. */
export const stranger: Identity = { userId: '', expiresAt: 0 };

export const authenticatePayload = z.object({ token: z.string().max(8192) });
const MOST_TRIES = 3;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Keeps a socket for as long as its token is good: the one of its handshake, or one it brings later by `authenticate`. A
 * stranger is sent away unless it brings one in time.
 */
export function openSession(
  socket: UserSocket,
  settings: {
    on: Command;
    tokens: Tokens;
    clock: () => number;
    /** How long a stranger may stay, in milliseconds. */
    signInMs: number;
    /** Takes the socket in as this user's; throws when it has no place. */
    admit: (identity: Identity) => void;
  },
): void {
  const { on, tokens, clock, signInMs, admit } = settings;
  let timer: NodeJS.Timeout | undefined;
  let tries = 0;
  let hasAuthenticated = false;
  const isStranger = () => socket.data.userId === stranger.userId;

  function endIn(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => socket.disconnect(true), Math.min(ms, LONGEST_TIMER_MS));
  }
  endIn(isStranger() ? signInMs : socket.data.expiresAt - clock());
  socket.on('disconnect', () => clearTimeout(timer));

  on(
    'authenticate',
    authenticatePayload,
    async ({ token }) => {
      const identity = await tokens.verify(token);
      if (!socket.connected) return {};
      // Only the later generation of the chat signs in like this.
      await socket.join(rooms.v2);
      if (isStranger()) admit(identity);
      else requireSelf(socket.data.userId, identity.userId);
      socket.data = identity;
      endIn(identity.expiresAt - clock());
      const name = hasAuthenticated ? 'token_refreshed' : 'authenticated';
      hasAuthenticated = true;
      return { announce: () => onlyTo(socket).emit(name, { userId: identity.userId }) };
    },
    ({ message, code }) => {
      onlyTo(socket).emit('auth_error', { message, code });
      tries += 1;
      if (isStranger() && tries >= MOST_TRIES) socket.disconnect(true);
    },
  );
}
