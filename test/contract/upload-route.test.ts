import { describe, expect, test } from 'vitest';
import { definePreset, pictureForm, uploadRoute } from '../../src/index.ts';
import { fakeLocalStorage } from '../support/fake-local-storage.ts';
import { startUploadRoute } from '../support/literal/upload-route.ts';
import { colouredFile, look } from '../support/sharp-encoder.ts';
import { cause, expired, failure, join, literal, patience, targets, watch } from './support.ts';

const preset = { preset: uploadRoute };

describe.each(targets(startUploadRoute))('uploadRoute, on %s', (_, start) => {
  test('[UP1] uploads a form and shows the address of the answer, free of what was added against caches', async () => {
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    const mine = watch(me, backend.me);
    const avatar = await me.client.avatar.upload(await colouredFile());
    expect(me.requests).toEqual(['POST /api/upload/profile']);
    expect(avatar.url).not.toMatch(/[?&]t=/);
    expect(avatar.url).toMatch(/\?v=\d+$/);
    expect((await look(avatar.url)).width).toBe(256);
    await expect.poll(() => mine().avatar, patience).toEqual(avatar);
  });

  test('[UP2] says that there is no way to delete, list or read, and what to do about it', async () => {
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    expect(me.client.capabilities).toMatchObject({
      deleteAvatar: false,
      avatarHistory: false,
      restoreAvatar: false,
      profiles: false,
    });
    const mine = watch(me, backend.me);
    const avatar = await me.client.avatar.upload(await colouredFile());
    for (const call of [
      me.client.avatar.delete(),
      me.client.avatar.history(),
      me.client.avatar.restore({ name: 'x' }),
      me.client.avatar.presign([]),
      me.client.avatar.complete([]),
    ]) {
      expect(await failure(call)).toMatchObject({ code: 'UNSUPPORTED', retryable: false });
    }
    expect(mine().avatar).toEqual(avatar);
    await me.client.users.get(backend.me);
    expect(me.requests).toEqual(['POST /api/upload/profile']);
    expect(mine().avatar).toEqual(avatar);
  });

  test('[UP3] shows the own picture on the next page, where no route could tell it', async () => {
    fakeLocalStorage();
    const backend = await start();
    const me = await join(backend, backend.me, preset);
    watch(me, backend.me);
    const avatar = await me.client.avatar.upload(await colouredFile());
    me.client.users.update(backend.me, { name: 'Maya' });
    me.client.dispose();
    const next = await join(backend, backend.me, preset);
    expect(watch(next, backend.me)()).toMatchObject({ avatar, name: 'Maya' });
    expect(next.requests).toEqual([]);
  });

  test('[PS1] asks for a fresh token when the one it has is refused, and sends the picture once more', async () => {
    const backend = await start();
    const { getToken, refreshes } = await expired(backend);
    const me = await join(backend, backend.me, { ...preset, getToken });
    await me.client.avatar.upload(await colouredFile());
    expect(refreshes()).toBe(1);
    expect(me.requests).toHaveLength(2);
  });

  test('[UP4] sends the user’s id along where the backend wants it', async () => {
    const backend = await start();
    const withId = (id: string) =>
      definePreset({ extends: uploadRoute, routes: { upload: { headers: () => ({ 'user-id': id }) } } });
    const me = await join(backend, backend.me, { preset: withId(backend.me) });
    await me.client.avatar.upload(await colouredFile());
    const spoofed = await join(backend, backend.me, { preset: withId(backend.other) });
    expect(await cause(spoofed.client.avatar.upload(await colouredFile()))).toBe('FORBIDDEN');
  });
});

describe('uploadRoute, on literal servers with quirks', () => {
  test('[UP1] understands `?t=` after a query that was there', async () => {
    const server = await startUploadRoute({ query: 'size=full' });
    const backend = literal(server);
    const me = await join(backend, backend.me, preset);
    const avatar = await me.client.avatar.upload(await colouredFile());
    expect(server.stateOf(1)).toMatch(/\?size=full\?t=\d+$/);
    expect(avatar.url).toMatch(/\?size=full&v=\d+$/);
  });

  test('[UP4] sends the field of older backends', async () => {
    const backend = literal(await startUploadRoute({ field: 'profilePhoto' }));
    const own = definePreset({
      extends: uploadRoute,
      routes: { upload: { form: pictureForm('profilePhoto') } },
    });
    const me = await join(backend, backend.me, { preset: own });
    expect((await me.client.avatar.upload(await colouredFile())).url).toContain('/uploads/');
    const wrong = await join(backend, backend.me, preset);
    expect(await cause(wrong.client.avatar.upload(await colouredFile()))).toBe('BAD_REQUEST');
  });

  test('[PS2] tells too large, wrong type, offline and server errors apart, and sends nothing twice', async () => {
    const server = await startUploadRoute();
    const backend = literal(server);
    const me = await join(backend, backend.me, preset);
    const fail = async (status: number, error: string) => {
      server.instead('POST /api/upload/profile', { status, body: { error, details: 'more' } });
      return cause(me.client.avatar.upload(await colouredFile()));
    };
    expect(await fail(400, 'File size exceeds the limit')).toBe('TOO_LARGE');
    expect(await fail(400, 'Invalid file type')).toBe('WRONG_TYPE');
    expect(await fail(500, 'The disk is full')).toBe('SERVER_ERROR');
    expect(me.requests).toHaveLength(3);
    await server.close();
    expect(await cause(me.client.avatar.upload(await colouredFile()))).toBe('NETWORK');
  });
});
