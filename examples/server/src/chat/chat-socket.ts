import type { Background } from '../background.ts';
import { requireSelf } from '../identity.ts';
import type { RateLimit } from '../nodes/rate-limit.ts';
import type { Roster } from '../nodes/roster.ts';
import type { UserSocket } from '../realtime.ts';
import type { Announcements } from './announcements.ts';
import { refreshPayload, statusPayload } from './chat-payloads.ts';
import { chatV2 } from './chat-v2.ts';
import type { Conversations } from './conversations.ts';
import { messageCommands } from './message-commands.ts';
import type { Messages } from './messages.ts';
import type { Presence } from './presence.ts';
import { roomCommands } from './room-commands.ts';
import type { MarkSeen } from './seen.ts';
import type { SendMessage } from './send-message.ts';
import type { Command } from './socket-commands.ts';
import type { SyncState } from './sync-state.ts';
import { typingCommands } from './typing-commands.ts';

/** Everything a socket may ask for. */
export function chatSocket(
  socket: UserSocket,
  settings: {
    on: Command;
    background: Background;
    conversations: Conversations;
    messages: Messages;
    send: SendMessage;
    markSeen: MarkSeen;
    roster: Roster;
    presence: Presence;
    partnersOf: (userId: string) => Promise<string[]>;
    announcements: Announcements;
    syncState: SyncState;
    settled: () => Promise<void>;
    checkRate: RateLimit;
    checkWrites: RateLimit;
    clock: () => number;
  },
): void {
  const { on, roster } = settings;
  const { userId } = socket.data;
  const timestamp = () => new Date(settings.clock()).toISOString();

  const typing = typingCommands(userId, settings);
  roomCommands(socket, { ...settings, timestamp, stopTyping: typing.stop });
  messageCommands(socket, { ...settings, sent: typing.forget });
  chatV2(socket, { ...settings, sent: typing.forget });

  on('user_status', statusPayload, async ({ userId: claimed, status }) => {
    requireSelf(userId, claimed);
    await settings.checkWrites(userId);
    if (socket.connected) roster.set(userId, socket.id, status);
    return {};
  });

  on('refresh_conversation_list', refreshPayload, (claimed) => {
    requireSelf(userId, claimed ?? undefined);
    const event = { user_id: userId, timestamp: timestamp() };
    return { announce: () => socket.emit('conversation_list_refresh', event) };
  });

  socket.on('disconnect', typing.stopAll);
}
