import type { Background } from '../background.ts';
import type { Database } from '../database/database.ts';
import type { ChatServer } from '../realtime.ts';
import { conversationsOf } from './rooms.ts';

/** What a socket needs to hear `sync_state`; its own or a remote handle. */
interface Hearer {
  data: { userId: string };
  emit(
    name: 'sync_state',
    event: { conversation_id: string; last_seq: number; seen_seq: number; unread: number },
  ): unknown;
}

export interface SyncState {
  /** How these conversations stand for the socket's user. */
  tell(socket: Hearer, conversationIds: readonly string[]): void;
  stop(): void;
}

interface Standing {
  conversation_id: string;
  user_id: string;
  last_seq: number;
  read_seq: number;
  unread: number;
}

/** Being connected is not the same as receiving: every so often each socket hears how far its conversations are. */
export function createSyncState(settings: {
  io: ChatServer;
  database: Database;
  background: Background;
  everyMs: number;
}): SyncState {
  const { io, database, background, everyMs } = settings;

  async function tellAll(pairs: readonly { socket: Hearer; conversationId: string }[]): Promise<void> {
    if (pairs.length === 0) return;
    const rows = await database.query<Standing>(
      `select member.conversation_id, member.user_id, c.last_seq, member.read_seq, member.unread
       from (select distinct * from unnest($1::text[], $2::text[]) as wanted (conversation_id, user_id)) wanted
         join conversation_members member
           on member.conversation_id = wanted.conversation_id and member.user_id = wanted.user_id
         join conversations c on c.id = member.conversation_id`,
      [pairs.map((pair) => pair.conversationId), pairs.map((pair) => pair.socket.data.userId)],
    );
    const standings = new Map(rows.map((row) => [JSON.stringify([row.conversation_id, row.user_id]), row]));
    for (const { socket, conversationId } of pairs) {
      const row = standings.get(JSON.stringify([conversationId, socket.data.userId]));
      if (!row) continue;
      const { conversation_id, last_seq, read_seq: seen_seq, unread } = row;
      socket.emit('sync_state', { conversation_id, last_seq, seen_seq, unread });
    }
  }

  const timer = setInterval(() => {
    const pairs = [...io.of('/').sockets.values()].flatMap((socket) =>
      conversationsOf(socket.rooms).map((conversationId) => ({ socket, conversationId })),
    );
    background.run(() => tellAll(pairs));
  }, everyMs);
  timer.unref();

  return {
    tell: (socket, conversationIds) =>
      background.run(() => tellAll(conversationIds.map((conversationId) => ({ socket, conversationId })))),
    stop: () => clearInterval(timer),
  };
}
