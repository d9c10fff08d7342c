import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, type Json, listen, picture, signIn, startServer, stored, type TestServer } from './support.ts';
import { look, photo, sendForm } from './wires-support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const none = { profilePicture: 'default-avatar.jpg', profilePicturePath: '/uploads/default-avatar.jpg' };

async function person(userId: string) {
  const token = await signIn(server, userId);
  const ask = (method: string, path: string, json?: unknown) =>
    call(server, method, `/api/profile${path}`, { token, json });
  return {
    token,
    ask,
    upload: async (file?: File, fields: Record<string, string> = { userId }) =>
      sendForm(server, '/api/profile/upload-picture', {
        token,
        form: { ...fields, profilePicture: file ?? (await photo()) },
      }),
    read: async () => (await ask('GET', `/picture/${userId}`)).body,
    history: async (): Promise<Json[]> => (await ask('GET', '/picture-history')).body.history,
    remove: () => ask('DELETE', '/delete-picture', { userId }),
    objects: async () => (await stored(server, 'public')).filter((key) => key.includes(`/${userId}/`)).length,
  };
}

describe('An upload', () => {
  test('is known by a file name; only the read gives where it is', async () => {
    const maya = await person('u1');
    expect(await maya.read()).toMatchObject({ success: true, ...none });
    const { status, body } = await maya.upload();
    const { filename } = body;
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: expect.any(String),
      filename: expect.stringMatching(/^[0-9a-f]{32}\.webp$/),
      user: { userId: 'u1', profilePicture: filename, updatedAt: expect.stringMatching(/Z$/) },
    });
    const jonas = await person('u2');
    const read = (await jonas.ask('GET', '/picture/u1')).body;
    expect(read).toEqual({ success: true, profilePicture: filename, profilePicturePath: expect.any(String) });
    const shown = await look(new URL(read.profilePicturePath, server.url).href);
    expect(shown).toMatchObject({ type: 'image/webp', width: 256, height: 256 });
    expect((await look(server.url + none.profilePicturePath)).type).toBe('image/jpeg');
  });

  test('comes as base64 too, in a data URL or bare, under both prefixes', async () => {
    const maya = await person('u1');
    const bytes = (await picture('png')).toString('base64');
    for (const base64Image of [bytes, `data:image/png;base64,${bytes}`]) {
      for (const base of ['/api/profile', '/api/profile-picture-api']) {
        const json = { userId: 'u1', base64Image, filename: 'me.png' };
        const { body } = await call(server, 'POST', `${base}/upload-picture`, { token: maya.token, json });
        const read = await call(server, 'GET', `${base}/picture?userId=u1`, { token: maya.token });
        expect(read.body.profilePicture).toBe(body.filename);
      }
    }
  });

  test('may be 10 MB as a form, 6 MB as JSON, and must be a picture', async () => {
    const maya = await person('u1');
    const megabyte = 1024 * 1024;
    const large = (size: number) => new File([new Uint8Array(size)], 'zeros.png', { type: 'image/png' });
    expect((await maya.upload(large(10 * megabyte))).status).toBe(415);
    expect(await maya.upload(large(10 * megabyte + 1))).toMatchObject({
      status: 413,
      body: { error: expect.any(String) },
    });
    const json = (base64Image: unknown) => maya.ask('POST', '/upload-picture', { base64Image });
    expect((await json('A'.repeat(5 * megabyte))).status).toBe(415);
    expect((await json('A'.repeat(6 * megabyte))).status).toBe(413);
    for (const bad of ['', '!!!!', null, 7, ['x'], 'data:image/png;base64,'])
      expect((await json(bad)).status).toBe(400);
    expect((await maya.upload(await photo('webp'))).status).toBe(200);
  });

  test('for somebody else is refused, whatever it says', async () => {
    const jonas = await person('u2');
    expect((await jonas.upload(undefined, { userId: 'u1' })).status).toBe(403);
    const other = { userId: 'u1', profilePicture: 'x', syncTimestamp: 1 };
    expect((await jonas.ask('PUT', '/update-picture', other)).status).toBe(403);
    expect((await jonas.ask('DELETE', '/delete-picture', other)).status).toBe(403);
    expect((await jonas.ask('POST', '/sync-picture', other)).status).toBe(403);
    expect((await jonas.ask('GET', '/picture-history?userId=u1')).status).toBe(403);
    expect((await call(server, 'GET', '/api/profile/picture/u1')).status).toBe(401);
    expect((await jonas.ask('GET', '/picture/nobody')).status).toBe(404);
  });
});

describe('The history', () => {
  test('has every picture, newest first, and tells which one is shown', async () => {
    const zoe = await person('u3');
    const names = [];
    for (const format of ['png', 'gif', 'jpeg'] as const)
      names.unshift((await zoe.upload(await photo(format))).body.filename);
    const history = await zoe.history();
    expect(history.map((row) => row.filename)).toEqual(names);
    expect(history.map((row) => row.isActive)).toEqual([true, false, false]);
    expect(history[0]).toEqual({
      id: expect.any(String),
      userId: 'u3',
      filename: names[0],
      uploadDate: expect.stringMatching(/Z$/),
      isActive: true,
      version: expect.any(Number),
    });
  });

  test('gives a picture back after a replacement and after a soft delete, each time as a new version', async () => {
    const zoe = await person('u3');
    const before = await zoe.history();
    const [latest, , first] = before;
    const { events, until } = await listen(server, zoe.token);
    expect((await zoe.remove()).body).toEqual({ success: true, message: expect.any(String) });
    expect(await zoe.read()).toMatchObject(none);
    expect((await zoe.history()).map((row) => row.isActive)).toEqual([false, false, false]);
    const show = (profilePicture: string) =>
      zoe.ask('PUT', '/update-picture', { userId: 'u3', profilePicture, updatedAt: 'now' });
    const shown = await show(first.filename);
    expect(shown.body).toMatchObject({
      success: true,
      user: { userId: 'u3', profilePicture: first.filename },
    });
    expect((await zoe.read()).profilePicture).toBe(first.filename);
    await show(latest.filename);
    expect((await zoe.history())[0]).toMatchObject({ filename: latest.filename, isActive: true });
    await until(3);
    expect(events.map(([name]) => name)).toEqual([
      'user:avatar:deleted',
      'user:avatar:updated',
      'user:avatar:updated',
    ]);
    const versions = events.map(([, event]) => event.avatar_version);
    expect(versions).toEqual([0, 1, 2].map((step) => latest.version + 1 + step));
    expect((await show('of-nobody.webp')).status).toBe(404);
    expect((await show(latest.filename)).status).toBe(200);
    for (const _ of [1, 2]) expect((await show('default-avatar.jpg')).status).toBe(200);
    expect(await zoe.read()).toMatchObject(none);
    await zoe.ask('GET', '/picture-history');
    expect(events).toHaveLength(4);
  });

  test('[WR5] keeps the files of ten pictures, and of none after a delete that is not soft', async () => {
    const maya = await person('u8');
    for (let sent = 0; sent < 12; sent += 1) await maya.upload();
    expect(await maya.objects()).toBe(30);
    const history = await maya.history();
    expect(history).toHaveLength(12);
    const show = (profilePicture: string) => maya.ask('PUT', '/update-picture', { profilePicture });
    expect((await show(history.at(-1).filename)).status).toBe(404);
    expect((await show(history[9].filename)).status).toBe(200);
    await call(server, 'DELETE', '/api/users/me/avatar', { token: maya.token });
    expect(await maya.objects()).toBe(0);
    expect(await maya.history()).toHaveLength(12);
  });

  test('keeps the files through the sweeps, for as long as the record has them', async () => {
    const napha = await person('u10');
    await napha.upload();
    await napha.upload();
    expect(await napha.objects()).toBe(6);
    const { folder, clock } = server;
    await server.app.close();
    clock.ahead += 3 * 24 * 60 * 60_000;
    server = await startServer({ dataDir: folder, clock });
    expect(await (await person('u10')).objects()).toBe(6);
  });
});

test('a sync is noted and echoed, and told to the user alone', async () => {
  const dmitry = await person('u9');
  expect((await dmitry.read()).lastPictureSync).toBeNull();
  const json = { userId: 'u9', profilePicture: 'x', syncTimestamp: 1234 };
  const sync = await dmitry.ask('POST', '/sync-picture', json);
  expect(sync.body).toEqual({ success: true, message: expect.any(String), syncTimestamp: 1234 });
  expect(await dmitry.read()).toMatchObject({
    lastPictureSync: expect.stringMatching(/Z$/),
    preferences: {},
  });
  const other = await person('u4');
  expect((await other.ask('GET', '/picture/u9')).body).not.toHaveProperty('lastPictureSync');
});
