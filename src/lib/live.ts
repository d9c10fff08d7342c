import { guard } from './emitter.ts';
import type { Logger } from './logger.ts';

/** Gathers callbacks and runs them together, each once. */
export type Notify = (callback: () => void) => void;

export interface LiveSettings<T> {
  /** The value now. Returns `previous` itself when nothing that is shown changed. */
  compute(previous: T | undefined): T;
  readonly notify: Notify;
  readonly logger: Logger;
  onFirstSubscriber?(): void;
  onLastGone?(): void;
}

export interface LiveValue<T> {
  getSnapshot(): T;
  getServerSnapshot(): T;
  subscribe(listener: () => void): () => void;
  /** Something it is made of changed: computed anew when asked for, listeners told soon, once. */
  invalidate(): void;
  /** From now on, the value as it is now is what a page from the server began with. */
  pin(): void;
  readonly isWatched: boolean;
}

/** A value that is computed only when somebody asks, and told about at most once per frame. */
export function createLive<T>(settings: LiveSettings<T>): LiveValue<T> {
  const { compute, notify, logger } = settings;
  const listeners = new Set<() => void>();
  let value: T | undefined;
  let isFresh = false;
  /** What listeners were last told of. */
  let told: T | undefined;
  let pinned: T | undefined;

  function getSnapshot(): T {
    // While nobody is subscribed, nobody tells when something it is made of changes.
    if (isFresh && value !== undefined && listeners.size > 0) return value;
    isFresh = true;
    value = compute(value);
    return value;
  }

  function tell() {
    const now = getSnapshot();
    if (now === told) return;
    told = now;
    for (const listener of listeners) guard(listener, logger);
  }

  return {
    getSnapshot,
    getServerSnapshot: () => pinned ?? getSnapshot(),
    pin() {
      pinned = getSnapshot();
    },
    get isWatched() {
      return listeners.size > 0;
    },
    subscribe(listener) {
      // Its own function, so that one listener may subscribe twice.
      const own = () => listener();
      listeners.add(own);
      if (listeners.size === 1) {
        isFresh = false;
        settings.onFirstSubscriber?.();
        told = getSnapshot();
      }
      return () => {
        if (listeners.delete(own) && listeners.size === 0) settings.onLastGone?.();
      };
    },
    invalidate() {
      // One that is stale already has been reported, and not told of yet.
      if (isFresh && listeners.size > 0) notify(tell);
      isFresh = false;
    },
  };
}
