import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  avatarAndThumb,
  call,
  complete,
  listen,
  picture,
  presign,
  put,
  signIn,
  stage,
  startServer,
  stored,
  type TestServer,
  uploadAvatar,
} from './support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const profileOf = async (token: string, id: string) =>
  (await call(server, 'GET', `/api/users/${id}/profile`, { token })).body;

const erase = (token: string) => call(server, 'DELETE', '/api/users/me/avatar', { token });

const rename = (token: string, name: string) =>
  call(server, 'PATCH', '/api/users/me/profile', { token, json: { display_name: name } });

/** Objects of one user: other tests share the store. */
const publicObjects = async (userId: string) =>
  (await stored(server, 'public')).filter((key) => key.startsWith(`avatars/${userId}/`));
const stagedObjects = async (userId: string) =>
  (await stored(server, 'staged')).filter((key) => key.startsWith(`avatars-staging/${userId}/`));

describe('an upload', () => {
  test('goes from presign through put and complete to a profile and an event for everyone', async () => {
    const [token, other] = [await signIn(server, 'u1'), await signIn(server, 'u2')];
    const [mine, theirs] = [await listen(server, token), await listen(server, other)];
    const files = await avatarAndThumb();

    const presigned = await presign(server, token, files);
    expect(presigned).toMatchObject({ status: 200, body: { expiresIn: 300 } });
    expect(presigned.body.uploads).toEqual(
      ['avatar', 'thumb'].map((type) => ({
        fileId: expect.any(String),
        type,
        key: expect.stringContaining('u1'),
        url: expect.stringContaining(server.url),
        method: 'PUT',
        headers: { 'Content-Type': 'image/webp' },
      })),
    );
    for (const [index, file] of files.entries()) {
      expect((await put(presigned.body.uploads[index], file.bytes)).status).toBe(200);
    }
    const { status, body } = await complete(server, token, presigned.body.uploads);
    expect(status).toBe(200);
    expect(body).toEqual({
      ok: true,
      avatar_url: expect.stringMatching(/\.webp$/),
      avatar_thumb_url: expect.stringMatching(/\.webp$/),
      avatar_version: 1,
      avatar_key: expect.stringMatching(/^avatars\/u1\//),
    });
    const { avatar_url, avatar_thumb_url, avatar_version } = body;
    expect(await profileOf(other, 'u1')).toMatchObject({ avatar_url, avatar_thumb_url, avatar_version });
    const shown = await fetch(avatar_url);
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(files[0]?.bytes);
    const thumb = await fetch(avatar_thumb_url);
    expect(Buffer.from(await thumb.arrayBuffer())).toEqual(files[1]?.bytes);

    await Promise.all([mine.until(1), theirs.until(1)]);
    const event = ['user:avatar:updated', { userId: 'u1', avatar_url, avatar_thumb_url, avatar_version }];
    expect(mine.events).toEqual([event]);
    expect(theirs.events).toEqual([event]);
  });

  test('without a thumb shows the avatar in both sizes', async () => {
    const token = await signIn(server, 'u2');
    const uploads = await stage(server, token, [{ type: 'avatar', bytes: await picture() }]);
    const { body } = await complete(server, token, uploads);
    expect(body.avatar_thumb_url).toBe(body.avatar_url);
    expect(await profileOf(token, 'u2')).toMatchObject({ avatar_thumb_url: body.avatar_url });
  });

  test('takes JPEG and PNG under their own types', async () => {
    const token = await signIn(server, 'u2');
    for (const format of ['jpeg', 'png'] as const) {
      const contentType = `image/${format}`;
      const files = [{ type: 'avatar' as const, bytes: await picture(format), contentType }];
      const { body } = await complete(server, token, await stage(server, token, files));
      expect((await fetch(body.avatar_url)).headers.get('content-type')).toBe(contentType);
    }
  });

  test('takes the place of the one before, whose objects go', async () => {
    const token = await signIn(server, 'u3');
    const first = await uploadAvatar(server, token);
    const second = await uploadAvatar(server, token);
    expect(second.avatar_version).toBe(first.avatar_version + 1);
    expect((await fetch(first.avatar_url)).status).toBe(404);
    expect((await fetch(first.avatar_thumb_url)).status).toBe(404);
    expect((await fetch(second.avatar_url)).status).toBe(200);
    expect(await publicObjects('u3')).toHaveLength(2);
    expect(await stagedObjects('u3')).toEqual([]);
  });

  test('completed without its staged thumb leaves no thumb behind', async () => {
    const token = await signIn(server, 'u3');
    const [avatar] = await stage(server, token, await avatarAndThumb());
    const { body } = await complete(server, token, [avatar]);
    expect(body.avatar_thumb_url).toBe(body.avatar_url);
    expect(await publicObjects('u3')).toHaveLength(1);
    expect(await stagedObjects('u3')).toEqual([]);
  });
});

describe('complete', () => {
  test('repeated gives the same answer and no second event', async () => {
    const token = await signIn(server, 'u4');
    const listener = await listen(server, token);
    const uploads = await stage(server, token, await avatarAndThumb());
    const first = await complete(server, token, uploads);
    const second = await complete(server, token, uploads);
    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
    await rename(token, '李小龍');
    await listener.until(2);
    expect(listener.events.map(([name]) => name)).toEqual(['user:avatar:updated', 'user:profile:updated']);
    await rename(token, '李小龙');
  });

  test('sent eight times at once gives one version, one event and one answer', async () => {
    const token = await signIn(server, 'u5');
    const listener = await listen(server, token);
    const before = (await profileOf(token, 'u5')).avatar_version;
    const uploads = await stage(server, token, await avatarAndThumb());
    const answers = await Promise.all(Array.from({ length: 8 }, () => complete(server, token, uploads)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect((await profileOf(token, 'u5')).avatar_version).toBe(before + 1);
    expect(await publicObjects('u5')).toHaveLength(2);
    await rename(token, 'محمد');
    await listener.until(2);
    expect(listener.events.map(([name]) => name)).toEqual(['user:avatar:updated', 'user:profile:updated']);
  });

  test('of an upload that belongs to someone else is refused, and the owner can still do it', async () => {
    const [owner, thief] = [await signIn(server, 'u6'), await signIn(server, 'u7')];
    const uploads = await stage(server, owner, await avatarAndThumb());
    expect(await complete(server, thief, uploads)).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    });
    expect((await profileOf(thief, 'u7')).avatar_url).toBeNull();
    expect((await complete(server, owner, uploads)).status).toBe(200);
  });

  test('of unknown or mixed keys is refused', async () => {
    const token = await signIn(server, 'u6');
    const unknown = { type: 'avatar', key: 'avatars-staging/u6/none/avatar.webp', url: '' };
    expect(await complete(server, token, [unknown])).toMatchObject({
      status: 404,
      body: { code: 'UPLOAD_NOT_FOUND' },
    });
    const [one, two] = [
      await stage(server, token, await avatarAndThumb()),
      await stage(server, token, await avatarAndThumb()),
    ];
    expect((await complete(server, token, [one[0], two[1]])).status).toBe(400);
    expect((await complete(server, token, [{ ...one[1], type: 'avatar' }])).status).toBe(400);
    expect((await complete(server, token, [one[1]])).status).toBe(400);
    expect((await complete(server, token, [])).status).toBe(400);
  });

  test('before the bytes arrived is refused, and works once they have', async () => {
    const token = await signIn(server, 'u6');
    const files = await avatarAndThumb();
    const { body } = await presign(server, token, files);
    await put(body.uploads[0], files[0]?.bytes ?? Buffer.alloc(0));
    expect(await complete(server, token, body.uploads)).toMatchObject({
      status: 422,
      body: { code: 'UPLOAD_INCOMPLETE' },
    });
    await put(body.uploads[1], files[1]?.bytes ?? Buffer.alloc(0));
    expect((await complete(server, token, body.uploads)).status).toBe(200);
  });

  test('of an earlier start is refused after a later one, and its objects go', async () => {
    const token = await signIn(server, 'u8');
    const early = await stage(server, token, await avatarAndThumb());
    const late = await stage(server, token, await avatarAndThumb());
    const shown = (await complete(server, token, late)).body;
    for (const _ of [1, 2]) {
      expect(await complete(server, token, early)).toMatchObject({
        status: 409,
        body: { code: 'SUPERSEDED' },
      });
    }
    expect(await profileOf(token, 'u8')).toMatchObject({
      avatar_url: shown.avatar_url,
      avatar_version: shown.avatar_version,
    });
    expect(await publicObjects('u8')).toHaveLength(2);
    expect(await stagedObjects('u8')).toEqual([]);
  });

  test('of a later start wins over an earlier one, whichever is answered first', async () => {
    const token = await signIn(server, 'u8');
    for (let round = 0; round < 5; round++) {
      const early = await stage(server, token, await avatarAndThumb());
      const late = await stage(server, token, await avatarAndThumb());
      const order = round % 2 ? [early, late] : [late, early];
      const answers = await Promise.all(order.map((uploads) => complete(server, token, uploads)));
      const winner = answers[round % 2];
      expect(winner?.status).toBe(200);
      expect((await profileOf(token, 'u8')).avatar_url).toBe(winner?.body.avatar_url);
      expect(await publicObjects('u8')).toHaveLength(2);
    }
  });

  test('is too late a day after its URL expired, and the bytes are gone', async () => {
    const token = await signIn(server, 'u9');
    const uploads = await stage(server, token, await avatarAndThumb());
    const day = 24 * 60 * 60_000;
    const { folder } = server;
    await server.app.close();
    server.clock.ahead += day / 2;
    server = await startServer({ dataDir: folder, clock: server.clock });
    expect(await stagedObjects('u9')).toEqual([]);
    const fresh = await signIn(server, 'u9');
    expect(await complete(server, fresh, uploads)).toMatchObject({
      status: 410,
      body: { code: 'UPLOAD_EXPIRED' },
    });
    await server.app.close();
    server.clock.ahead += day;
    server = await startServer({ dataDir: folder, clock: server.clock });
    const fresher = await signIn(server, 'u9');
    expect((await complete(server, fresher, uploads)).status).toBe(404);
    expect(await stored(server, 'spent')).toEqual([]);
  });
});

describe('delete', () => {
  test('goes back to no picture with a higher version, erases both objects and tells everyone', async () => {
    const token = await signIn(server, 'u10');
    const shown = await uploadAvatar(server, token);
    const listener = await listen(server, await signIn(server, 'u1'));
    const deleted = await erase(token);
    expect(deleted).toMatchObject({
      status: 200,
      body: { success: true, avatar_version: shown.avatar_version + 1 },
    });
    expect(await profileOf(token, 'u10')).toMatchObject({
      avatar_url: null,
      avatar_thumb_url: null,
      avatar_version: shown.avatar_version + 1,
    });
    expect(await publicObjects('u10')).toEqual([]);
    await listener.until(1);
    expect(listener.events).toEqual([
      ['user:avatar:deleted', { userId: 'u10', avatar_version: shown.avatar_version + 1 }],
    ]);
  });

  test('of nothing is a 404 and leaves the version alone', async () => {
    const token = await signIn(server, 'u10');
    const before = await profileOf(token, 'u10');
    expect(await erase(token)).toMatchObject({ status: 404, body: { success: false, code: 'NO_AVATAR' } });
    expect(await profileOf(token, 'u10')).toEqual(before);
  });

  test('makes every upload that started before it late, even when nothing was shown', async () => {
    const token = await signIn(server, 'u10');
    const early = await stage(server, token, await avatarAndThumb());
    expect((await erase(token)).status).toBe(404);
    expect(await complete(server, token, early)).toMatchObject({ status: 409, body: { code: 'SUPERSEDED' } });
    expect((await profileOf(token, 'u10')).avatar_url).toBeNull();
    expect(await publicObjects('u10')).toEqual([]);
  });

  test('racing the complete of an earlier upload ends with no picture and no objects', async () => {
    const token = await signIn(server, 'u10');
    for (let round = 0; round < 6; round++) {
      const uploads = await stage(server, token, await avatarAndThumb());
      const deletes = () => erase(token);
      const completes = () => complete(server, token, uploads);
      await Promise.all((round % 2 ? [deletes, completes] : [completes, deletes]).map((start) => start()));
      expect((await profileOf(token, 'u10')).avatar_url).toBeNull();
      expect(await publicObjects('u10')).toEqual([]);
      expect(await stagedObjects('u10')).toEqual([]);
    }
  });

  test('and uploads only ever raise the version', async () => {
    const token = await signIn(server, 'u10');
    const versions = [(await profileOf(token, 'u10')).avatar_version];
    for (const step of ['upload', 'upload', 'delete', 'upload', 'delete', 'upload']) {
      const body = step === 'upload' ? await uploadAvatar(server, token) : (await erase(token)).body;
      versions.push(body.avatar_version);
    }
    const first = versions[0];
    expect(versions).toEqual(versions.map((_, index) => first + index));
  });
});

describe('presign', () => {
  const ask = async (files: unknown) =>
    call(server, 'POST', '/api/users/me/avatar/presign', {
      token: await signIn(server, 'u1'),
      json: { files },
    });
  const wish = { type: 'avatar', filename: 'a.webp', contentType: 'image/webp', size: 100 };

  test.each(['image/gif', 'image/svg+xml', 'image/heic', 'text/html', 'toString', 'IMAGE/WEBP; x=y'])(
    'refuses the type %s',
    async (contentType) => {
      expect(await ask([{ ...wish, contentType }])).toMatchObject({
        status: 415,
        body: { code: 'UNSUPPORTED_TYPE' },
      });
    },
  );

  test('refuses one byte over the limit and takes the limit', async () => {
    const limit = server.config.limits.fileBytes;
    expect(await ask([{ ...wish, size: limit + 1 }])).toMatchObject({
      status: 413,
      body: { code: 'FILE_TOO_LARGE' },
    });
    expect((await ask([{ ...wish, size: limit }])).status).toBe(200);
  });

  test.each([
    ['no files', []],
    ['two avatars', [wish, wish]],
    ['a thumb alone', [{ ...wish, type: 'thumb' }]],
    ['three files', [wish, { ...wish, type: 'thumb' }, { ...wish, type: 'thumb' }]],
    ['another kind', [{ ...wish, type: 'banner' }]],
    ['nothing in it', [{ ...wish, size: 0 }]],
    ['a negative size', [{ ...wish, size: -1 }]],
    ['half a byte', [{ ...wish, size: 1.5 }]],
    ['a size in words', [{ ...wish, size: '100' }]],
    ['NUL in the name', [{ ...wish, filename: 'a\0.webp' }]],
    ['half a character in the name', [{ ...wish, filename: '\ud800' }]],
    ['null', null],
    ['an object', { 0: wish }],
  ])('refuses %s', async (_, files) => {
    expect(await ask(files)).toMatchObject({
      status: 400,
      body: { success: false, code: 'INVALID_REQUEST' },
    });
  });

  test('never puts a word of the client into the key', async () => {
    const { body } = await ask([
      { ...wish, filename: '../../etc/passwd<script>.webp', key: 'mine', userId: 'u2' },
    ]);
    expect(body.uploads[0].key).toMatch(/^avatars-staging\/u1\/[0-9a-f-]{36}\/avatar\.webp$/);
  });
});
