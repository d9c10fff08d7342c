import type { Background } from '../background.ts';
import type { ApiError } from '../errors.ts';
import { onlyTo } from '../nodes/only-to.ts';
import type { RateLimit } from '../nodes/rate-limit.ts';
import type { UserSocket } from '../realtime.ts';
import type { Announcements } from './announcements.ts';
import { joinPayload, readPayload, v2SendPayload } from './chat-payloads.ts';
import { toChatV2Row } from './chat-v2-events.ts';
import { translateToV2 } from './chat-v2-translation.ts';
import type { Conversations } from './conversations.ts';
import { type Messages, noSuchMessage } from './messages.ts';
import { rooms } from './rooms.ts';
import type { MarkSeen } from './seen.ts';
import type { SendMessage } from './send-message.ts';
import { type Command, codeOf } from './socket-commands.ts';
import type { SyncState } from './sync-state.ts';

/**
 * The later generation's events, over the same conversations. Answers are events; an ack is given as well. A socket
 * that has used one of them hears of everything in the later generation too.
 */
export function chatV2(
  socket: UserSocket,
  settings: {
    on: Command;
    conversations: Conversations;
    messages: Messages;
    send: SendMessage;
    markSeen: MarkSeen;
    announcements: Announcements;
    syncState: SyncState;
    background: Background;
    checkRate: RateLimit;
    sent: (conversationId: string) => void;
  },
): void {
  const { on, conversations, messages, send, markSeen, announcements, syncState } = settings;
  const { userId } = socket.data;

  function speaks(): void {
    if (socket.rooms.has(rooms.v2)) return;
    void socket.join(rooms.v2);
    translateToV2(socket, settings);
  }
  socket.on('authenticate', speaks);
  // Its connection was recovered, or it has signed in by `authenticate`.
  if (socket.rooms.has(rooms.v2)) translateToV2(socket, settings);

  const refuse = (error: ApiError, sent: unknown) => {
    const tempId = tempIdOf(sent);
    const named = tempId === undefined ? {} : { tempId };
    onlyTo(socket).emit('chat:error', { message: error.message, code: codeOf(error), ...named });
  };

  on(
    'chat:join',
    joinPayload,
    async ({ conversationId }) => {
      speaks();
      await conversations.otherMember(userId, conversationId);
      await socket.join(rooms.conversation(conversationId));
      return { announce: () => syncState.tell(socket, [conversationId]) };
    },
    refuse,
  );

  on(
    'chat:send',
    v2SendPayload,
    async ({ tempId, ...draft }) => {
      speaks();
      await settings.checkRate(userId);
      const sent = await send(userId, draft);
      settings.sent(sent.message.conversation_id);
      const message = toChatV2Row(sent.message);
      return {
        answer: { message },
        announce() {
          onlyTo(socket).emit('chat:ack', { tempId, message });
          announcements.messageSent(sent);
        },
      };
    },
    refuse,
  );

  on(
    'chat:read',
    readPayload,
    async ({ conversationId, messageIds, upToMessageId }) => {
      speaks();
      const messageId = upToMessageId ?? (await newestOf(messageIds ?? []));
      const seen = await markSeen(userId, { conversationId, messageId });
      return {
        answer: { read_seq: seen.readSeq, unread_count: seen.unread },
        announce: () => announcements.seen(seen),
      };
    },
    refuse,
  );

  async function newestOf(ids: readonly string[]): Promise<string> {
    const rows = [...(await messages.byIds(userId, ids)).values()];
    const newest = rows.sort((a, b) => b.seq - a.seq)[0];
    if (!newest) throw noSuchMessage();
    return newest.id;
  }
}

function tempIdOf(sent: unknown): string | undefined {
  if (typeof sent !== 'object' || sent === null || !('tempId' in sent)) return undefined;
  return typeof sent.tempId === 'string' ? sent.tempId.slice(0, 100) : undefined;
}
