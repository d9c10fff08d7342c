import { type Backoff, backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { wait } from '../lib/wait.ts';
import type { ConnectionStatus } from '../models.ts';
import type { Link, LinkFactory } from '../transport/link.ts';

export interface ConnectionSettings {
  readonly link: LinkFactory;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly backoff: Backoff;
  /** The connection is there: enter rooms. */
  onOpen(): void;
  /** The connection is gone: what it told is no longer known. */
  onClose(): void;
  /** Repairs what was missed; the connection is `live` when it resolves. */
  repair(signal: AbortSignal): Promise<void>;
  onEvent(name: string, payload: unknown): void;
  onStatus(status: ConnectionStatus, previous: ConnectionStatus, reason: string): void;
  onSignedOut(): void;
}

/** Events are dropped while there is no connection. */
export interface Connection extends Pick<Link, 'emit' | 'request' | 'enter' | 'leave'> {
  readonly status: ConnectionStatus;
  readonly isOpen: boolean;
  connect(): void;
  disconnect(): void;
  /** Something may have been missed although the connection is there. */
  repair(): void;
  /** The machine is online again or the page is back: do not wait for the next try. */
  hurry(): void;
}

/** A link, and whether what is shown is up to date with it: repaired after every connect. */
export function createConnection(settings: ConnectionSettings): Connection {
  const { clock, random, logger, backoff } = settings;
  let status: ConnectionStatus = 'offline';
  let wanted = false;
  let isOpen = false;
  let life = new AbortController();

  const link = settings.link({
    onOpen() {
      isOpen = true;
      const signal = newLife();
      settings.onOpen();
      void repair(signal);
    },
    onEvent: settings.onEvent,
    onClose(reason) {
      closed();
      become('connecting', reason);
    },
    onSignedOut: settings.onSignedOut,
  });

  function become(next: ConnectionStatus, reason: string) {
    if (next === status) return;
    const previous = status;
    status = next;
    settings.onStatus(next, previous, reason);
  }

  function closed() {
    newLife();
    if (!isOpen) return;
    isOpen = false;
    settings.onClose();
  }

  /** Ends whatever the last connection was still doing. */
  function newLife(): AbortSignal {
    life.abort();
    life = new AbortController();
    return life.signal;
  }

  async function repair(signal: AbortSignal) {
    if (!isOpen) return;
    become('syncing', 'connect');
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        await settings.repair(signal);
        if (!signal.aborted) become('live', 'repaired');
        return;
      } catch (error) {
        if (signal.aborted) return;
        logger.debug('unable to repair', error);
        become('stale', 'repair failed');
        await wait(clock, backoffMs(tries, backoff, random), signal).catch(() => {});
      }
    }
  }

  return {
    get status() {
      return status;
    },
    get isOpen() {
      return isOpen;
    },
    connect() {
      if (wanted) return;
      wanted = true;
      become('connecting', 'connect');
      link.open();
    },
    disconnect() {
      wanted = false;
      closed();
      link.close();
      become('offline', 'disconnect');
    },
    emit: link.emit,
    request: link.request,
    enter: link.enter,
    leave: link.leave,
    repair() {
      if (isOpen) void repair(newLife());
    },
    hurry() {
      if (isOpen) void repair(newLife());
      else link.hurry();
    },
  };
}
