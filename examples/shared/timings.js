// @ts-check

const kept = 50;

/** The latest durations of one kind of thing, in milliseconds. */
export function createTimings() {
  /** @type {number[]} */
  const latest = [];
  return {
    /** @param {number} ms */
    add(ms) {
      latest.push(ms);
      if (latest.length > kept) latest.shift();
    },
    /** The last and the middle one, in words. */
    text() {
      const last = latest.at(-1);
      const middle = [...latest].sort((a, b) => a - b)[latest.length >> 1];
      if (last === undefined || middle === undefined) return 'none yet';
      return `${Math.round(last)} ms, median ${Math.round(middle)} ms`;
    },
  };
}

/**
 * How long requests to the backend take, as the browser measures them.
 *
 * @param {AbortSignal} signal
 * @param {() => void} onMore
 */
export function requestTimings(signal, onMore) {
  const timings = createTimings();
  const observer = new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) {
      if (new URL(name).pathname.startsWith('/api/')) timings.add(duration);
    }
    onMore();
  });
  observer.observe({ type: 'resource', buffered: true });
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
  return timings;
}
