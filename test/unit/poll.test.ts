import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClient } from '../../src/client.ts';
import { profilePictureJson } from '../../src/index.ts';
import type { SocketHandlers } from '../../src/lib/socket-port.ts';
import { createFakeEncoder } from '../../src/testing/index.ts';
import { pollEvery } from '../../src/users/poll.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { fakeLocalStorage } from '../support/fake-local-storage.ts';

afterEach(() => void vi.unstubAllGlobals());

describe('reading again at intervals', () => {
  let page: EventTarget & { visibilityState: 'visible' | 'hidden' };
  let clock: FakeClock;
  let reads: string[];
  let stop: () => void;

  beforeEach(() => {
    page = Object.assign(new EventTarget(), { visibilityState: 'visible' as const });
    vi.stubGlobal('document', page);
    vi.stubGlobal('window', new EventTarget());
    clock = new FakeClock();
    reads = [];
    stop = pollEvery(30_000)({
      clock,
      loader: { watched: () => ['u1', 'u2'], refreshWithin: (id, { to }) => void reads.push(`${id} ${to}`) },
    });
  });

  function look(visibilityState: 'visible' | 'hidden') {
    page.visibilityState = visibilityState;
    page.dispatchEvent(new Event('visibilitychange'));
  }
  const round = ['u1 3000', 'u2 3000'];

  it('[PP4] goes on every 30 seconds, spread over three, for whoever is on screen', async () => {
    await clock.advance(29_999);
    expect(reads).toEqual([]);
    await clock.advance(1);
    expect(reads).toEqual(round);
    await clock.advance(60_000);
    expect(reads).toEqual([...round, ...round, ...round]);
  });

  it('[PP4] rests while the page is hidden, and goes on at once when it is back', async () => {
    look('hidden');
    await clock.advance(600_000);
    expect([reads, clock.waiting]).toEqual([[], 0]);
    look('visible');
    expect(reads).toEqual(round);
    await clock.advance(29_999);
    expect(reads).toEqual(round);
    await clock.advance(1);
    expect(reads).toEqual([...round, ...round]);
  });

  it('[PP4] reads nothing early when the page was hidden for less than that', async () => {
    await clock.advance(10_000);
    look('hidden');
    look('visible');
    look('hidden');
    look('visible');
    expect(reads).toEqual([]);
    await clock.advance(20_000);
    expect(reads).toEqual(round);
    await clock.advance(30_000);
    expect(reads).toEqual([...round, ...round]);
  });

  it('[PP4] ends with the client, also while the page is hidden', async () => {
    look('hidden');
    await clock.advance(60_000);
    stop();
    look('visible');
    await clock.advance(60_000);
    expect([reads, clock.waiting]).toEqual([[], 0]);
  });
});

describe('a backend that forgets every picture', () => {
  it('[PS3] never takes a confirmed upload back, whatever it says how often, and is not asked in circles', async () => {
    fakeLocalStorage();
    const clock = new FakeClock();
    const asked: string[] = [];
    let handlers: SocketHandlers | undefined;
    const client = createClient({
      baseUrl: 'https://api.example.com',
      userId: 'me',
      preset: profilePictureJson,
      imageEncoder: createFakeEncoder(),
      preload: async () => {},
      clock,
      random: () => 0,
      tabPorts: null,
      socket: (own) => {
        handlers = own;
        return { open: () => own.onOpen(), close() {}, emit() {}, request: () => new Promise(() => {}) };
      },
      fetch: async (input, init) => {
        const { pathname } = new URL(String(input));
        asked.push(`${init?.method} ${pathname.split('/').at(-1)}`);
        if (pathname.endsWith('/upload-picture')) {
          return Response.json({
            success: true,
            filename: 'me-1.webp',
            user: { profilePicture: 'me-1.webp' },
          });
        }
        const none = {
          profilePicture: 'default-avatar.jpg',
          profilePicturePath: '/uploads/default-avatar.jpg',
        };
        return Response.json({ success: true, ...none });
      },
    });
    const mine = client.users.live('me');
    mine.subscribe(() => {});
    client.realtime.connect();
    await settle();
    const { url } = await client.avatar.upload(new Blob(['x']));
    const shown = () => mine.getSnapshot().avatar?.url;
    await expect.poll(shown).toBe(url);
    const gone: (string | undefined)[] = [];
    client.realtime.on('avatarUpdated', ({ avatar }) => gone.push(avatar?.url));

    asked.length = 0;
    for (let round = 0; round < 10; round += 1) {
      await clock.advance(31_000);
      expect(shown()).toBe(url);
    }
    // One read in each round, and none that another one called for.
    expect(asked).toEqual(Array(10).fill('GET picture'));

    // A name that is told live, without a version, is looked up once, and brings no picture back.
    asked.length = 0;
    handlers?.onEvent('user:profile:updated', { userId: 'me', display_name: 'Maya' });
    await clock.advance(20_000);
    expect(asked.length).toBeLessThanOrEqual(2);
    expect([shown(), mine.getSnapshot().name, gone]).toEqual([url, 'Maya', []]);
    client.dispose();
  });
});
