import { RealtimeError, type VisavisError } from '../errors.ts';
import { type Backoff, backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { wait } from '../lib/wait.ts';
import type { ConnectionStatus } from '../models.ts';
import type { Auth } from '../transport/auth.ts';
import type { SocketEvent, SocketFactory } from '../transport/socket.ts';

export interface ConnectionSettings {
  readonly socket: SocketFactory;
  readonly auth: Auth;
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

export interface Connection {
  readonly status: ConnectionStatus;
  readonly isOpen: boolean;
  connect(): void;
  disconnect(): void;
  /** Dropped while there is no connection. */
  emit(event: SocketEvent): void;
  request(event: SocketEvent, timeoutMs: number): Promise<unknown>;
  /** Something may have been missed although the connection is there. */
  repair(): void;
  /** The machine is online again or the page is back: do not wait for the next try. */
  hurry(): void;
}

/** Keeps one connection for as long as it is wanted: token, backoff with full jitter, repair after every connect. */
export function createConnection(settings: ConnectionSettings): Connection {
  const { auth, clock, random, logger, backoff } = settings;
  let status: ConnectionStatus = 'offline';
  let wanted = false;
  let failures = 0;
  let rejected: { token: string | null } | undefined;
  let lastToken: string | null = null;
  let signedOut = false;
  let cancelRetry = () => {};
  let life = new AbortController();
  let isOpen = false;

  const port = settings.socket({
    onOpen() {
      failures = 0;
      rejected = undefined;
      signedOut = false;
      isOpen = true;
      const signal = newLife();
      settings.onOpen();
      void repair(signal);
    },
    onEvent: settings.onEvent,
    onClose(reason) {
      closed();
      newLife();
      retry(reason);
    },
    onError({ unauthorized, cause }) {
      const again = rejected !== undefined;
      if (unauthorized) {
        rejected = { token: lastToken };
        if (again && !signedOut) settings.onSignedOut();
        signedOut ||= again;
      }
      logger.debug('unable to connect', failure(unauthorized, cause));
      // A first refusal of the token is answered with a fresh one at once.
      if (unauthorized && !again) void open();
      else retry(unauthorized ? 'unauthorized' : 'unreachable');
    },
  });

  function become(next: ConnectionStatus, reason: string) {
    if (next === status) return;
    const previous = status;
    status = next;
    settings.onStatus(next, previous, reason);
  }

  function closed() {
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

  async function open() {
    const signal = newLife();
    cancelRetry();
    try {
      const token = await (rejected ? auth.refresh(rejected.token) : auth.token());
      if (signal.aborted) return;
      lastToken = token;
      port.open(token);
    } catch (error) {
      logger.debug('unable to get a token', error);
      if (!signal.aborted) retry('no token');
    }
  }

  function retry(reason: string) {
    if (!wanted) return;
    become('connecting', reason);
    cancelRetry();
    cancelRetry = clock.schedule(open, backoffMs(failures, backoff, random));
    failures += 1;
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
      failures = 0;
      become('connecting', 'connect');
      void open();
    },
    disconnect() {
      wanted = false;
      newLife();
      cancelRetry();
      closed();
      port.close();
      become('offline', 'disconnect');
    },
    emit(event) {
      if (isOpen) port.emit(event);
    },
    request: port.request,
    repair() {
      if (isOpen) void repair(newLife());
    },
    hurry() {
      if (!wanted) return;
      if (isOpen) void repair(newLife());
      else void open();
    },
  };
}

function failure(unauthorized: boolean, cause: unknown): VisavisError {
  return unauthorized
    ? new RealtimeError('REALTIME_UNAUTHORIZED', 'unable to connect; the backend refused the token', {
        cause,
      })
    : new RealtimeError('REALTIME_UNREACHABLE', 'unable to connect; the backend cannot be reached', {
        cause,
        retryable: true,
      });
}
