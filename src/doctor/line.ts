import type { SocketDialect, SocketEvent } from '../lib/socket-port.ts';
import { socketIo } from '../transport/socket.ts';
import type { Patient } from './patient.ts';

/** A live connection, and all that it has told. */
export interface Line {
  readonly state: 'open' | 'unauthorized' | 'unreachable';
  readonly ms: number;
  readonly events: readonly { readonly name: string; readonly payload: unknown }[];
  emit(event: SocketEvent): void;
  request(event: SocketEvent, timeoutMs: number): Promise<unknown>;
  /** The first thing told of which `find` makes something, or `undefined` when nothing comes in time. */
  hear<Found>(find: (name: string, payload: unknown) => Found | undefined): Promise<Found | undefined>;
  close(): void;
}

const pollMs = 20;

/** Connects once. Resolves when it is there, refused, or too late. */
export async function openLine(
  { baseUrl, timeoutMs }: Patient,
  token: string | null,
  dialect: SocketDialect | null = null,
): Promise<Line> {
  const events: { name: string; payload: unknown }[] = [];
  const start = performance.now();
  const socket = socketIo(new URL(baseUrl).origin, {});
  let close = () => {};
  const opening = new Promise<Omit<Line, 'ms'>>((resolve) => {
    const settle = (state: Line['state']) => resolve({ ...port, state, events, hear });
    const port = (dialect?.(socket) ?? socket)({
      onOpen: () => settle('open'),
      onEvent: (name, payload) => events.push({ name, payload }),
      onClose: () => settle('unreachable'),
      onError: ({ unauthorized }) => settle(unauthorized ? 'unauthorized' : 'unreachable'),
    });
    const timer = setTimeout(() => settle('unreachable'), timeoutMs);
    close = () => {
      clearTimeout(timer);
      port.close();
    };
    port.open(token);
  });

  async function hear<Found>(find: (name: string, payload: unknown) => Found | undefined) {
    const end = performance.now() + timeoutMs;
    for (;;) {
      for (const { name, payload } of events) {
        const found = find(name, payload);
        if (found !== undefined) return found;
      }
      if (performance.now() > end) return undefined;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  const line = await opening;
  if (line.state !== 'open') close();
  return { ...line, ms: Math.round(performance.now() - start), close: () => close() };
}

/** The names of what it has told. */
export function namesOf({ events }: Line): string {
  return [...new Set(events.map(({ name }) => name))].join(', ') || 'nothing';
}
