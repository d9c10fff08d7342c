/** What the tabs of a browser can store together. */
export interface SharedStorage {
  readonly area: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Calls `listener` with the new value of `key` whenever another tab changed it; returns the undo. */
  watch(key: string, listener: (value: string | null) => void): () => void;
}

/** `null` where the browser has no such storage, or does not let this page use it. */
export function pageStorage(): SharedStorage | null {
  try {
    return { area: globalThis.localStorage, watch };
  } catch {
    return null;
  }
}

const watch: SharedStorage['watch'] = (key, listener) => {
  const onStorage = (event: StorageEvent) => {
    // `null`: everything was removed.
    if ((event.key ?? key) === key) listener(event.newValue);
  };
  addEventListener('storage', onStorage);
  return () => removeEventListener('storage', onStorage);
};
