import type { Transport } from './fake-socket.ts';
import type { WirePayload } from './wire-value.ts';

/** A live connection and the rooms it is in. */
export interface Member {
  readonly userId: string;
  readonly deviceId: string;
  readonly token: string;
  readonly rooms: Set<string>;
  readonly transport: Transport;
}

/** What was sent to rooms, for assertions. */
export interface Broadcast {
  readonly at: number;
  readonly rooms: readonly string[];
  readonly name: string;
  readonly payload: WirePayload;
}

/** Who is connected, and who hears what. */
export interface Rooms {
  readonly members: ReadonlySet<Member>;
  readonly broadcasts: readonly Broadcast[];
  add(member: Member): void;
  remove(member: Member): void;
  clear(): void;
  isOnline(userId: string): boolean;
  /** To everyone in one of the rooms, once each, except for the sockets of a user. */
  send(rooms: readonly string[], name: string, payload: WirePayload, exceptUserId?: string): void;
  sendAll(name: string, payload: WirePayload): void;
  sendOne(member: Member, name: string, payload: WirePayload): void;
}

export function createRooms(now: () => number): Rooms {
  const members = new Set<Member>();
  const broadcasts: Broadcast[] = [];

  function deliver(to: readonly Member[], rooms: readonly string[], name: string, payload: WirePayload) {
    broadcasts.push({ at: now(), rooms, name, payload });
    const text = JSON.stringify(payload);
    for (const { transport } of to) transport.send(name, text);
  }

  return {
    members,
    broadcasts,
    add: (member) => void members.add(member),
    remove: (member) => void members.delete(member),
    clear: () => members.clear(),
    isOnline: (userId) => [...members].some((member) => member.userId === userId),
    send(rooms, name, payload, exceptUserId) {
      const to = [...members].filter(
        (member) => member.userId !== exceptUserId && rooms.some((room) => member.rooms.has(room)),
      );
      deliver(to, rooms, name, payload);
    },
    sendAll: (name, payload) => deliver([...members], ['*'], name, payload),
    sendOne: (member, name, payload) => deliver([member], [`socket of ${member.deviceId}`], name, payload),
  };
}

export const roomOf = {
  user: (id: string) => `user_${id}`,
  global: (id: string) => `global_${id}`,
  notifications: (id: string) => `notifications_${id}`,
  conversation: (id: string) => `conversation_${id}`,
};

/** Every room in which one user alone can be. */
export const ownRooms = (id: string) => [roomOf.user(id), roomOf.global(id)];
