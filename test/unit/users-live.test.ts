import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { createClient } from '../../src/client.ts';
import type { SocketHandlers } from '../../src/lib/socket-port.ts';
import type { ClientOptions } from '../../src/options.ts';
import { api, mockBackend, profileRoute, profileRow } from '../support/backend.ts';
import { FakeClock } from '../support/fake-clock.ts';

const server = mockBackend();

/** A client whose live events come from the test. */
function client(options: Partial<ClientOptions> = {}) {
  let handlers: SocketHandlers | undefined;
  const sdk = createClient({
    baseUrl: api,
    userId: 'me',
    random: () => 0,
    socket: (own) => {
      handlers = own;
      return { open: () => own.onOpen(), close() {}, emit() {}, request: () => new Promise(() => {}) };
    },
    ...options,
  });
  const change = (version: number, userId = 'u1') =>
    handlers?.onEvent('user:avatar:updated', {
      userId,
      avatar_url: `https://cdn.example.com/${userId}-${version}.webp`,
      avatar_version: version,
    });
  return { sdk, change };
}

async function ready(sdk: ReturnType<typeof client>['sdk'], id = 'u1') {
  const user = sdk.users.live(id);
  let notifications = 0;
  const undo = user.subscribe(() => {
    notifications += 1;
  });
  await expect.poll(() => user.getSnapshot().status).toBe('ready');
  return { user, undo, notifications: () => notifications };
}

describe('live user', () => {
  it('[US3] has frozen snapshots that stay the same object while nothing changes', async () => {
    server.use(profileRoute());
    const { sdk, change } = client();
    const { user } = await ready(sdk);
    const snapshot = user.getSnapshot();
    expect(snapshot).toMatchObject({
      id: 'u1',
      name: 'User u1',
      username: 'user_u1',
      initials: 'UU',
      pending: false,
    });
    expect(snapshot.avatar).toEqual({
      url: 'https://cdn.example.com/u1-1.webp?v=1',
      thumbUrl: 'https://cdn.example.com/u1-1-thumb.webp?v=1',
      version: 1,
    });
    expect(
      Object.isFrozen(snapshot) && Object.isFrozen(snapshot.avatar) && Object.isFrozen(snapshot.color),
    ).toBe(true);
    change(2, 'somebody else');
    change(1);
    expect(user.getSnapshot()).toBe(snapshot);
    change(2);
    await expect.poll(() => user.getSnapshot()).not.toBe(snapshot);
  });

  it('[US4] notifies at most once per frame, whatever comes in', async () => {
    server.use(profileRoute());
    const clock = new FakeClock();
    const { sdk, change } = client({ clock });
    const user = sdk.users.live('u1');
    let notifications = 0;
    user.subscribe(() => {
      notifications += 1;
    });
    while (user.getSnapshot().status !== 'ready') await clock.advance(20);
    await clock.advance(100);
    notifications = 0;
    for (let frame = 0; frame < 60; frame += 1) {
      for (let i = 0; i < 100; i += 1) change(2 + frame * 100 + i);
      await clock.advance(16);
    }
    await clock.advance(100);
    expect(user.getSnapshot().avatar?.version).toBe(6_001);
    expect(notifications).toBeGreaterThan(0);
    expect(notifications).toBeLessThanOrEqual(61);
  });

  it('[US5] reads its profile when somebody looks, once for many who look', async () => {
    let reads = 0;
    server.use(
      http.get(`${api}/api/users/:id/profile`, ({ params }) => {
        reads += 1;
        return HttpResponse.json(profileRow(String(params.id)));
      }),
    );
    const { sdk } = client();
    const user = sdk.users.live('u1');
    expect(user.getSnapshot()).toMatchObject({ status: 'idle', name: '', initials: '?', avatar: null });
    user.subscribe(() => {});
    const listener = () => {};
    user.subscribe(listener);
    const undo = user.subscribe(listener);
    undo();
    undo();
    expect(user.getSnapshot().status).toBe('loading');
    await sdk.users.get('u1');
    expect(user.getSnapshot().status).toBe('ready');
    user.subscribe(() => {});
    expect(reads).toBe(1);
  });

  it('[US6] says missing when the backend has no such user, and get rejects', async () => {
    server.use(
      http.get(`${api}/api/users/:id/profile`, () => HttpResponse.json({ error: 'none' }, { status: 404 })),
    );
    const { sdk } = client();
    const user = sdk.users.live('ghost');
    user.subscribe(() => {});
    await expect.poll(() => user.getSnapshot().status).toBe('missing');
    await expect(sdk.users.get('ghost')).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });

  it('[US7] says failed, and tries again by itself while somebody looks', async () => {
    let up = false;
    server.use(
      http.get(`${api}/api/users/:id/profile`, ({ params }) =>
        up ? HttpResponse.json(profileRow(String(params.id))) : HttpResponse.json({}, { status: 500 }),
      ),
    );
    const clock = new FakeClock();
    const { sdk } = client({ clock, random: () => 0.9 });
    const user = sdk.users.live('u1');
    user.subscribe(() => {});
    for (let i = 0; i < 50 && user.getSnapshot().status !== 'failed'; i += 1) await clock.advance(500);
    expect(user.getSnapshot().status).toBe('failed');
    up = true;
    for (let i = 0; i < 50 && user.getSnapshot().status !== 'ready'; i += 1) await clock.advance(500);
    expect(user.getSnapshot().status).toBe('ready');
  });

  it('[US8] reads few profiles at a time', async () => {
    let running = 0;
    let most = 0;
    server.use(
      http.get(`${api}/api/users/:id/profile`, async ({ params }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
        return HttpResponse.json(profileRow(String(params.id)));
      }),
    );
    const { sdk } = client();
    await Promise.all(Array.from({ length: 20 }, (_, i) => sdk.users.get(`u${i}`)));
    expect(most).toBe(4);
  });
});

describe('a changed picture', () => {
  const decoding = () => {
    const decodes: { readonly url: string; finish(): void; fail(): void }[] = [];
    const preload = (url: string) =>
      new Promise<void>((resolve, reject) => {
        decodes.push({ url, finish: resolve, fail: () => reject(new Error('broken')) });
      });
    return { decodes, preload };
  };

  it('[US9] leaves the old one on screen until it is decoded', async () => {
    server.use(profileRoute());
    const { decodes, preload } = decoding();
    const { sdk, change } = client({ preload });
    const { user } = await ready(sdk);
    sdk.realtime.connect();
    change(2);
    await Promise.resolve();
    expect(user.getSnapshot().avatar?.version).toBe(1);
    expect(decodes.map(({ url }) => url)).toEqual(['https://cdn.example.com/u1-2.webp?v=2']);
    decodes[0]?.finish();
    await expect.poll(() => user.getSnapshot().avatar?.version).toBe(2);
  });

  it('[US9] never brings an older one back, however late its decode ends', async () => {
    server.use(profileRoute());
    const { decodes, preload } = decoding();
    const { sdk, change } = client({ preload });
    const { user } = await ready(sdk);
    const versions: (number | null | undefined)[] = [];
    user.subscribe(() => versions.push(user.getSnapshot().avatar?.version));
    change(2);
    await Promise.resolve();
    change(3);
    await Promise.resolve();
    decodes[1]?.finish();
    await expect.poll(() => user.getSnapshot().avatar?.version).toBe(3);
    decodes[0]?.finish();
    change(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(versions).toEqual([3]);
  });

  it('[US9] of many at once only the last is loaded', async () => {
    server.use(profileRoute());
    const { decodes, preload } = decoding();
    const { sdk, change } = client({ preload });
    const { user } = await ready(sdk);
    for (const version of [2, 3, 4]) change(version);
    await expect.poll(() => decodes).toHaveLength(1);
    decodes[0]?.finish();
    await expect.poll(() => user.getSnapshot().avatar?.version).toBe(4);
    expect(decodes).toHaveLength(1);
  });

  it('[US9] is shown at once when nobody looks, and a delete always is', async () => {
    server.use(profileRoute());
    const { decodes, preload } = decoding();
    const { sdk, change } = client({ preload });
    const { user, undo } = await ready(sdk);
    undo();
    change(2);
    expect(user.getSnapshot().avatar?.version).toBe(2);
    expect(decodes).toEqual([]);
  });

  it('[US10] is shown all the same when it cannot be decoded after three tries', async () => {
    server.use(profileRoute());
    const clock = new FakeClock();
    let tries = 0;
    const { sdk, change } = client({
      clock,
      preload: () => {
        tries += 1;
        return Promise.reject(new Error('404'));
      },
    });
    const user = sdk.users.live('u1');
    user.subscribe(() => {});
    while (user.getSnapshot().status !== 'ready') await clock.advance(20);
    change(2);
    await clock.advance(10);
    expect(user.getSnapshot().avatar?.version).toBe(1);
    await clock.advance(5_000);
    expect(user.getSnapshot().avatar?.version).toBe(2);
    expect(tries).toBe(3);
  });
});
