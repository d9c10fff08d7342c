import type { Clock } from '../lib/clock.ts';
import type { Announce } from './announce.ts';
import type { ChatStore } from './chat-store.ts';
import type { SocketServer } from './fake-socket.ts';
import { Refusal } from './refusal.ts';
import { type Member, type Rooms, roomOf } from './rooms.ts';
import type { Commands } from './socket-commands.ts';
import type { Tokens } from './tokens.ts';
import type { WireLevel } from './wire-rows.ts';

export interface ConnectSettings {
  readonly level: WireLevel;
  readonly heartbeatMs: number | false;
  readonly mostSockets: number;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly rooms: Rooms;
  readonly announce: Announce;
  readonly chat: ChatStore;
  readonly command: Commands;
}

/** Lets sockets in: who they are, how many, what they join by themselves, and when they are thrown out. */
export function createConnect(settings: ConnectSettings): SocketServer['connect'] {
  const { level, heartbeatMs, mostSockets, clock, tokens, rooms, announce, chat, command } = settings;
  const now = () => clock.now();
  const countOf = (userId: string) => [...rooms.members].filter((member) => member.userId === userId).length;

  return (token, deviceId, transport) => {
    const { userId, expiresAt } = verified();
    if (countOf(userId) >= mostSockets) {
      throw new Refusal(403, 'TOO_MANY_SOCKETS', 'too many sockets');
    }
    const member: Member = { userId, deviceId, token: token ?? '', rooms: new Set(), transport };
    if (level === 2) member.rooms.add(roomOf.user(userId));
    const isFirst = !rooms.isOnline(userId);
    rooms.add(member);
    if (isFirst && level === 2) announce.presence(userId, 'online');
    // The plain wire looks at a token once only.
    const cancelExpiry = level === 2 ? clock.schedule(() => end(true), expiresAt - now()) : () => {};
    let cancelBeat = beat();

    function beat(): () => void {
      if (heartbeatMs === false || level !== 2) return () => {};
      return clock.schedule(() => {
        if (!rooms.members.has(member)) return;
        tellStates(member, announce, chat);
        cancelBeat = beat();
      }, heartbeatMs);
    }

    function end(isKick: boolean) {
      cancelExpiry();
      cancelBeat();
      if (!rooms.members.has(member)) return;
      rooms.remove(member);
      if (isKick) transport.end('io server disconnect');
      if (level < 2 || !rooms.isOnline(userId)) announce.presence(userId, 'offline');
    }

    return {
      receive(name, args) {
        if (!rooms.members.has(member)) return { ack: undefined, announce() {} };
        return command(member, name, args[0]);
      },
      lost: () => end(false),
    };

    function verified() {
      try {
        return tokens.verify(token);
      } catch (cause) {
        throw new Refusal(401, 'UNAUTHORIZED', cause instanceof Refusal ? cause.message : 'unauthorized');
      }
    }
  };
}

/** Connected is not receiving: what the rooms' newest is, in case a frame got lost. */
function tellStates(member: Member, announce: Announce, chat: ChatStore) {
  for (const conversation of chat.listOf(member.userId)) {
    if (member.rooms.has(roomOf.conversation(conversation.id))) announce.syncState(conversation, member);
  }
}
