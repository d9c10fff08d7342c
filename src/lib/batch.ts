import type { Clock } from './clock.ts';

/** At 60 Hz, rounded up: never more often than a screen can show. */
const frameMs = 17;

/**
 * Gathers keys and hands them over together: the first at once (in a microtask), the rest at most once per frame.
 * Works in hidden pages too, where animation frames stop.
 */
export function createBatch<Key>(clock: Clock, flush: (keys: ReadonlySet<Key>) => void) {
  let pending = new Set<Key>();
  let scheduled = false;
  let lastFlush = Number.NEGATIVE_INFINITY;

  function run() {
    scheduled = false;
    lastFlush = clock.now();
    const keys = pending;
    pending = new Set();
    flush(keys);
  }

  return (key: Key) => {
    pending.add(key);
    if (scheduled) return;
    scheduled = true;
    const idle = clock.now() - lastFlush;
    if (idle >= frameMs) queueMicrotask(run);
    else clock.schedule(run, frameMs - idle);
  };
}
