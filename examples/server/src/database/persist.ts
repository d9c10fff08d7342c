import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 1_000;

/** Tries until it works, fails for good, or `patienceMs` are over; waits in between, longer each time, with jitter. */
export async function persist<T>(
  attempt: () => Promise<T>,
  { mayRepeat, patienceMs }: { mayRepeat: (error: unknown) => boolean; patienceMs: number },
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const wait = Math.random() * Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS);
      if (!mayRepeat(error) || performance.now() + wait > deadline) throw error;
      await sleep(wait);
    }
  }
}
