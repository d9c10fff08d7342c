import { useSyncExternalStore } from 'react';
import type { Live } from '../index.ts';

/** A live value, or what `select` takes of it; rendered again when that changes. */
export function useLive<T, S = T>(live: Live<T>, select: (snapshot: T) => S): S {
  return useSyncExternalStore(
    live.subscribe,
    () => select(live.getSnapshot()),
    () => select(live.getServerSnapshot()),
  );
}

export const whole = <T>(snapshot: T): T => snapshot;
