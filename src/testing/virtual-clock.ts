import type { Clock } from '../lib/clock.ts';

/** Time that moves only when told, with promises settled between two moments. */
export interface VirtualClock extends Clock {
  /** Timers that have not run yet. */
  readonly waiting: number;
  /** Runs what is due within `ms`, in order. */
  advance(ms: number): Promise<void>;
}

/** Options of {@link createVirtualClock}. */
export interface VirtualClockOptions {
  /** Milliseconds since 1970. Default: a moment of 2023. */
  readonly start?: number;
  /** Lets every promise that can go on do so. Default: one turn of the event loop. */
  readonly settle?: () => Promise<void>;
  /** Told before each moment, after everything of the one before it has settled. */
  readonly onMoment?: () => void;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/**
 * Makes a clock for `ClientOptions.clock` and the fake backend.
 *
 * @example
 * const clock = createVirtualClock();
 * await clock.advance(60_000); // a minute, at once
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { settle = turn, onMoment = () => {} } = options;
  const heap: Timer[] = [];
  let now = options.start ?? 1_700_000_000_000;
  let scheduled = 0;
  let cancelled = 0;

  return {
    now: () => now,
    get waiting() {
      return heap.length - cancelled;
    },
    schedule(callback, ms) {
      scheduled += 1;
      const timer: Timer = { at: now + Math.max(0, ms), order: scheduled, callback };
      push(heap, timer);
      return () => {
        if (timer.callback) cancelled += 1;
        timer.callback = undefined;
      };
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await settle();
        onMoment();
        let timer = heap[0];
        while (timer && !timer.callback) {
          pop(heap);
          cancelled -= 1;
          timer = heap[0];
        }
        if (!timer || timer.at > end) break;
        pop(heap);
        now = timer.at;
        const { callback } = timer;
        timer.callback = undefined;
        callback?.();
      }
      now = end;
    },
  };
}

const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Timer[], timer: Timer) {
  let at = heap.length;
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (!parent || isBefore(parent, timer)) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]) {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const isRight = left !== undefined && right !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (!child || isBefore(last, child)) break;
    heap[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
}

/** Promises run before the next task, so one task is enough for all of them. */
function turn(): Promise<void> {
  const soon: unknown = Reflect.get(globalThis, 'setImmediate');
  if (typeof soon === 'function') return new Promise((resolve) => soon(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
