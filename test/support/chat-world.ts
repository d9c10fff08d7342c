import type { ThreadSnapshot } from '../../src/chat-models.ts';
import { createClient, type VisavisClient } from '../../src/client.ts';
import type { SocketEvent, SocketHandlers } from '../../src/lib/socket-port.ts';
import type { ClientOptions } from '../../src/options.ts';
import {
  createFakeBackend,
  createRandom,
  createVirtualClock,
  type FakeBackend,
  type FakeBackendOptions,
  type FakeDevice,
  type VirtualClock,
} from '../../src/testing/index.ts';
import { MemoryDisk } from './memory-storage.ts';

export interface SeatOptions extends Partial<ClientOptions> {
  /** Takes a request's place; `undefined` lets it through. */
  readonly answer?: (path: string, method: string) => Response | Promise<Response> | undefined;
  readonly isConnected?: boolean;
  /** How long the disk takes, in milliseconds. */
  readonly storageMs?: number;
}

/** A client on a device, with its ends of the wire in the test's hands. */
export interface Seat {
  readonly client: VisavisClient;
  readonly device: FakeDevice;
  /** What the client sent by socket. */
  readonly emitted: SocketEvent[];
  /** `METHOD path` of every request so far, those answered by the test too. */
  readonly requests: string[];
  /** An event comes in, besides those of the backend. */
  hear(name: string, payload?: unknown): void;
}

export interface ChatWorld {
  readonly clock: VirtualClock;
  readonly backend: FakeBackend;
  /** Signs in on a device and, unless told not to, connects. */
  seat(userId: string, options?: SeatOptions): Promise<Seat>;
  /** Lets time pass until the promise settles. */
  during<T>(promise: Promise<T>, ms?: number): Promise<T>;
  /** A message sent from nowhere: straight into the backend, and announced. */
  say(seat: Seat, conversationId: string, text: string): Promise<void>;
}

export const people = [
  { id: 'u1', name: 'Maya' },
  { id: 'u2', name: 'Jonas' },
  { id: 'u3', name: 'Noor' },
];

/** Two or three people and a backend on one virtual clock. */
export function createChatWorld(options: Partial<FakeBackendOptions> = {}): ChatWorld {
  const clock = createVirtualClock();
  const backend = createFakeBackend({
    clock,
    random: createRandom(11),
    users: people,
    conversations: [
      { id: 'c1', members: ['u1', 'u2'] },
      { id: 'c2', members: ['u1', 'u3'] },
    ],
    messageQuota: { count: Number.POSITIVE_INFINITY, windowMs: 1_000 },
    ...options,
  });
  let devices = 0;

  async function during<T>(promise: Promise<T>, ms = 2_000): Promise<T> {
    const settled = promise.then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    await clock.advance(ms);
    return (await settled)();
  }

  return {
    clock,
    backend,
    during,
    async seat(userId, { answer, isConnected = true, storageMs = 0, ...rest } = {}) {
      devices += 1;
      const device = backend.device(userId, `d${devices}`);
      const emitted: SocketEvent[] = [];
      const requests: string[] = [];
      let ends: SocketHandlers | undefined;
      const client = createClient({
        random: () => 0.1,
        storage: new MemoryDisk().page(clock, storageMs),
        preload: async () => {},
        ...device.options,
        fetch(input, init) {
          const { pathname, search } = new URL(String(input));
          const method = init?.method ?? 'GET';
          requests.push(`${method} ${pathname}${search}`);
          const own = answer?.(`${pathname}${search}`, method);
          return own === undefined ? device.fetch(input, init) : Promise.resolve(own);
        },
        socket(handlers) {
          ends = handlers;
          const port = device.socket(handlers);
          return {
            ...port,
            emit(event) {
              emitted.push(event);
              port.emit(event);
            },
            request(event, timeoutMs) {
              emitted.push(event);
              return port.request(event, timeoutMs);
            },
          };
        },
        ...rest,
      });
      if (isConnected) {
        client.realtime.connect();
        await clock.advance(1_000);
      }
      return { client, device, emitted, requests, hear: (name, payload) => ends?.onEvent(name, payload) };
    },
    async say({ client }, conversationId, text) {
      await during(client.messages.send(conversationId, { text }), 500);
    },
  };
}

/** Texts of a thread, a gap as `…` with its count. */
export function textsOf({ items }: ThreadSnapshot): string[] {
  return items.map((item) => (item.kind === 'gap' ? `…${item.count ?? '?'}` : item.text));
}

/** Counts what a subscriber is told. */
export function watch(live: { subscribe(listener: () => void): () => void }) {
  const told = { count: 0, undo: () => {} };
  told.undo = live.subscribe(() => {
    told.count += 1;
  });
  return told;
}

export const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
