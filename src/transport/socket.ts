import { io, type Socket } from 'socket.io-client';
import { NetworkError, TimeoutError } from '../errors.ts';

/** What a connection tells. Exactly one of `onOpen` and `onError` follows each `open()`, unless it is closed first. */
export interface SocketHandlers {
  onOpen(): void;
  /** Every event, with its first argument as it came: unchecked. */
  onEvent(name: string, payload: unknown): void;
  onClose(reason: string): void;
  /** The connection was not made. `unauthorized` when the backend refused the token. */
  onError(error: { unauthorized: boolean; cause: unknown }): void;
}

/** One connection that can be opened many times. Never reconnects by itself. */
export interface SocketPort {
  open(token: string | null): void;
  close(): void;
  /** Sends an event nobody waits for; dropped while there is no connection. */
  emit(event: SocketEvent): void;
  /**
   * Sends an event and resolves with its acknowledgement. Rejects with `TimeoutError`, or with `NetworkError` when
   * there is no connection or it is lost meanwhile. Never kept for a later connection.
   */
  request(event: SocketEvent, timeoutMs: number): Promise<unknown>;
}

/** An event to the backend. */
export interface SocketEvent {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Makes the port for a backend; a test or another transport hands in its own. */
export type SocketFactory = (handlers: SocketHandlers) => SocketPort;

/** Options of the Socket.IO connection. */
export interface SocketOptions {
  /** Where the Socket.IO server is, when not at `baseUrl`. */
  readonly url?: string;
  /** Path of the Socket.IO endpoint. Default `/socket.io`. */
  readonly path?: string;
  /** Default: WebSocket, else long polling. */
  readonly transports?: readonly ('websocket' | 'polling' | 'webtransport')[];
  /** Whether cookies go along to another origin. Default `false`. */
  readonly withCredentials?: boolean;
}

/** A Socket.IO connection whose reconnecting, backoff and token are ours. */
export function socketIo(baseUrl: string, options: SocketOptions): SocketFactory {
  return (handlers) => {
    let socket: Socket | undefined;

    function create(token: string | null): Socket {
      const created = io(options.url ?? baseUrl, {
        path: options.path ?? '/socket.io',
        transports: [...(options.transports ?? ['websocket', 'polling'])],
        tryAllTransports: true,
        withCredentials: options.withCredentials ?? false,
        reconnection: false,
        forceNew: true,
        autoConnect: false,
        auth: token === null ? {} : { token },
      });
      created.on('connect', handlers.onOpen);
      created.on('disconnect', (reason) => handlers.onClose(reason));
      created.on('connect_error', (cause) =>
        handlers.onError({ unauthorized: isUnauthorized(cause), cause }),
      );
      created.onAny((name: unknown, payload: unknown) => {
        if (typeof name === 'string') handlers.onEvent(name, payload);
      });
      return created;
    }

    function close() {
      socket?.offAny();
      socket?.off();
      socket?.disconnect();
      socket = undefined;
    }

    return {
      open(token) {
        close();
        socket = create(token).connect();
      },
      close,
      // Buffered while disconnected, an event would be replayed into a later connection, long out of date.
      emit({ name, args }) {
        if (socket?.connected) socket.volatile.emit(name, ...args);
      },
      request({ name, args }, timeoutMs) {
        const current = socket;
        return new Promise((resolve, reject) => {
          if (!current?.connected)
            return reject(
              new NetworkError(`unable to send ${name}; there is no connection`, { bodyLeft: false }),
            );
          const settle = (finish: () => void) => {
            current.off('disconnect', onLost);
            finish();
          };
          const onLost = () =>
            settle(() =>
              reject(
                new NetworkError(`unable to send ${name}; the connection was lost`, { connectionLost: true }),
              ),
            );
          current.on('disconnect', onLost);
          current.timeout(timeoutMs).emit(name, ...args, (error: Error | null, answer: unknown) => {
            settle(() =>
              error
                ? reject(
                    new TimeoutError(`unable to send ${name}; no answer within ${timeoutMs} ms`, timeoutMs),
                  )
                : resolve(answer),
            );
          });
        });
      },
    };
  };
}

function isUnauthorized(cause: Error): boolean {
  const data: unknown = 'data' in cause ? cause.data : undefined;
  const code = typeof data === 'object' && data !== null && 'code' in data ? data.code : undefined;
  return code === 'UNAUTHORIZED' || /unauthori[sz]ed|token|jwt|authentication/i.test(cause.message);
}
