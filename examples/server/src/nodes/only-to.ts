import type { UserSocket } from '../realtime.ts';

/**
 * Says something to one socket at once. With recovery on, `socket.emit` goes by way of Redis, where it is kept: not for
 * answers, and not for what is said again in other words.
 */
export function onlyTo(socket: UserSocket) {
  return socket.nsp.local.to(socket.id);
}
