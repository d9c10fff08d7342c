import { requireSelf } from '../identity.ts';
import type { RateLimit } from '../nodes/rate-limit.ts';
import type { UserSocket } from '../realtime.ts';
import type { Announcements } from './announcements.ts';
import { seenPayload, sendPayload } from './chat-payloads.ts';
import type { MarkSeen } from './seen.ts';
import type { SendMessage } from './send-message.ts';
import { type Command, codeOf } from './socket-commands.ts';

/** Sending and marking. What goes wrong comes in the ack and as an event, for clients that ask for no ack. */
export function messageCommands(
  socket: UserSocket,
  settings: {
    on: Command;
    send: SendMessage;
    markSeen: MarkSeen;
    announcements: Announcements;
    checkRate: RateLimit;
    sent: (conversationId: string) => void;
  },
): void {
  const { on, send, markSeen, announcements, checkRate } = settings;
  const { userId } = socket.data;

  on(
    'send_message',
    sendPayload,
    async ({ senderId, ...draft }) => {
      requireSelf(userId, senderId);
      await checkRate(userId);
      const sent = await send(userId, draft);
      settings.sent(sent.message.conversation_id);
      return { answer: { message: sent.message }, announce: () => announcements.messageSent(sent) };
    },
    (error, sent) => {
      const clientId = clientIdOf(sent);
      const named = clientId === undefined ? {} : { clientId };
      socket.emit('message_error', { error: error.message, code: codeOf(error), ...named });
    },
  );

  on(
    'mark_seen',
    seenPayload,
    async ({ userId: claimed, messageId, conversationId, upToSeq }) => {
      requireSelf(userId, claimed);
      const seen = await markSeen(
        userId,
        messageId === undefined
          ? { conversationId: conversationId ?? '', upToSeq: upToSeq ?? undefined }
          : { messageId, conversationId },
      );
      return {
        answer: { read_seq: seen.readSeq, unread_count: seen.unread },
        announce: () => announcements.seen(seen),
      };
    },
    (error) => socket.emit('seen_error', { error: error.message, code: codeOf(error) }),
  );
}

function clientIdOf(sent: unknown): string | undefined {
  if (typeof sent !== 'object' || sent === null || !('clientId' in sent)) return undefined;
  return typeof sent.clientId === 'string' ? sent.clientId.slice(0, 64) : undefined;
}
