import { type ShallowRef, shallowRef } from 'vue';
import type { AvatarClient, ConnectionStatus, RealtimeEvents } from '../index.ts';
import { isHydrating, useEffectOf } from './live.ts';
import { useClient } from './plugin.ts';

/** The connection's status; `offline` on a server. */
export function useConnection(): Readonly<ShallowRef<ConnectionStatus>> {
  const { realtime } = useClient<AvatarClient>();
  const status = shallowRef<ConnectionStatus>(isHydrating() ? 'offline' : realtime.status);
  const read = () => {
    status.value = realtime.status;
  };
  useEffectOf(
    () => realtime,
    () => {
      read();
      return realtime.on('statusChanged', read);
    },
  );
  return status;
}

/** Calls `listener` with every such event as long as the component, or the scope around, lives. */
export function useRealtimeEvent<Name extends keyof RealtimeEvents>(
  name: Name,
  listener: (event: RealtimeEvents[Name]) => void,
): void {
  const { realtime } = useClient<AvatarClient>();
  useEffectOf(
    () => name,
    () => realtime.on(name, listener),
  );
}
