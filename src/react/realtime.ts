import { useCallback, useEffect, useInsertionEffect, useRef, useSyncExternalStore } from 'react';
import type { AvatarClient, ConnectionStatus, RealtimeEvents } from '../index.ts';
import { useClient } from './context.ts';

/** The connection's status; `offline` on a server. */
export function useConnection(): ConnectionStatus {
  const { realtime } = useClient<AvatarClient>();
  const subscribe = useCallback((listener: () => void) => realtime.on('statusChanged', listener), [realtime]);
  return useSyncExternalStore(
    subscribe,
    () => realtime.status,
    () => 'offline',
  );
}

/** Calls `listener` with every such event while the component is mounted: always the latest one that was rendered. */
export function useRealtimeEvent<Name extends keyof RealtimeEvents>(
  name: Name,
  listener: (event: RealtimeEvents[Name]) => void,
): void {
  const { realtime } = useClient<AvatarClient>();
  const latest = useRef(listener);
  // Before any effect of this commit, so that none of them can meet the one before.
  useInsertionEffect(() => {
    latest.current = listener;
  });
  useEffect(() => realtime.on(name, (event) => latest.current(event)), [realtime, name]);
}
