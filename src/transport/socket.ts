import { io, type Socket } from 'socket.io-client';
import { NetworkError, TimeoutError } from '../errors.ts';
import type { SocketFactory } from '../lib/socket-port.ts';

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
      const closing = socket;
      socket = undefined;
      closing?.offAny().off().disconnect();
    }

    return {
      open(token) {
        close();
        socket = create(token).connect();
      },
      close,
      // Not `volatile`: that drops all but the first event of a tick. Nothing is replayed late, since every try has a
      // socket of its own.
      emit({ name, args }) {
        if (socket?.connected) socket.emit(name, ...args);
      },
      request({ name, args }, timeoutMs) {
        const current = socket;
        return new Promise((resolve, reject) => {
          if (!current?.connected)
            return reject(
              new NetworkError(`unable to send ${name}; there is no connection`, { bodyLeft: false }),
            );
          // Its end, too, answers every acknowledgement with an error.
          current.timeout(timeoutMs).emit(name, ...args, (error: Error | null, answer: unknown) => {
            if (!error) return resolve(answer);
            reject(
              current.connected
                ? new TimeoutError(`unable to send ${name}; no answer within ${timeoutMs} ms`, timeoutMs)
                : new NetworkError(`unable to send ${name}; the connection was lost`, {
                    connectionLost: current === socket,
                  }),
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
