import type { Clock } from '../lib/clock.ts';
import { calm, type Faults } from './faults.ts';
import type { SeededRandom } from './random.ts';

/** How a lost connection is noticed: at once by both sides, or late, each side at its own time (half-open). */
export type Loss = 'noticed' | 'half-open';

/** One device's way to the backend. */
export interface Line {
  faults: Faults;
  readonly isUp: boolean;
  /** Raised when the way changes: what was on it then is lost. */
  readonly epoch: number;
  latency(): number;
  /** Takes the device off the network; open connections are lost. */
  goOffline(loss?: Loss): void;
  goOnline(): void;
  /** Loses open connections; new ones can be made. */
  cut(loss?: Loss): void;
  /** Refuses new connections and requests for `ms` milliseconds. */
  refuse(ms: number): void;
  /** Calls `onLost` when open connections are lost; returns its undo. */
  watch(onLost: (loss: Loss) => void): () => void;
}

export function createLine(clock: Clock, random: SeededRandom): Line {
  const watchers = new Set<(loss: Loss) => void>();
  let isOnline = true;
  let refusedUntil = 0;
  let epoch = 0;

  function cut(loss: Loss = 'noticed') {
    epoch += 1;
    for (const onLost of [...watchers]) onLost(loss);
  }

  return {
    faults: calm,
    get isUp() {
      return isOnline && clock.now() >= refusedUntil;
    },
    get epoch() {
      return epoch;
    },
    latency() {
      const [shortest, longest] = this.faults.latencyMs;
      return random.between(shortest, longest);
    },
    goOffline(loss) {
      isOnline = false;
      cut(loss);
    },
    goOnline() {
      isOnline = true;
      refusedUntil = 0;
    },
    cut,
    refuse(ms) {
      refusedUntil = clock.now() + ms;
    },
    watch(onLost) {
      watchers.add(onLost);
      return () => void watchers.delete(onLost);
    },
  };
}
