import { expect, onTestFinished } from 'vitest';
import { createClient, type VisavisClient } from '../../src/client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { ClientOptions } from '../../src/options.ts';
import { createFakeBackend, type FakeBackend } from '../../src/testing/index.ts';
import { MemoryDisk } from '../support/memory-storage.ts';

export interface World {
  readonly backend: FakeBackend;
  /** Signs in on a device of its own; connected unless told not to. */
  client(
    userId?: string,
    options?: Partial<ClientOptions> & { readonly isConnected?: boolean },
  ): VisavisClient;
  /** Names of what the client sent by socket, with their first argument. */
  frames(name: string): unknown[];
}

/** Maya, with Jonas (c1) and Noor (c2) to talk to. */
export function createWorld(): World {
  const backend = createFakeBackend({
    users: [
      { id: 'u1', name: 'Maya' },
      { id: 'u2', name: 'Jonas' },
      { id: 'u3', name: 'Noor' },
    ],
    conversations: [
      { id: 'c1', members: ['u1', 'u2'] },
      { id: 'c2', members: ['u1', 'u3'] },
    ],
    messageQuota: { count: Number.POSITIVE_INFINITY, windowMs: 1_000 },
  });
  return {
    backend,
    client(userId = 'u1', { isConnected = true, ...options } = {}) {
      const storage = new MemoryDisk().page(systemClock);
      const client = createClient({ ...backend.device(userId).options, storage, ...options });
      if (isConnected) client.realtime.connect();
      onTestFinished(client.dispose);
      return client;
    },
    frames: (name) =>
      backend.journal.frames
        .filter((frame) => frame.direction === 'up' && frame.name === name)
        .map(({ payload }) => JSON.parse(payload)),
  };
}

/** Long enough for anything that is under way on the fake backend's lines to arrive. */
export const lull = () => new Promise((resolve) => setTimeout(resolve, 250));

/** Resolves when `read` gives this. */
export const until = (read: () => unknown, expected: unknown) => expect.poll(read).toEqual(expected);
