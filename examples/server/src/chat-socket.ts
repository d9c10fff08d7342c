import type { Announcements } from './announcements.ts';
import {
  bidReference,
  campaignReference,
  conversationReference,
  refreshPayload,
  seenPayload,
  sendPayload,
  statusPayload,
  typingPayload,
  userReference,
} from './chat-payloads.ts';
import type { Conversations } from './conversations.ts';
import { ApiError } from './errors.ts';
import type { Presence } from './presence.ts';
import type { UserSocket } from './realtime.ts';
import { rooms } from './rooms.ts';
import type { MarkSeen } from './seen.ts';
import type { SendMessage } from './send-message.ts';
import { type Command, codeOf } from './socket-commands.ts';
import type { SyncState } from './sync-state.ts';

/** Everything a socket may ask for. Who asks is known from its token; what a payload says of that must agree. */
export function chatSocket(
  socket: UserSocket,
  settings: {
    on: Command;
    conversations: Conversations;
    send: SendMessage;
    markSeen: MarkSeen;
    presence: Presence;
    partnersOf: (userId: string) => Promise<string[]>;
    announcements: Announcements;
    syncState: SyncState;
    checkRate: (userId: string) => void;
    clock: () => number;
  },
): void {
  const { on, conversations, send, markSeen, presence, announcements, syncState } = settings;
  const { userId } = socket.data;
  const timestamp = () => new Date(settings.clock()).toISOString();
  const typingIn = new Map<string, string>();

  on('join', userReference, async (claimed) => {
    own(userId, claimed);
    await socket.join(rooms.user(userId));
    const partners = await settings.partnersOf(userId);
    return {
      announce() {
        for (const id of partners) {
          const event = { user_id: id, status: presence.of(id), timestamp: timestamp() };
          socket.emit('user_status_update', event);
        }
      },
    };
  });

  const ownRooms = [
    ['join_global_updates', 'leave_global_updates', rooms.global],
    ['request_global_notifications', 'leave_global_notifications', rooms.notifications],
  ] as const;
  for (const [join, leave, room] of ownRooms) {
    on(join, userReference, async (claimed) => {
      own(userId, claimed);
      await socket.join(room(userId));
      return {};
    });
    on(leave, userReference, async (claimed) => {
      own(userId, claimed);
      await socket.leave(room(userId));
      return {};
    });
  }

  on('join_conversation', conversationReference, async (id) => {
    await conversations.otherMember(userId, id);
    await socket.join(rooms.conversation(id));
    return { announce: () => syncState.tell(socket, [id]) };
  });
  on('leave_conversation', conversationReference, async (id) => {
    await conversations.otherMember(userId, id);
    stopTyping(id);
    await socket.leave(rooms.conversation(id));
    return {};
  });

  const subjects = [
    ['bid', bidReference],
    ['campaign', campaignReference],
  ] as const;
  for (const [type, reference] of subjects) {
    on(`join_${type}_room`, reference, async (id) => {
      await conversations.checkSubject(userId, type, id);
      await socket.join(rooms[type](id));
      return {};
    });
    on(`leave_${type}_room`, reference, async (id) => {
      await conversations.checkSubject(userId, type, id);
      await socket.leave(rooms[type](id));
      return {};
    });
  }

  on(
    'send_message',
    sendPayload,
    async ({ senderId, ...draft }) => {
      own(userId, senderId);
      settings.checkRate(userId);
      const sent = await send(userId, draft);
      typingIn.delete(sent.message.conversation_id);
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
      own(userId, claimed);
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

  on('typing_start', typingPayload, async ({ conversationId, userId: claimed }) => {
    own(userId, claimed);
    const otherId = await conversations.otherMember(userId, conversationId);
    typingIn.set(conversationId, otherId);
    return { announce: () => announcements.typing(conversationId, userId, otherId, true) };
  });
  on('typing_stop', typingPayload, async ({ conversationId, userId: claimed }) => {
    own(userId, claimed);
    const otherId = await conversations.otherMember(userId, conversationId);
    typingIn.delete(conversationId);
    return { announce: () => announcements.typing(conversationId, userId, otherId, false) };
  });
  function stopTyping(conversationId: string): void {
    const otherId = typingIn.get(conversationId);
    if (otherId === undefined) return;
    typingIn.delete(conversationId);
    announcements.typing(conversationId, userId, otherId, false);
  }

  on('user_status', statusPayload, ({ userId: claimed, status }) => {
    own(userId, claimed);
    if (socket.connected) presence.set(userId, socket.id, status);
    return {};
  });

  on('refresh_conversation_list', refreshPayload, (claimed) => {
    own(userId, claimed ?? undefined);
    const event = { user_id: userId, timestamp: timestamp() };
    return { announce: () => socket.emit('conversation_list_refresh', event) };
  });

  presence.set(userId, socket.id, 'online');
  socket.on('disconnect', () => {
    presence.forget(userId, socket.id);
    for (const id of [...typingIn.keys()]) stopTyping(id);
  });
}

function own(userId: string, claimed: string | undefined): void {
  if (claimed === undefined || claimed === userId) return;
  throw new ApiError(403, 'FORBIDDEN', 'unable to act for someone else');
}

function clientIdOf(sent: unknown): string | undefined {
  if (typeof sent !== 'object' || sent === null || !('clientId' in sent)) return undefined;
  return typeof sent.clientId === 'string' ? sent.clientId.slice(0, 64) : undefined;
}
