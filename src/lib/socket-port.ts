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
   * there is no connection or it is lost or closed meanwhile. Never kept for a later connection.
   */
  request(event: SocketEvent, timeoutMs: number): Promise<unknown>;
}

/** An event to the backend, as data. */
export interface SocketEvent {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Makes the port for a backend; a test or another transport hands in its own. */
export type SocketFactory = (handlers: SocketHandlers) => SocketPort;

/** Speaks over a port in a way of its own; what the port is made of does not matter. */
export type SocketDialect = (socket: SocketFactory) => SocketFactory;
