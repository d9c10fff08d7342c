import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { io, type Socket } from 'socket.io-client';
import { createClient, type VisavisClient } from '../src/index.ts';
import type { ReferenceServer } from '../test/support/reference-server.ts';

/** A client of the SDK, live. */
export async function connectClient(server: ReferenceServer, userId: string): Promise<VisavisClient> {
  const token = await server.login(userId);
  const client = createClient({ baseUrl: server.url, userId, getToken: () => token });
  const live = new Promise<void>((resolve) => {
    client.realtime.on('statusChanged', ({ status }) => status === 'live' && resolve());
  });
  client.realtime.connect();
  await live;
  return client;
}

/** A plain Socket.IO client, connected. */
export async function connectSocket(url: string, token?: string): Promise<Socket> {
  const socket = io(url, { transports: ['websocket'], auth: { token } });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

/** The bare round trip in the same run: what the machine and Socket.IO take by themselves. */
export interface Bare {
  /** Milliseconds. */
  roundTrip(): Promise<number>;
  stop(): void;
}

export async function startBare(): Promise<Bare> {
  const server = fork(fileURLToPath(new URL('./bare-server.ts', import.meta.url)));
  const [port] = await once(server, 'message');
  const socket = await connectSocket(`http://127.0.0.1:${port}`);
  return {
    async roundTrip() {
      const started = performance.now();
      await socket.emitWithAck('ping');
      return performance.now() - started;
    },
    stop() {
      socket.close();
      server.kill();
    },
  };
}

/** Row of a table of times in milliseconds. */
export function timesRow(name: string, values: readonly number[]) {
  return {
    name,
    'p50 ms': quantile(values, 0.5),
    'p99 ms': quantile(values, 0.99),
    'max ms': quantile(values, 1),
  };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
