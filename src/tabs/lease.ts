import type { Clock } from '../lib/clock.ts';
import type { TabLocks } from './ports.ts';
import type { SharedStorage } from './shared-storage.ts';

/** Longer than a write takes to be seen by the other tabs. */
const settleMs = 60;

/**
 * Locks in local storage, for browsers and pages without Web Locks (they need https). A tab that crashes keeps its lock
 * until another steals it, so whoever waits has to see whether its holder is alive.
 */
export function createLease({ area, watch }: SharedStorage, clock: Clock, newId: () => string): TabLocks {
  return {
    request: (name, { steal = false, signal }, work) =>
      new Promise((resolve, reject) => {
        const id = newId();
        let state: 'waiting' | 'settling' | 'held' | 'done' = 'waiting';
        let mayTake = steal;

        const isMine = () => area.getItem(name) === id;

        function look() {
          if (state === 'held' && !isMine()) end(() => reject(aborted()));
          if (state === 'waiting' && (mayTake || area.getItem(name) === null)) claim();
        }

        function claim() {
          state = 'settling';
          mayTake = false;
          area.setItem(name, id);
          clock.schedule(() => {
            if (state !== 'settling') return;
            state = isMine() ? 'held' : 'waiting';
            if (state === 'waiting') return look();
            void work().then(() => end(() => resolve(undefined)));
          }, settleMs);
        }

        function end(finish: () => void) {
          if (state === 'done') return;
          state = 'done';
          unwatch();
          signal?.removeEventListener('abort', onAbort);
          if (isMine()) area.removeItem(name);
          finish();
        }

        const onAbort = () => {
          if (state !== 'held') end(() => reject(aborted()));
        };
        const unwatch = watch(name, look);
        signal?.addEventListener('abort', onAbort);
        look();
      }),
  };
}

const aborted = () => new DOMException('unable to keep the lock; it was given up or taken', 'AbortError');
