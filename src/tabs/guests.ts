import type { Link, Room } from '../transport/link.ts';

/** The tabs that use this tab's connection, this one included, and the rooms that each wants to be in. */
export interface Guests {
  readonly size: number;
  add(tab: string): void;
  /** The tab is gone, and what only it wanted is left. */
  remove(tab: string): void;
  enter(tab: string, room: Room): void;
  /** Leaves the room, unless another tab wants to be in it. */
  leave(tab: string, room: Room): void;
  clear(): void;
}

export interface GuestsSettings {
  readonly link: Pick<Link, 'enter' | 'leave'>;
  /** Calls `onGone` when that tab is gone, however it went; returns the undo. */
  watchTab(tab: string, onGone: () => void): () => void;
}

interface Guest {
  /** By what it takes to enter them. */
  readonly rooms: Map<string, Room>;
  readonly unwatch: () => void;
}

export function createGuests({ link, watchTab }: GuestsSettings): Guests {
  const guests = new Map<string, Guest>();
  const keyOf = ({ enter }: Room) => JSON.stringify([enter.name, enter.args]);

  function leave(key: string, room: Room) {
    if (![...guests.values()].some(({ rooms }) => rooms.has(key))) link.leave(room);
  }

  function add(tab: string): Guest {
    let guest = guests.get(tab);
    if (!guest) {
      guest = { rooms: new Map(), unwatch: watchTab(tab, () => remove(tab)) };
      guests.set(tab, guest);
    }
    return guest;
  }

  function remove(tab: string) {
    const guest = guests.get(tab);
    if (!guest) return;
    guests.delete(tab);
    guest.unwatch();
    for (const [key, room] of guest.rooms) leave(key, room);
  }

  return {
    get size() {
      return guests.size;
    },
    add,
    remove,
    enter(tab, room) {
      add(tab).rooms.set(keyOf(room), room);
      link.enter(room);
    },
    leave(tab, room) {
      const key = keyOf(room);
      if (guests.get(tab)?.rooms.delete(key)) leave(key, room);
    },
    clear() {
      for (const { unwatch } of guests.values()) unwatch();
      guests.clear();
    },
  };
}
