import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type VisavisClient } from '../../src/client.ts';
import type { ConnectionStatus } from '../../src/models.ts';
import type { ClientOptions } from '../../src/options.ts';
import type { AvatarUpdated, ProtocolError } from '../../src/realtime/events.ts';
import { LiveServer } from '../support/live-server.ts';

let server: LiveServer;
const clients: VisavisClient[] = [];

beforeEach(async () => {
  server = new LiveServer();
  server.profiles.set('u1', {});
  await server.start();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.dispose();
  await server.stop();
});

function client(options: Partial<ClientOptions> = {}) {
  const sdk = createClient({ baseUrl: server.url, userId: 'me', random: () => 0.05, ...options });
  clients.push(sdk);
  const statuses: ConnectionStatus[] = [];
  const updates: AvatarUpdated[] = [];
  const faults: ProtocolError[] = [];
  sdk.realtime.on('statusChanged', ({ status }) => statuses.push(status));
  sdk.realtime.on('avatarUpdated', (event) => updates.push(event));
  sdk.realtime.on('protocolError', (event) => faults.push(event));
  return { sdk, statuses, updates, faults };
}

async function live(options?: Partial<ClientOptions>) {
  const made = client(options);
  made.sdk.realtime.connect();
  await expect.poll(() => made.sdk.realtime.status).toBe('live');
  return made;
}

const updated = (version: number, fields: object = {}) => ({
  userId: 'u1',
  avatar_url: `https://cdn.example.com/u1-${version}.webp`,
  avatar_thumb_url: `https://cdn.example.com/u1-${version}-thumb.webp`,
  avatar_version: version,
  ...fields,
});
/** Resolves when everything sent before has arrived. */
async function flushed(made: { faults: ProtocolError[] }) {
  const before = made.faults.length;
  server.emit('user:avatar:updated', 'marker');
  await expect.poll(() => made.faults.length).toBeGreaterThan(before);
}

describe('connection', () => {
  it('[RT1] opens nothing until asked', async () => {
    const { sdk, statuses } = client();
    sdk.users.live('u1').getSnapshot();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.handshakes).toEqual([]);
    expect(server.reads).toEqual([]);
    expect(sdk.realtime.status).toBe('offline');
    expect(statuses).toEqual([]);
  });

  it('[RT2] goes connecting → syncing → live, and offline on disconnect', async () => {
    const { sdk, statuses } = await live();
    expect(statuses).toEqual(['connecting', 'syncing', 'live']);
    sdk.realtime.connect();
    sdk.realtime.disconnect();
    expect(statuses).toEqual(['connecting', 'syncing', 'live', 'offline']);
    await expect.poll(() => server.sockets).toBe(0);
  });

  it('[RT3] comes back by itself after the server ends the connection or restarts', async () => {
    const { sdk, statuses } = await live();
    server.kick();
    await expect.poll(() => statuses.slice(3)).toEqual(['connecting', 'syncing', 'live']);
    await server.stop();
    await expect.poll(() => sdk.realtime.status).toBe('connecting');
    await server.start();
    await expect.poll(() => sdk.realtime.status, { timeout: 5_000 }).toBe('live');
  });

  it('[RT4] refreshes a token that the handshake refuses, once, then says signed out and goes on trying', async () => {
    server.accepted = new Set(['new']);
    const { sdk } = await live({ getToken: ({ refresh }) => (refresh ? 'new' : 'old') });
    expect(server.handshakes).toEqual(['old', 'new']);
    sdk.realtime.disconnect();

    server.accepted = new Set(['later']);
    let token = 'bad';
    const second = client({ getToken: () => token });
    let signedOut = 0;
    second.sdk.realtime.on('signedOut', () => {
      signedOut += 1;
    });
    second.sdk.realtime.connect();
    await expect.poll(() => server.handshakes.length).toBeGreaterThan(4);
    expect(signedOut).toBe(1);
    expect(second.sdk.realtime.status).toBe('connecting');
    token = 'later';
    await expect.poll(() => second.sdk.realtime.status, { timeout: 5_000 }).toBe('live');
  });

  it('[RT5] is stale while the repair fails, and live once it succeeds', async () => {
    let broken = true;
    const made = client({
      fetch: (input, init) => (broken ? Promise.reject(new TypeError('offline')) : fetch(input, init)),
    });
    made.sdk.users.live('u1').subscribe(() => {});
    made.sdk.realtime.connect();
    await expect.poll(() => made.sdk.realtime.status).toBe('stale');
    broken = false;
    await expect.poll(() => made.sdk.realtime.status, { timeout: 5_000 }).toBe('live');
  });
});

describe('avatar events', () => {
  it('[RT6] become avatarUpdated with the picture before and after', async () => {
    const made = await live();
    await made.sdk.users.get('u1');
    server.emit('user:avatar:updated', updated(2));
    server.emit('user:avatar:deleted', { userId: 'u1', avatar_version: 3 });
    await flushed(made);
    const picture = (version: number) => ({
      url: `https://cdn.example.com/u1-${version}.webp?v=${version}`,
      thumbUrl: `https://cdn.example.com/u1-${version}-thumb.webp?v=${version}`,
      version,
    });
    expect(made.updates).toEqual([
      { userId: 'u1', avatar: picture(2), previous: picture(1), origin: 'realtime' },
      { userId: 'u1', avatar: null, previous: picture(2), origin: 'realtime' },
    ]);
  });

  it('[RT6] name one user by number or string, and carry only what changed', async () => {
    const made = await live();
    server.profiles.set('7', {});
    await made.sdk.users.get(7);
    server.emit('user:avatar:updated', updated(2, { userId: 7, avatar_thumb_url: null }));
    server.emit('user:profile:updated', { userId: '7', display_name: 'Seven of Nine' });
    await flushed(made);
    expect(made.sdk.users.live('7').getSnapshot()).toMatchObject({
      name: 'Seven of Nine',
      username: 'user_7',
      initials: 'SN',
      avatar: { version: 2, thumbUrl: 'https://cdn.example.com/u1-2.webp?v=2' },
    });
  });

  it('[RT7] change nothing when they are older than what is held, or repeated', async () => {
    const made = await live();
    await made.sdk.users.get('u1');
    server.emit('user:avatar:updated', updated(5));
    await flushed(made);
    const before = made.sdk.users.live('u1').getSnapshot();
    server.emit('user:avatar:updated', updated(4));
    server.emit('user:avatar:deleted', { userId: 'u1', avatar_version: 3 });
    server.emit('user:avatar:updated', updated(5));
    await flushed(made);
    expect(made.updates).toHaveLength(1);
    expect(made.sdk.users.live('u1').getSnapshot()).toBe(before);
  });

  it('[RT8] report what does not fit the preset and change nothing', async () => {
    const made = await live();
    await made.sdk.users.get('u1');
    const before = made.sdk.users.live('u1').getSnapshot();
    const bad: unknown[] = [
      null,
      [],
      'u1',
      7,
      {},
      { userId: 'u1' },
      { ...updated(9), avatar_version: '9' },
      { ...updated(9), avatar_url: 5 },
      { ...updated(9), avatar_url: 'javascript:alert(1)' },
      { ...updated(9), avatar_url: 'data:image/svg+xml,<svg/>' },
      { ...updated(9), userId: { toString: () => 'u1' } },
      { ...updated(9), userId: '' },
      { ...updated(9), avatar_version: -1 },
    ];
    for (const payload of bad) server.emit('user:avatar:updated', payload);
    server.emit('user:avatar:updated');
    await expect.poll(() => made.faults.length).toBe(bad.length + 1);
    expect(
      made.faults.every(
        ({ error, event }) => error.code === 'BAD_RESPONSE' && event === 'user:avatar:updated',
      ),
    ).toBe(true);
    expect(made.updates).toEqual([]);
    expect(made.sdk.users.live('u1').getSnapshot()).toBe(before);
  });

  it('[RT8] take hostile ids for names like any other, and ignore unknown fields and events', async () => {
    const made = await live();
    server.emit(
      'user:avatar:updated',
      JSON.parse(`{"userId":"__proto__","avatar_url":"/a.png","__proto__":{"x":1},"extra":{}}`),
    );
    server.emit('constructor', {});
    server.emit('toString');
    await flushed(made);
    expect(made.updates.map(({ userId }) => userId)).toEqual(['__proto__']);
    expect(made.faults).toHaveLength(1);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });

  it('[RT9] go on to the other listeners when one throws', async () => {
    const made = await live({ logger: { debug() {}, warn() {}, error() {} } });
    let reached = 0;
    made.sdk.realtime.on('avatarUpdated', () => {
      throw new Error('mine');
    });
    const undo = made.sdk.realtime.on('avatarUpdated', () => {
      reached += 1;
    });
    made.sdk.realtime.once('avatarUpdated', () => {
      reached += 100;
    });
    server.emit('user:avatar:updated', updated(2));
    server.emit('user:avatar:updated', updated(3));
    await flushed(made);
    expect(reached).toBe(102);
    undo();
    undo();
    server.emit('user:avatar:updated', updated(4));
    await flushed(made);
    expect(reached).toBe(102);
  });

  it('[RT10] that were missed are made up after a reconnect for the users on screen', async () => {
    const made = await live();
    server.profiles.set('u2', {});
    const undo = made.sdk.users.live('u1').subscribe(() => {});
    await made.sdk.users.get('u2');
    await expect.poll(() => made.sdk.users.live('u1').getSnapshot().status).toBe('ready');
    await server.stop();
    await expect.poll(() => made.sdk.realtime.status).toBe('connecting');
    server.profiles.set('u1', { avatar_version: 4, avatar_url: 'https://cdn.example.com/u1-4.webp' });
    server.reads.length = 0;
    await server.start();
    await expect.poll(() => made.sdk.realtime.status, { timeout: 5_000 }).toBe('live');
    expect(server.reads).toEqual(['u1']);
    expect(made.updates).toMatchObject([
      { userId: 'u1', avatar: { version: 4 }, previous: { version: 1 }, origin: 'sync' },
    ]);
    // Who is not on screen is read again when next looked at.
    undo();
    made.sdk.users.live('u2').subscribe(() => {});
    await expect.poll(() => server.reads).toEqual(['u1', 'u2']);
  });

  it('[RT11] without a version are followed by one read that settles what holds', async () => {
    const made = await live();
    server.profiles.set('u1', { avatar_version: null });
    made.sdk.users.live('u1').subscribe(() => {});
    await expect.poll(() => made.sdk.users.live('u1').getSnapshot().status).toBe('ready');
    server.reads.length = 0;
    server.profiles.set('u1', { avatar_version: null, avatar_url: 'https://cdn.example.com/final.webp' });
    for (let i = 0; i < 5; i += 1)
      server.emit('user:avatar:updated', updated(i, { avatar_version: undefined }));
    await expect.poll(() => server.reads).toEqual(['u1']);
    await expect
      .poll(() => made.sdk.users.live('u1').getSnapshot().avatar?.url)
      .toMatch(/^https:\/\/cdn\.example\.com\/final\.webp\?v=\d+$/);
    expect(server.reads).toEqual(['u1']);
  });
});

it('[RT12] no JSON value in any event throws or changes state except through valid fields', {
  timeout: 60_000,
}, async () => {
  const open: { onEvent(name: string, payload: unknown): void }[] = [];
  const sdk = createClient({
    baseUrl: 'https://api.example.com',
    userId: 'me',
    fetch: () => Promise.reject(new TypeError('offline')),
    socket: (handlers) => {
      open.push(handlers);
      return { open: () => handlers.onOpen(), close() {}, emit() {}, request: () => new Promise(() => {}) };
    },
  });
  clients.push(sdk);
  const updates: AvatarUpdated[] = [];
  sdk.realtime.on('avatarUpdated', (event) => updates.push(event));
  const key = fc.constantFrom(
    'userId',
    'avatar_url',
    'avatar_thumb_url',
    'avatar_version',
    '__proto__',
    'constructor',
  );
  const payload = fc.oneof(
    fc.jsonValue(),
    fc
      .array(fc.tuple(key, fc.jsonValue()))
      .map((pairs) => JSON.parse(JSON.stringify(Object.fromEntries(pairs)))),
  );
  const names = [
    'user:avatar:updated',
    'user:avatar:deleted',
    'user:profile:updated',
    '__proto__',
    'toString',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...names), payload, (name, value) => {
      open[0]?.onEvent(name, value);
    }),
    { numRuns: 10_000 },
  );
  expect(open).toHaveLength(1);
  for (const { userId, avatar } of updates) {
    expect(userId).toBeTypeOf('string');
    expect(avatar === null || avatar.url.length > 0).toBe(true);
  }
});
