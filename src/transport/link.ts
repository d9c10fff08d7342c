import { RealtimeError, type VisavisError } from '../errors.ts';
import { type Backoff, backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { SocketEvent, SocketFactory, SocketPort } from '../lib/socket-port.ts';
import type { Auth } from './auth.ts';

/** What a link tells. */
export interface LinkHandlers {
  onOpen(): void;
  /** Every event, with its first argument as it came: unchecked. */
  onEvent(name: string, payload: unknown): void;
  /** The connection is gone, and not because of `close()`. It is being made again. */
  onClose(reason: string): void;
  /** The backend refused a fresh token too; trying goes on. */
  onSignedOut(): void;
}

/** A place on the backend that a connection has to enter to hear of it. */
export interface Room {
  readonly enter: SocketEvent;
  readonly leave: SocketEvent;
}

/** A connection that is there for as long as it is wanted. */
export interface Link extends Pick<SocketPort, 'emit' | 'request'> {
  /** Wanted from now on: connects, and connects again whenever the connection is lost. */
  open(): void;
  close(): void;
  /** The machine is online again or the page is back: do not wait for the next try. */
  hurry(): void;
  /** To be repeated whenever the connection was made anew. */
  enter(room: Room): void;
  leave(room: Room): void;
}

export type LinkFactory = (handlers: LinkHandlers) => Link;

export interface LinkSettings {
  readonly socket: SocketFactory;
  readonly auth: Auth;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly backoff: Backoff;
}

/** A link over a socket of its own: a token for every try, backoff with full jitter. */
export function createLink({ auth, clock, random, logger, backoff, ...settings }: LinkSettings): LinkFactory {
  return (handlers) => {
    let wanted = false;
    let isOpen = false;
    let failures = 0;
    let rejected: { token: string | null } | undefined;
    let lastToken: string | null = null;
    let signedOut = false;
    let cancelRetry = () => {};
    /** Counts tries, so that a token that comes late is not used. */
    let tries = 0;

    const port = settings.socket({
      onOpen() {
        failures = 0;
        rejected = undefined;
        signedOut = false;
        isOpen = true;
        rest();
        handlers.onOpen();
      },
      onEvent: handlers.onEvent,
      onClose(reason) {
        isOpen = false;
        if (!wanted) return;
        handlers.onClose(reason);
        retry();
      },
      onError({ unauthorized, cause }) {
        const again = rejected !== undefined;
        if (unauthorized) {
          rejected = { token: lastToken };
          if (again && !signedOut) handlers.onSignedOut();
          signedOut ||= again;
        }
        logger.debug('unable to connect', failure(unauthorized, cause));
        // A first refusal of the token is answered with a fresh one at once.
        if (unauthorized && !again) void dial();
        else retry();
      },
    });

    async function dial() {
      const own = rest();
      try {
        const token = await (rejected ? auth.refresh(rejected.token) : auth.token());
        if (own !== tries) return;
        lastToken = token;
        port.open(token);
      } catch (error) {
        logger.debug('unable to get a token', error);
        if (own === tries) retry();
      }
    }

    /** Ends the wait for the next try, and one that still waits for its token. */
    function rest(): number {
      cancelRetry();
      tries += 1;
      return tries;
    }

    function retry() {
      if (!wanted) return;
      rest();
      cancelRetry = clock.schedule(dial, backoffMs(failures, backoff, random));
      failures += 1;
    }

    function emit(event: SocketEvent) {
      if (isOpen) port.emit(event);
    }

    return {
      open() {
        wanted = true;
        failures = 0;
        void dial();
      },
      close() {
        wanted = isOpen = false;
        rest();
        port.close();
      },
      hurry() {
        if (wanted && !isOpen) void dial();
      },
      emit,
      request: port.request,
      enter: ({ enter }) => emit(enter),
      leave: ({ leave }) => emit(leave),
    };
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
