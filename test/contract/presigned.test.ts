import { describe, expect, test } from 'vitest';
import { presigned } from '../../src/index.ts';
import { startPresigned } from '../support/literal/presigned.ts';
import { colouredFile, look } from '../support/sharp-encoder.ts';
import { cause, expired, goLive, join, literal, patience, targets, watch } from './support.ts';

const preset = { preset: presigned };
const bare = (url: string | undefined) => url?.replace(/[?&]v=.*/, '');

describe.each(targets(startPresigned))('presigned, on %s', (_, start) => {
  test('[PD1] presigns, puts both pictures to the storage host without the token, and completes', async () => {
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    const mine = watch(me, backend.me);
    await expect.poll(() => mine().status, patience).toBe('ready');
    expect(mine()).toMatchObject({ name: 'Maya Lindqvist', username: 'maya', avatar: null });
    me.requests.length = 0;
    const avatar = await me.client.avatar.upload(await colouredFile());
    expect(me.requests).toEqual(['POST /api/users/me/avatar/presign', 'POST /api/users/me/avatar/complete']);
    const [full, thumb] = [await look(avatar.url), await look(avatar.thumbUrl)];
    expect([full.width, thumb.width]).toEqual([256, 64]);
    await expect.poll(() => bare(mine().avatar?.url), patience).toBe(bare(avatar.url));
    const other = await join(backend, backend.other, preset);
    expect(bare((await other.client.users.get(backend.me)).avatar?.url)).toBe(bare(avatar.url));
  });

  test('[PD2] shows an upload and a delete elsewhere at once, also what is told before the answer', async () => {
    const backend = await start();
    const [me, other] = [await join(backend, backend.me, preset), await join(backend, backend.other, preset)];
    const [mine, theirs] = [watch(me, backend.me), watch(other, backend.me)];
    await Promise.all([goLive(me), goLive(other)]);
    await expect.poll(() => theirs().status, patience).toBe('ready');
    const told: (string | null)[] = [];
    other.client.realtime.on('avatarUpdated', ({ userId, avatar }) => {
      if (userId === backend.me) told.push(avatar?.url ?? null);
    });
    const avatar = await me.client.avatar.upload(await colouredFile());
    await expect.poll(() => bare(theirs().avatar?.url), patience).toBe(bare(avatar.url));
    await expect.poll(() => bare(mine().avatar?.url), patience).toBe(bare(avatar.url));
    expect((await look(mine().avatar?.thumbUrl ?? '')).width).toBe(64);
    await me.client.avatar.delete();
    await expect.poll(() => theirs().avatar, patience).toBeNull();
    expect(mine().avatar).toBeNull();
    expect([...new Set(told.map((url) => url && bare(url)))]).toEqual([bare(avatar.url), null]);
  });

  test('[PD3] a delete without a picture succeeds', async () => {
    const backend = await start();
    const { client } = await join(backend, backend.me, preset);
    await client.avatar.delete();
    expect((await client.users.get(backend.me)).avatar).toBeNull();
    expect(client.capabilities).toMatchObject({ deleteAvatar: true, avatarHistory: false, profiles: true });
  });

  test('[PS1] asks for a fresh token when the one it has is refused', async () => {
    const backend = await start();
    const { getToken, refreshes } = await expired(backend);
    const me = await join(backend, backend.me, { ...preset, getToken });
    await me.client.avatar.upload(await colouredFile());
    expect(refreshes()).toBe(1);
  });
});

describe('presigned, on literal servers with quirks', () => {
  test('[PD2] takes a profile event with one field for that field alone, and ids for what they name', async () => {
    const server = await startPresigned();
    const backend = literal(server);
    const [me, other] = [await join(backend, backend.me, preset), await join(backend, backend.other, preset)];
    await goLive(other);
    const theirs = watch(other, backend.me);
    await expect.poll(() => theirs().status, patience).toBe('ready');
    const avatar = await me.client.avatar.upload(await colouredFile());
    await expect.poll(() => bare(theirs().avatar?.url), patience).toBe(avatar.url.replace(/\?.*/, ''));
    server.rename(1, 'Maya L.');
    await expect.poll(() => theirs().name, patience).toBe('Maya L.');
    expect(bare(theirs().avatar?.url)).toBe(bare(avatar.url));
  });

  test('[PD1] sends a presigned POST as a form', async () => {
    const server = await startPresigned({ form: true });
    const backend = literal(server);
    const me = await join(backend, backend.me, preset);
    const avatar = await me.client.avatar.upload(await colouredFile());
    expect((await look(avatar.url)).width).toBe(256);
    expect(server.storage.requests.map(({ method }) => method)).toContain('POST');
    expect(server.storage.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test('[PS2] tells offline, server and storage errors apart', async () => {
    const server = await startPresigned();
    const backend = literal(server);
    const me = await join(backend, backend.me, { ...preset, random: () => 0 });
    server.instead('POST /api/users/me/avatar/presign', {
      status: 400,
      body: { error: 'Unsupported file type' },
    });
    expect(await cause(me.client.avatar.upload(await colouredFile()))).toBe('BAD_REQUEST');
    await server.storage.close();
    expect(await cause(me.client.avatar.upload(await colouredFile()))).toBe('NETWORK');
  });
});
