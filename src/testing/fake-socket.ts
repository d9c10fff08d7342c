import { NetworkError, TimeoutError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { SocketEvent, SocketFactory, SocketHandlers } from '../lib/socket-port.ts';
import type { FrameRecord, Journal } from './journal.ts';
import type { Line, Loss } from './line.ts';
import type { SeededRandom } from './random.ts';
import { Refusal } from './refusal.ts';

/** The backend's end of one connection. */
export interface ServerConnection {
  /** Handles a command and returns its acknowledgement, or `undefined` when this backend gives none. */
  receive(name: string, args: readonly unknown[]): { readonly ack: unknown; announce(): void };
  /** The device is gone, as far as the backend can tell. */
  lost(): void;
}

/** The device's end of one connection, as the backend uses it. */
export interface Transport {
  /** `payload` is JSON, made once for all who get it. */
  send(name: string, payload: string): void;
  /** Ends the connection from the backend's side. */
  end(reason: string): void;
}

/** The backend behind a line, as sockets see it. */
export interface SocketServer {
  readonly isDown: boolean;
  /** Throws a {@link Refusal} when the token is not good. */
  connect(token: string | null, deviceId: string, transport: Transport): ServerConnection;
  crash(downMs: number): void;
}

export interface FakeSocketSettings {
  readonly deviceId: string;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly line: Line;
  readonly server: SocketServer;
  readonly journal: Journal;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
}

const connectTimeoutMs = 20_000;
const latestMs = 3_000;
const writes = new Set(['send_message', 'mark_seen']);

/** Sockets whose other end is the fake backend. */
export function createFakeSocket(settings: FakeSocketSettings): SocketFactory {
  return (handlers) => {
    let current: ReturnType<typeof dial> | undefined;
    const close = () => {
      current?.hangUp();
      current = undefined;
    };
    return {
      open(token) {
        close();
        current = dial(settings, handlers, token);
      },
      close,
      emit: (event) => current?.emit(event),
      request(event, timeoutMs) {
        if (current) return current.request(event, timeoutMs);
        return Promise.reject(disconnected(event));
      },
    };
  };
}

/** One connection, from the handshake to its end. */
function dial(settings: FakeSocketSettings, handlers: SocketHandlers, token: string | null) {
  const { deviceId, clock, random, line, server, journal } = settings;
  const waiting = new Set<(connectionLost: boolean) => void>();
  let state: 'dialling' | 'open' | 'closed' = 'dialling';
  /** Half-open: frames vanish, and each side notices at its own time. */
  let isDead = false;
  let remote: ServerConnection | undefined;
  let lastUp = 0;
  let lastDown = 0;

  const note = (text: string) => journal.notes.push({ at: clock.now(), deviceId, text });
  const pingTimeout = () =>
    random.between(settings.pingTimeoutMs, settings.pingIntervalMs + settings.pingTimeoutMs);

  function finish(reason: string, tell?: () => void) {
    if (state === 'closed') return;
    state = 'closed';
    unwatch();
    note(`socket closed: ${reason}`);
    for (const onLost of [...waiting]) onLost(tell !== undefined);
    waiting.clear();
    tell?.();
  }

  function closed(reason: string) {
    if (state === 'dialling') return failed(false, new Error(reason));
    finish(reason, () => handlers.onClose(reason));
  }

  function failed(unauthorized: boolean, cause: unknown) {
    finish(unauthorized ? 'refused' : 'unreachable', () => handlers.onError({ unauthorized, cause }));
  }

  /** The backend's side learns that the device is gone. */
  function forget(after: number) {
    const gone = remote;
    if (!gone) return;
    clock.schedule(() => {
      remote = undefined;
      gone.lost();
    }, after);
  }

  const unwatch = line.watch((loss: Loss) => {
    isDead = true;
    if (state === 'dialling') clock.schedule(() => closed('timeout'), connectTimeoutMs);
    else if (loss === 'noticed') clock.schedule(() => closed('transport close'), line.latency());
    else clock.schedule(() => closed('ping timeout'), pingTimeout());
    forget(loss === 'noticed' ? line.latency() : pingTimeout());
  });

  const transport: Transport = {
    send(name, payload) {
      carry('down', name, payload, () => {
        if (state === 'open') handlers.onEvent(name, payload === '' ? undefined : JSON.parse(payload));
      });
    },
    end(reason) {
      remote = undefined;
      clock.schedule(() => closed(reason), line.latency());
    },
  };

  /** In order, unless a fault says otherwise. */
  function carry(direction: 'up' | 'down', name: string, payload: string, arrive: () => void) {
    const { faults } = line;
    const isUp = direction === 'up';
    const record = (fate: FrameRecord['fate']) =>
      void journal.frames.push({ at: clock.now(), deviceId, direction, name, payload, fate });
    if (isDead || random.chance(faults.frameLost)) return record('lost');
    const deliver = () => {
      if (!isDead) arrive();
    };
    if (random.chance(faults.frameReordered)) {
      clock.schedule(deliver, line.latency() + random.between(50, latestMs));
      return record('late');
    }
    const at = Math.max(clock.now() + line.latency(), isUp ? lastUp : lastDown);
    if (isUp) lastUp = at;
    else lastDown = at;
    clock.schedule(deliver, at - clock.now());
    const isDoubled = random.chance(isUp ? faults.commandDoubled : faults.frameDoubled);
    if (isDoubled) clock.schedule(deliver, at - clock.now() + random.between(0, latestMs));
    record(isDoubled ? 'doubled' : 'sent');
  }

  function command({ name, args }: SocketEvent, onAck?: (ack: unknown) => void) {
    const sent = JSON.stringify(args);
    carry('up', name, sent, () => {
      if (!remote || server.isDown) return;
      const { faults } = line;
      const crash = writes.has(name) && random.chance(faults.crash) ? random.pick(['before', 'after']) : null;
      const [shortest, longest] = faults.downMs;
      if (crash === 'before') return server.crash(random.between(shortest, longest));
      const received: unknown = JSON.parse(sent);
      const { ack, announce } = remote.receive(name, Array.isArray(received) ? received : []);
      if (crash === 'after') return server.crash(random.between(shortest, longest));
      if (ack !== undefined && onAck) answer(name, ack, onAck);
      announce();
    });
  }

  function answer(name: string, ack: unknown, onAck: (ack: unknown) => void) {
    const payload = JSON.stringify(ack);
    const isLost = random.chance(line.faults.ackLost);
    const fate = isLost ? 'lost' : 'sent';
    journal.frames.push({ at: clock.now(), deviceId, direction: 'ack', name, payload, fate });
    if (isLost) return;
    lastDown = Math.max(clock.now() + line.latency(), lastDown);
    clock.schedule(() => {
      if (!isDead) onAck(JSON.parse(payload));
    }, lastDown - clock.now());
  }

  function shakeHands() {
    if (state === 'closed' || isDead) return;
    if (server.isDown || !line.isUp) {
      clock.schedule(() => failed(false, new Error('xhr poll error')), line.latency());
      return;
    }
    try {
      remote = server.connect(token, deviceId, transport);
    } catch (error) {
      const unauthorized = error instanceof Refusal && error.code === 'UNAUTHORIZED';
      clock.schedule(() => failed(unauthorized, error), line.latency());
      return;
    }
    lastDown = clock.now() + line.latency();
    clock.schedule(() => {
      if (state !== 'dialling' || isDead) return;
      state = 'open';
      note('socket open');
      handlers.onOpen();
    }, lastDown - clock.now());
  }

  if (line.isUp) clock.schedule(shakeHands, line.latency());
  else clock.schedule(() => failed(false, new Error('network unreachable')), line.latency());

  return {
    emit(event: SocketEvent) {
      if (state === 'open') command(event);
    },
    request(event: SocketEvent, timeoutMs: number): Promise<unknown> {
      return new Promise((resolve, reject) => {
        if (state !== 'open') return reject(disconnected(event));
        const settle = (end: () => void) => {
          cancelTimeout();
          waiting.delete(onLost);
          end();
        };
        const onLost = (connectionLost: boolean) =>
          settle(() =>
            reject(
              new NetworkError(`unable to send ${event.name}; the connection was lost`, {
                connectionLost,
              }),
            ),
          );
        const cancelTimeout = clock.schedule(
          () =>
            settle(() =>
              reject(
                new TimeoutError(`unable to send ${event.name}; no answer within ${timeoutMs} ms`, timeoutMs),
              ),
            ),
          timeoutMs,
        );
        waiting.add(onLost);
        command(event, (ack) => settle(() => resolve(ack)));
      });
    },
    hangUp() {
      const isQuiet = state === 'closed';
      finish('hung up');
      // What was sent before still arrives.
      if (!isQuiet)
        forget(isDead || !line.isUp ? pingTimeout() : Math.max(lastUp - clock.now(), line.latency()));
    },
  };
}

const disconnected = ({ name }: SocketEvent) =>
  new NetworkError(`unable to send ${name}; there is no connection`, { bodyLeft: false });
