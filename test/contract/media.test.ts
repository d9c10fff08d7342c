import { describe, expect, test } from 'vitest';
import type { UploadError } from '../../src/errors.ts';
import { definePreset, media, pictureForm, privatePictures } from '../../src/index.ts';
import { type MediaOptions, startMedia } from '../support/literal/media.ts';
import { colouredFile, look } from '../support/sharp-encoder.ts';
import { cause, expired, failure, goLive, join, literal, patience, targets, watch } from './support.ts';

const preset = { preset: media };

describe.each(targets(startMedia))('media, on %s', (_, start) => {
  test('[MD1] uploads a form, learns the media id from the user’s row, and shows picture and thumbnail', async () => {
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    const mine = watch(me, backend.me);
    await expect.poll(() => mine().status, patience).toBe('ready');
    expect(mine()).toMatchObject({ name: 'Maya Lindqvist', avatar: null });
    me.requests.length = 0;

    const avatar = await me.client.avatar.upload(await colouredFile());
    expect(me.requests).toEqual([
      `POST /api/users/${backend.me}/profile-picture`,
      `GET /api/users/${backend.me}`,
    ]);
    expect(avatar.url).toMatch(new RegExp(`^${backend.url}/api/users/media/[\\w-]+$`));
    expect(avatar.thumbUrl).toBe(`${avatar.url}?thumbnail=true`);
    await expect.poll(() => mine().avatar, patience).toEqual(avatar);
    const [full, thumb] = [await look(avatar.url), await look(avatar.thumbUrl)];
    expect([full.width, thumb.width]).toEqual([256, 150]);

    const other = await join(backend, backend.other, preset);
    expect(await other.client.users.get(backend.me)).toMatchObject({ avatar });
  });

  test('[MD1] gives a second picture another address', async () => {
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    const mine = watch(me, backend.me);
    const first = await me.client.avatar.upload(await colouredFile());
    const { colour } = await look(first.url);
    const second = await me.client.avatar.upload(await colouredFile());
    expect(second.url).not.toBe(first.url);
    expect((await look(second.url)).colour).not.toEqual(colour);
    await expect.poll(() => mine().avatar, patience).toEqual(second);
  });

  test('[MD2] deletes the picture, and succeeds where there is none', async () => {
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    const mine = watch(me, backend.me);
    await me.client.avatar.delete();
    await me.client.avatar.upload(await colouredFile());
    await me.client.avatar.delete();
    expect(mine().avatar).toBeNull();
    await me.client.avatar.delete();
    expect((await me.client.users.get(backend.me)).avatar).toBeNull();
    expect(me.client.capabilities).toMatchObject({
      deleteAvatar: true,
      avatarHistory: false,
      profiles: true,
    });
  });

  test('[MD5] learns of others’ changes by reading again after an outage', async () => {
    const backend = await start();
    const [me, other] = [await join(backend, backend.me, preset), await join(backend, backend.other, preset)];
    const mine = watch(other, backend.me);
    await expect.poll(() => mine().status, patience).toBe('ready');
    const avatar = await me.client.avatar.upload(await colouredFile());
    await other.client.users.get(backend.me);
    expect(mine().avatar).toEqual(avatar);
  });

  test('[PS1] asks for a fresh token when the one it has is refused, and sends the picture once more', async () => {
    const backend = await start();
    const { getToken, refreshes } = await expired(backend);
    const me = await join(backend, backend.me, { ...preset, getToken });
    await me.client.avatar.upload(await colouredFile());
    expect(refreshes()).toBe(1);
    expect(me.requests.filter((request) => request.startsWith('POST'))).toHaveLength(2);
  });
});

describe.each(targets(() => startMedia({ events: true })))('media with live events, on %s', (_, start) => {
  test('[MD5] shows others’ changes at once, and the media’s own address in the end', async () => {
    const backend = await start();
    const [me, other] = [await join(backend, backend.me, preset), await join(backend, backend.other, preset)];
    await goLive(other);
    const mine = watch(other, backend.me);
    await expect.poll(() => mine().status, patience).toBe('ready');
    const avatar = await me.client.avatar.upload(await colouredFile());
    await expect.poll(() => mine().avatar?.url.replace(/\?v=.*/, ''), patience).toBe(avatar.url);
    await me.client.avatar.delete();
    await expect.poll(() => mine().avatar, patience).toBeNull();
    // An event is doubted once; what the backend then says is not.
    await new Promise((resolve) => setTimeout(resolve, 700));
    const reads = other.requests.filter((request) => request === `GET /api/users/${backend.me}`).length;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(other.requests.filter((request) => request === `GET /api/users/${backend.me}`)).toHaveLength(
      reads,
    );
  });

  test('[MD5] an own upload is not undone by an older event of a stronger order', async () => {
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    await goLive(me);
    const mine = watch(me, backend.me);
    const first = await me.client.avatar.upload(await colouredFile());
    me.client.realtime.disconnect();
    const second = await me.client.avatar.upload(await colouredFile());
    expect(second.url).not.toBe(first.url);
    const shown = () => mine().avatar?.url.replace(/\?v=.*/, '');
    await expect.poll(shown, patience).toBe(second.url);
    await me.client.users.get(backend.me);
    expect(shown()).toBe(second.url);
  });
});

describe.each(targets(startMedia, { limits: { uploadsPerMinute: 5 } }))(
  'the upload limit of media, on %s',
  (_, start) => {
    test('[MD4] is told with the time to wait, and nothing is tried again', async () => {
      const backend = await start();
      const me = await join(backend, backend.me, preset);
      const mine = watch(me, backend.me);
      for (let i = 0; i < 4; i += 1) await me.client.avatar.upload(await colouredFile());
      const shown = await me.client.avatar.upload(await colouredFile());
      me.requests.length = 0;
      const error = await failure(me.client.avatar.upload(await colouredFile()));
      expect(error).toMatchObject({ code: 'UPLOAD_FAILED', stage: 'put', retryable: true });
      expect(error.cause).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
      const { retryAfterMs } = error as UploadError;
      expect(retryAfterMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeLessThanOrEqual(60_000);
      expect(me.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
      await expect.poll(() => mine().avatar, patience).toEqual(shown);
    });
  },
);

describe('media, on literal servers with quirks', () => {
  const start = async (options: MediaOptions = {}) => {
    const server = await startMedia(options);
    return { server, backend: literal(server) };
  };

  test.each([
    [{ tooLarge: 413, wrongType: 415 }, 'as their statuses say'],
    [{ tooLarge: 400, wrongType: 400 }, 'as 400 and words'],
  ])('[MD3] tells too large and wrong type apart, %o', async (options) => {
    const { backend } = await start(options);
    const big = definePreset({ extends: media, picture: { maxBytes: null } });
    const send = async (blob: Blob) => {
      const picture = { kind: 'avatar', size: 1, type: 'image/jpeg', blob } as const;
      const imageEncoder = {
        warm() {},
        inspect: async () => ({ type: 'image/jpeg' as const, width: 1, height: 1, bytes: 1 }),
        compress: async () => [picture, { ...picture, kind: 'thumb' as const }] as const,
        dispose() {},
      };
      const { client } = await join(backend, backend.me, { preset: big, imageEncoder });
      return cause(client.avatar.upload(blob));
    };
    expect(await send(new Blob([new Uint8Array(900_000)]))).toBe('TOO_LARGE');
    expect(await send(new Blob(['a text']))).toBe('WRONG_TYPE');
  });

  test('[PS2] tells offline and server errors apart', async () => {
    const { server, backend } = await start();
    const me = await join(backend, backend.me, preset);
    server.instead('POST /api/users/:id/profile-picture', { status: 500, body: { success: false } });
    expect(await cause(me.client.avatar.upload(await colouredFile()))).toBe('SERVER_ERROR');
    server.instead('POST /api/users/:id/profile-picture', {
      body: { success: false, message: 'The disk is full' },
    });
    const refused = await failure(me.client.avatar.upload(await colouredFile()));
    expect(refused.message).toContain('The disk is full');
    await server.close();
    expect(await cause(me.client.avatar.upload(await colouredFile()))).toBe('NETWORK');
  });

  test('[MD1] takes another form field', async () => {
    const { backend } = await start({ field: 'picture' });
    const own = definePreset({ extends: media, routes: { upload: { form: pictureForm('picture') } } });
    const { client } = await join(backend, backend.me, { preset: own });
    expect((await client.avatar.upload(await colouredFile())).url).toContain('/api/users/media/');
  });

  test('[PS3] keeps a confirmed upload whose address cannot be read yet', async () => {
    const { server, backend } = await start();
    const me = await join(backend, backend.me, preset);
    const mine = watch(me, backend.me);
    const before = await me.client.avatar.upload(await colouredFile());
    await me.client.users.get(backend.me);
    // A replica that lags: it still has the old row.
    const row = { id: 1, profile_picture: before.url.split('/').at(-1) };
    server.instead('GET /api/users/:id', { body: row });
    const avatar = await me.client.avatar.upload(await colouredFile());
    expect(avatar.url).toMatch(/^data:image\/jpeg;base64,/);
    server.instead('GET /api/users/:id', { body: row });
    await me.client.users.get(backend.me);
    expect(mine().avatar).toEqual(avatar);
    await me.client.users.get(backend.me);
    await expect.poll(() => mine().avatar?.url, patience).toMatch(/\/api\/users\/media\//);
    expect(mine().avatar?.url).not.toBe(before.url);
  });

  test('[PS4] fetches pictures behind the token with it, shows them by blob:, and gives the token to nobody else', async () => {
    const { server, backend } = await start({ privatePictures: true });
    const own = definePreset({ extends: media, pictures: privatePictures });
    const me = await join(backend, backend.me, { preset: own });
    const mine = watch(me, backend.me);
    const published = await me.client.avatar.upload(await colouredFile());
    await expect.poll(() => mine().avatar?.url, patience).toMatch(/^blob:/);
    expect((await look(mine().avatar?.thumbUrl ?? '')).width).toBe(150);
    await expect.poll(async () => (await look(mine().avatar?.url ?? '')).width, patience).toBe(256);
    const path = new URL(published.url).pathname;
    const reads = server.requests.filter((request) => request.path === path);
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.every(({ headers }) => headers.authorization?.startsWith('Bearer '))).toBe(true);

    // Elsewhere: as it is.
    const elsewhere = 'https://cdn.example.com/1.webp';
    me.client.users.update(backend.other, { pictureUrl: elsewhere });
    expect(watch(me, backend.other)().avatar?.url).toBe(elsewhere);

    await me.client.avatar.delete();
    await expect.poll(() => mine().avatar, patience).toBeNull();
  });

  test('[PS4] shows initials where a private picture cannot be had', async () => {
    const { server, backend } = await start({ privatePictures: true });
    const own = definePreset({ extends: media, pictures: privatePictures });
    const me = await join(backend, backend.me, { preset: own });
    server.instead('GET /api/users/:id', { body: { id: 2, name: 'Jonas', profile_picture: 'gone' } });
    const other = watch(me, backend.other);
    await expect.poll(() => other().name, patience).toBe('Jonas');
    await expect
      .poll(() => server.requests.some(({ path }) => path.endsWith('/media/gone')), patience)
      .toBe(true);
    expect(other().avatar).toBeNull();
  });
});
