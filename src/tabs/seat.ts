import type { Clock } from '../lib/clock.ts';
import type { Bus } from './bus.ts';
import type { TabPorts } from './ports.ts';

export interface SeatSettings {
  readonly name: string;
  /** `null`: every tab has a seat of its own. */
  readonly ports: TabPorts | null;
  readonly bus: Bus;
  readonly clock: Clock;
  onTaken(): void;
  /** The seat is lost or left: stop. When left, another tab may have it once this resolves. */
  onLeft(): Promise<void> | void;
}

/** Something that one tab does for all: whoever has the seat, until it is gone. */
export interface Seat {
  readonly isTaken: boolean;
  /** Wants the seat from now on. */
  take(): void;
  leave(): void;
  /** Sees whether the tab that has it is alive, and takes it away if not. */
  check(): void;
  /** The page may not run any further: another tab may have it at once. */
  rest(): void;
  wake(): void;
}

/** How long a tab may take to say that it is alive, in milliseconds. Longer than pages are usually busy. */
const patienceMs = 2_000;
/** How often somebody who looks at a tab makes sure of it. */
const watchMs = 5_000;

export function createSeat({ name, ports, bus, clock, ...settings }: SeatSettings): Seat {
  const locks = ports?.locks ?? ports?.lease;
  let isTaken = false;
  /** While the seat is wanted. */
  let asking: AbortController | undefined;
  let release = () => {};
  let isResting = false;
  let cancelPatience: (() => void) | undefined;
  let cancelWatch = () => {};

  bus.on('ping', ({ seat }) => {
    if (seat === name && isTaken) bus.post('pong', { seat });
  });
  bus.on('pong', ({ seat }) => {
    if (seat === name) calm();
  });

  function calm() {
    cancelPatience?.();
    cancelPatience = undefined;
  }

  function taken() {
    calm();
    cancelWatch();
    isTaken = true;
    settings.onTaken();
  }

  async function ask(steal: boolean) {
    asking?.abort();
    const own = new AbortController();
    asking = own;
    if (!locks) return taken();
    watch();
    try {
      // A steal is granted at once, and takes no signal.
      await locks.request(name, steal ? { steal } : { signal: own.signal }, async () => {
        if (own.signal.aborted) return;
        taken();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      });
    } catch {
      if (own.signal.aborted) return;
      // Where locks cannot be had after all, every tab is by itself.
      if (!isTaken) return taken();
      isTaken = false;
      void settings.onLeft();
      void ask(false);
    }
  }

  function check() {
    if (isTaken || !asking || cancelPatience) return;
    bus.post('ping', { seat: name });
    cancelPatience = clock.schedule(() => {
      cancelPatience = undefined;
      // Of two tabs that nobody sees, each may find the other asleep.
      if (ports?.isVisible()) void ask(true);
    }, patienceMs);
  }

  function watch() {
    cancelWatch();
    cancelWatch = clock.schedule(() => {
      if (ports?.isVisible()) check();
      watch();
    }, watchMs);
  }

  function stop(): Promise<void> | void {
    asking?.abort();
    asking = undefined;
    calm();
    cancelWatch();
    if (!isTaken) return;
    isTaken = false;
    return settings.onLeft();
  }

  return {
    get isTaken() {
      return isTaken;
    },
    take() {
      if (asking) return;
      isResting = false;
      void ask(false);
      check();
    },
    leave() {
      isResting = false;
      const free = release;
      void Promise.resolve(stop()).then(free);
    },
    check,
    rest() {
      if (!asking || !locks) return;
      isResting = true;
      void stop();
      release();
    },
    wake() {
      if (isResting) this.take();
      else check();
    },
  };
}
