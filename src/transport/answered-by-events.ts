import type { SocketDialect, SocketEvent } from '../lib/socket-port.ts';

/** Events by which a backend signs connections in and answers, in place of the handshake and acknowledgements. */
export interface AnsweringEvents {
  /** Says who this is, once there is a connection. */
  readonly signIn: (token: string) => SocketEvent;
  /** Names of the events that say that the token is taken. */
  readonly accepted: readonly string[];
  /** Names of the events that say that it is not, or no longer. */
  readonly refused: readonly string[];
  /** What an event and its answer have in common; `null` for one that gets none. */
  readonly keyOf: (event: SocketEvent) => string | null;
  /** The keys that an event of the backend answers. */
  readonly answers: (name: string, payload: unknown) => readonly string[];
}

/** Milliseconds until a sign-in counts as unanswered. */
const signInMs = 10_000;

/** A connection is there only once it is signed in, and a request is answered by an event, or by an acknowledgement too. */
export function answeredByEvents(wire: AnsweringEvents): SocketDialect {
  return (socket) => (handlers) => {
    const waiting = new Set<{ readonly key: string; resolve(answer: unknown): void }>();
    let token: string | null = null;
    let state: 'closed' | 'signing in' | 'open' = 'closed';
    /** Counts sign-ins, so that the end of an earlier one is not taken for the end of this one. */
    let tries = 0;

    const port = socket({
      onOpen() {
        tries += 1;
        const own = tries;
        state = 'signing in';
        if (token === null) return enter();
        port.request(wire.signIn(token), signInMs).catch((cause: unknown) => {
          if (own === tries) fail(false, cause);
        });
      },
      onEvent(name, payload) {
        if (wire.accepted.includes(name)) enter();
        handlers.onEvent(name, payload);
        const keys = wire.answers(name, payload);
        for (const { key, resolve } of [...waiting]) if (keys.includes(key)) resolve(payload);
        if (wire.refused.includes(name)) fail(true, payload);
      },
      onClose(reason) {
        if (state === 'open') {
          state = 'closed';
          handlers.onClose(reason);
        } else fail(false, reason);
      },
      onError: handlers.onError,
    });

    function enter() {
      if (state !== 'signing in') return;
      state = 'open';
      handlers.onOpen();
    }

    /** Ends a sign-in, or, when the token is no longer good, the connection. */
    function fail(unauthorized: boolean, cause: unknown) {
      const before = state;
      if (before === 'closed' || (before === 'open' && !unauthorized)) return;
      state = 'closed';
      port.close();
      if (before === 'open') handlers.onClose('the token was refused');
      else handlers.onError({ unauthorized, cause });
    }

    return {
      open(given) {
        token = given;
        state = 'closed';
        port.open(given);
      },
      close() {
        state = 'closed';
        port.close();
      },
      emit: port.emit,
      request(event, timeoutMs) {
        const key = wire.keyOf(event);
        const acknowledged = port.request(event, timeoutMs);
        if (key === null) return acknowledged;
        return new Promise((resolve, reject) => {
          const answer = { key, resolve };
          waiting.add(answer);
          acknowledged.then(resolve, reject).finally(() => waiting.delete(answer));
        });
      },
    };
  };
}
