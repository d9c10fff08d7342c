import type { Emitter } from '../lib/emitter.ts';
import { isPageVisible, type PageEvents, watchPage } from '../lib/page.ts';
import type { Connection } from './connection.ts';
import type { ConnectionApi, RealtimeEvents } from './events.ts';
import type { Hub } from './hub.ts';

export interface ConnectionApiSettings extends PageEvents {
  readonly connection: Pick<Connection, 'status' | 'connect' | 'disconnect' | 'hurry'>;
  readonly hub: Pick<Hub, 'unknownEvents' | 'onRaw'>;
  readonly events: Emitter<RealtimeEvents>;
  readonly life: AbortSignal;
  /** Somebody listens. */
  onUse(): void;
}

/** The connection as an app sees it: while it is wanted, it follows the page's coming and going. */
export function createConnectionApi(settings: ConnectionApiSettings): ConnectionApi {
  const { connection, hub, events, life, onUse, onReturn, onHide } = settings;
  let unwatchPage = () => {};
  return {
    get status() {
      return connection.status;
    },
    connect() {
      life.throwIfAborted();
      unwatchPage();
      unwatchPage = watchPage({
        onReturn() {
          if (isPageVisible()) onReturn();
          connection.hurry();
        },
        onHide,
      });
      connection.connect();
    },
    disconnect() {
      unwatchPage();
      connection.disconnect();
    },
    get unknownEvents() {
      return hub.unknownEvents();
    },
    onRaw: hub.onRaw,
    on(name, listener) {
      onUse();
      return events.on(name, listener);
    },
    once(name, listener) {
      onUse();
      return events.once(name, listener);
    },
  };
}
