import type { Clock } from '../lib/clock.ts';
import { newTabId } from '../lib/ids.ts';
import { isPageVisible, watchSleep } from '../lib/page.ts';
import { createLease } from './lease.ts';
import { pageStorage, type SharedStorage } from './shared-storage.ts';

/** Sends to the other tabs of this browser, in order. */
export interface TabChannel {
  post(message: unknown): void;
  close(): void;
}

/** As much of the Web Locks API as is used here. */
export interface TabLocks {
  /** Rejects with an `AbortError` when `signal` aborts before, or when another takes the lock by `steal`. */
  request(
    name: string,
    options: { readonly steal?: boolean; readonly signal?: AbortSignal },
    work: () => Promise<void>,
  ): Promise<unknown>;
}

/** How the tabs of a browser find each other. */
export interface TabPorts {
  openChannel(name: string, onMessage: (message: unknown) => void): TabChannel;
  /** Given back by the browser when a tab is gone, however it went; `null` where there are none. */
  readonly locks: TabLocks | null;
  /** Takes their place then. */
  readonly lease: TabLocks | null;
  /** Whether somebody can see this tab. */
  isVisible(): boolean;
  /** Tells when the tab may not run any further, and when it does again or is looked at again; returns the undo. */
  watchSleep(events: { onSleep(): void; onWake(): void }): () => void;
}

/** What the browser offers; `null` outside of pages, and where it offers too little. */
export function browserTabs(clock: Clock): TabPorts | null {
  if (typeof document === 'undefined') return null;
  const storage = pageStorage();
  const locks: TabLocks | null = 'locks' in navigator ? navigator.locks : null;
  const lease = storage && createLease(storage, clock, newTabId);
  const openChannel =
    'BroadcastChannel' in globalThis ? openBroadcast : storage && openStorage.bind(null, storage);
  if (!openChannel || !(locks || lease)) return null;
  return { openChannel, locks, lease, isVisible: isPageVisible, watchSleep };
}

function openBroadcast(name: string, onMessage: (message: unknown) => void): TabChannel {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => onMessage(data);
  return {
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}

/** Every write is told to the other tabs, and to them alone. */
export function openStorage(
  { area, watch }: SharedStorage,
  name: string,
  onMessage: (message: unknown) => void,
): TabChannel {
  const close = watch(name, (value) => {
    try {
      onMessage(JSON.parse(value ?? 'null'));
    } catch {
      // Not ours.
    }
  });
  return {
    close,
    post(message) {
      area.setItem(name, JSON.stringify(message));
      area.removeItem(name);
    },
  };
}
