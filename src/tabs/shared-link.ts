import type { Clock } from '../lib/clock.ts';
import type { TabMessages } from '../protocol/tab-messages.ts';
import type { LinkFactory } from '../transport/link.ts';
import type { Bus } from './bus.ts';
import { createGuests, type GuestsSettings } from './guests.ts';
import { createRelayedRequests } from './relayed-requests.ts';
import type { Seat, SeatSettings } from './seat.ts';

export interface SharedLinkSettings extends Pick<GuestsSettings, 'watchTab'> {
  readonly bus: Bus;
  readonly clock: Clock;
  /** The link of the tab that has the seat. */
  readonly own: LinkFactory;
  createSeat(settings: Pick<SeatSettings, 'onTaken' | 'onLeft'>): Seat;
  /** Resolves when other tabs would see that this one is gone. */
  enrol(): Promise<void>;
}

const moved = 'another tab connects';

/** One connection for all tabs: that of the tab that has the seat. The others hear and speak through it. */
export function shareLink({ bus, clock, own, createSeat, enrol, watchTab }: SharedLinkSettings): LinkFactory {
  return (handlers) => {
    let isWanted = false;
    let isOpen = false;
    /** Whose connection this tab uses. */
    let host: string | null = null;

    const link = own({
      onOpen() {
        bus.post('line', { isOpen: true, reason: '' });
        become(true, '');
      },
      onEvent(name, payload) {
        if (guests.size > 1) bus.post('event', { name, payload });
        handlers.onEvent(name, payload);
      },
      onClose(reason) {
        bus.post('line', { isOpen: false, reason });
        become(false, reason);
      },
      onSignedOut() {
        bus.post('refused', {});
        handlers.onSignedOut();
      },
    });
    const guests = createGuests({ link, watchTab });
    const seat = createSeat({
      onTaken() {
        follow(bus.id);
        guests.add(bus.id);
        bus.post('lead', {});
        link.open();
      },
      onLeft() {
        link.close();
        guests.clear();
        bus.post('bye', {});
        follow(null);
      },
    });
    const requests = createRelayedRequests({
      bus,
      clock,
      answer: link.request,
      isHost: () => seat.isTaken,
    });

    function become(now: boolean, reason: string) {
      if (now === isOpen) return;
      isOpen = now;
      if (now) return handlers.onOpen();
      requests.lose(reason !== moved);
      handlers.onClose(reason);
    }

    /** Uses that tab's connection from now on; `null` until another one answers. */
    function follow(tab: string | null) {
      become(false, moved);
      host = tab;
      if (tab !== bus.id) void hello();
    }

    async function hello() {
      await enrol();
      if (isGuest()) bus.post('hello', {});
    }

    const isGuest = () => isWanted && !seat.isTaken;

    function asHost<Kind extends keyof TabMessages>(
      kind: Kind,
      handle: (message: TabMessages[Kind]) => void,
    ) {
      bus.on(kind, (message) => {
        if (seat.isTaken) handle(message);
      });
    }

    asHost('hello', ({ from }) => {
      guests.add(from);
      bus.post('line', { isOpen, reason: '' });
    });
    asHost('emit', ({ event }) => link.emit(event));
    asHost('enter', ({ from, room }) => guests.enter(from, room));
    asHost('leave', ({ from, room }) => guests.leave(from, room));
    asHost('hurry', link.hurry);
    bus.on('bye', ({ from }) => {
      guests.remove(from);
      if (from === host) follow(null);
    });
    bus.on('lead', ({ from }) => {
      if (isGuest()) follow(from);
    });
    bus.on('line', ({ from, isOpen: now, reason }) => {
      if (isGuest()) host ??= from;
      if (from === host) become(now, reason);
    });
    bus.on('event', ({ from, name, payload }) => {
      if (isOpen && from === host) handlers.onEvent(name, payload);
    });
    bus.on('refused', ({ from }) => {
      if (from === host) handlers.onSignedOut();
    });

    return {
      open() {
        isWanted = true;
        seat.take();
        void hello();
      },
      close() {
        isWanted = isOpen = false;
        host = null;
        requests.lose(false);
        if (!seat.isTaken) bus.post('bye', {});
        seat.leave();
      },
      hurry() {
        if (seat.isTaken) return link.hurry();
        bus.post('hurry', {});
        seat.check();
      },
      emit(event) {
        if (seat.isTaken) link.emit(event);
        else if (isOpen) bus.post('emit', { event });
      },
      request(event, timeoutMs) {
        // Without a connection it says so itself.
        if (seat.isTaken || !isOpen) return link.request(event, timeoutMs);
        seat.check();
        return requests.send(event, timeoutMs);
      },
      enter(room) {
        if (seat.isTaken) guests.enter(bus.id, room);
        else if (isOpen) bus.post('enter', { room });
      },
      leave(room) {
        if (seat.isTaken) guests.leave(bus.id, room);
        else bus.post('leave', { room });
      },
    };
  };
}
