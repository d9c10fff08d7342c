/** Time as the SDK sees it; a test hands in its own. */
export interface Clock {
  /** Milliseconds since 1970. Must never run backwards. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds; returns its undo. */
  schedule(callback: () => void, ms: number): () => void;
}

let origin: number | undefined;

/** Wall time that does not jump when the machine's clock is set (High Resolution Time, 4.1). */
export const systemClock: Clock = {
  now() {
    origin ??= performance.timeOrigin;
    return origin + performance.now();
  },
  schedule(callback, ms) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Moments of arrival: the clock's time, but never the same one twice. */
export function arrivals(clock: Clock): () => number {
  let last = 0;
  return () => {
    last = Math.max(clock.now(), last + 1 / 1024);
    return last;
  };
}
