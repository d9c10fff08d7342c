import { describe, expect, test } from 'vitest';
import { profilePicture, profilePictureJson } from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fakeLocalStorage } from '../support/fake-local-storage.ts';
import { startProfilePicture } from '../support/literal/profile-picture.ts';
import { colouredFile, look } from '../support/sharp-encoder.ts';
import {
  type Backend,
  cause,
  expired,
  join,
  literal,
  patience,
  type Seat,
  targets,
  watch,
} from './support.ts';

const preset = { preset: profilePicture };
const picturePath = ({ me }: Backend) => `/api/profile/picture/${me}`;
const reads = ({ requests }: Seat, path: string) =>
  requests.filter((request) => request === `GET ${path}`).length;

describe.each(targets(startProfilePicture))('profilePicture, on %s', (_, start) => {
  test('[PP1] uploads a form with the user’s id, and learns the path of the picture by reading', async () => {
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    const mine = watch(me, backend.me);
    await expect.poll(() => mine().status, patience).toBe('ready');
    expect(mine().avatar).toBeNull();
    me.requests.length = 0;

    const avatar = await me.client.avatar.upload(await colouredFile());
    await expect
      .poll(() => me.requests, patience)
      .toEqual([
        'POST /api/profile/upload-picture',
        `GET ${picturePath(backend)}`,
        'POST /api/profile/sync-picture',
      ]);
    expect(avatar.url).toMatch(/^http:.*\.webp$/);
    expect((await look(avatar.url)).width).toBe(256);
    await expect.poll(() => mine().avatar, patience).toEqual(avatar);

    const other = await join(backend, backend.other, preset);
    expect((await other.client.users.get(backend.me)).avatar).toEqual(avatar);
  });

  test('[PP2] lists earlier pictures, newest first, and shows one again', async () => {
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    const mine = watch(me, backend.me);
    expect(me.client.capabilities).toMatchObject({ avatarHistory: true, restoreAvatar: true });
    expect(await me.client.avatar.history()).toEqual([]);
    const first = await me.client.avatar.upload(await colouredFile());
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = await me.client.avatar.upload(await colouredFile());

    const history = await me.client.avatar.history();
    expect(history.map(({ isActive }) => isActive)).toEqual([true, false]);
    expect(history.every(({ uploadedAt }) => Math.abs((uploadedAt ?? 0) - Date.now()) < 60_000)).toBe(true);
    const [shown, earlier] = history;
    expect(second.url).toContain(shown?.name);
    expect(first.url).toContain(earlier?.name);

    const restored = await me.client.avatar.restore(earlier ?? { name: '' });
    expect(restored.url).toContain(earlier?.name);
    await expect.poll(() => mine().avatar?.url, patience).toBe(restored.url);
  });

  test('[PP3] deletes softly: the picture is gone, and stays in the history', async () => {
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    const mine = watch(me, backend.me);
    await me.client.avatar.upload(await colouredFile());
    await me.client.avatar.delete();
    expect(mine().avatar).toBeNull();
    await me.client.users.get(backend.me);
    expect(mine().avatar).toBeNull();
    expect(await me.client.avatar.history()).toMatchObject([{ isActive: false }]);
    await me.client.avatar.delete();
  });

  test('[PP4] reads users on screen again every 30 seconds', async () => {
    const backend = await start();
    const clock = new FakeClock();
    const other = await join(backend, backend.other, { ...preset, clock });
    const theirs = watch(other, backend.me);
    await expect.poll(() => theirs().status, patience).toBe('ready');
    const me = await join(backend, backend.me, preset);
    const avatar = await me.client.avatar.upload(await colouredFile());
    await clock.advance(29_000);
    expect(reads(other, picturePath(backend))).toBe(1);
    await clock.advance(1_100);
    await expect.poll(() => theirs().avatar, patience).toEqual(avatar);
    await me.client.avatar.delete();
    await clock.advance(30_000);
    await expect.poll(() => theirs().avatar, patience).toBeNull();
    expect(reads(other, picturePath(backend))).toBe(3);
    other.client.dispose();
    await clock.advance(100_000);
    expect(reads(other, picturePath(backend))).toBe(3);
  });

  test('[PP5] shows the right picture on the next page before the network answers', async () => {
    fakeLocalStorage();
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    watch(me, backend.me);
    const avatar = await me.client.avatar.upload(await colouredFile());
    me.client.dispose();

    const offline = () => Promise.reject(new TypeError('offline'));
    const next = await join(backend, backend.me, { ...preset, fetch: offline });
    const mine = watch(next, backend.me);
    expect(mine()).toMatchObject({ avatar, status: 'loading' });
    await expect.poll(() => mine().status, patience).toBe('failed');
    expect(mine().avatar).toEqual(avatar);

    // What was changed meanwhile is shown once the backend has answered.
    const elsewhere = await join(backend, backend.me, preset);
    await elsewhere.client.avatar.delete();
    const later = await join(backend, backend.me, preset);
    const seen = watch(later, backend.me);
    await expect.poll(() => seen().status, patience).toBe('ready');
    expect(seen().avatar).toBeNull();
  });

  test('[PS1] asks for a fresh token when the one it has is refused, and sends the picture once more', async () => {
    const backend = await start();
    const { getToken, refreshes } = await expired(backend);
    const me = await join(backend, backend.me, { ...preset, getToken });
    await me.client.avatar.upload(await colouredFile());
    expect(refreshes()).toBe(1);
  });
});

describe.each(targets(() => startProfilePicture({ stateless: true })))(
  'profilePictureJson, on %s',
  (_, start) => {
    const json = { preset: profilePictureJson };

    test('[PP6] sends JSON to the paths of the serverless deployment', async () => {
      const backend = await start();
      const me = await join(backend, backend.me, json);
      const mine = watch(me, backend.me);
      await expect.poll(() => mine().status, patience).toBe('ready');
      me.requests.length = 0;
      const avatar = await me.client.avatar.upload(await colouredFile());
      expect(me.requests.slice(0, 2)).toEqual([
        'POST /api/profile-picture-api/upload-picture',
        `GET /api/profile-picture-api/picture?userId=${backend.me}`,
      ]);
      expect((await look(avatar.url)).width).toBe(256);
      await me.client.avatar.history();
      expect(me.requests.at(-1)).toBe(`GET /api/profile-picture-api/picture-history?userId=${backend.me}`);
      await me.client.avatar.delete();
      expect(mine().avatar).toBeNull();
    });

    test('[PS3] no read takes a confirmed upload back, on this page and on the next', async () => {
      fakeLocalStorage();
      const backend = await start();
      const clock = new FakeClock();
      const me = await join(backend, backend.me, { ...json, clock });
      const mine = watch(me, backend.me);
      await expect.poll(() => mine().status, patience).toBe('ready');
      const avatar = await me.client.avatar.upload(await colouredFile());
      const { colour } = await look(avatar.url);
      for (let i = 0; i < 3; i += 1) {
        const before = me.requests.length;
        await clock.advance(31_000);
        await expect.poll(() => me.requests.length, patience).toBeGreaterThan(before);
        await me.client.users.get(backend.me);
        expect(mine().avatar?.url).toBe(avatar.url);
      }
      me.client.dispose();

      const next = await join(backend, backend.me, json);
      const shown = watch(next, backend.me);
      await expect.poll(() => shown().status, patience).toBe('ready');
      await next.client.users.get(backend.me);
      expect((await look(shown().avatar?.url ?? '')).colour).toEqual(colour);

      // A later change still wins.
      const second = await next.client.avatar.upload(await colouredFile());
      expect((await look(second.url)).colour).not.toEqual(colour);
      await next.client.avatar.delete();
      await next.client.users.get(backend.me);
      expect(shown().avatar).toBeNull();
    });
  },
);

describe('profilePicture, on literal servers with quirks', () => {
  test('[PP2] takes a bare list as the history', async () => {
    const backend = literal(await startProfilePicture({ bareHistory: true }));
    const { client } = await join(backend, backend.me, preset);
    await client.avatar.upload(await colouredFile());
    expect(await client.avatar.history()).toMatchObject([{ isActive: true }]);
  });

  test('[PS2] tells too large, wrong type, offline and server errors apart, and tries again what may pass', async () => {
    const server = await startProfilePicture();
    const backend = literal(server);
    const upload = 'POST /api/profile/upload-picture';
    const me = await join(backend, backend.me, { ...preset, timeoutMs: 5_000 });
    const fail = async (status: number, error: string) => {
      for (let i = 0; i < 3; i += 1) server.instead(upload, { status, body: { error } });
      me.requests.length = 0;
      const code = await cause(me.client.avatar.upload(await colouredFile()));
      const tries = me.requests.filter((request) => request === upload).length;
      // What is left of the replies must not meet the next upload.
      for (let i = tries; i < 3; i += 1) await me.client.avatar.upload(await colouredFile()).catch(() => {});
      return [code, tries];
    };
    expect(await fail(400, 'File too large')).toEqual(['TOO_LARGE', 1]);
    expect(await fail(413, 'Request body too large')).toEqual(['TOO_LARGE', 1]);
    expect(await fail(400, 'Only image files are allowed')).toEqual(['WRONG_TYPE', 1]);
    expect(await fail(400, 'No file uploaded')).toEqual(['BAD_REQUEST', 1]);
    expect(await fail(500, 'The disk is full')).toEqual(['SERVER_ERROR', 3]);
    await server.close();
    expect(await cause(me.client.avatar.upload(await colouredFile()))).toBe('NETWORK');
  });

  test('[PS3] on a backend that forgets, a read with another picture is newer', async () => {
    const server = await startProfilePicture({ stateless: true });
    const backend = literal(server);
    const me = await join(backend, backend.me, { preset: profilePictureJson });
    const mine = watch(me, backend.me);
    await expect.poll(() => mine().status, patience).toBe('ready');
    await me.client.avatar.upload(await colouredFile());
    server.instead('GET /api/profile-picture-api/picture', {
      body: { success: true, profilePicture: 'new.png', profilePicturePath: '/uploads/new.png' },
    });
    await me.client.users.get(backend.me);
    await expect.poll(() => mine().avatar?.url, patience).toBe(`${server.url}/uploads/new.png`);
    // From then on it is known to remember.
    await me.client.users.get(backend.me);
    await expect.poll(() => mine().avatar, patience).toBeNull();
  });

  test('[PP7] a failed upload shows the picture from before, and what arrived all the same after it', async () => {
    const server = await startProfilePicture();
    const backend = literal(server);
    const me = await join(backend, backend.me, preset);
    const mine = watch(me, backend.me);
    const before = await me.client.avatar.upload(await colouredFile());
    server.instead('POST /api/profile/upload-picture', { status: 400, body: { error: 'No' } });
    await expect(me.client.avatar.upload(await colouredFile())).rejects.toThrow('No');
    expect(mine().avatar).toEqual(before);

    const controller = new AbortController();
    const upload = me.client.avatar.upload(await colouredFile(), {
      signal: controller.signal,
      onProgress: ({ stage }) => {
        if (stage === 'complete') controller.abort('mine');
      },
    });
    await expect(upload).rejects.toBe('mine');
    await expect.poll(() => mine().avatar?.url, patience).not.toBe(before.url);
    expect(server.stateOf(1)).toBe(mine().avatar?.url.split('/').at(-1));
  });
});
