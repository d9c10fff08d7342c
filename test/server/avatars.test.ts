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

/** Objects of one user: other tests share the store. */
const shownObjects = async (userId: string) =>
  (await stored(server, 'public')).filter((key) => key.startsWith(`avatars/${userId}/`));
const stagedObjects = async (userId: string) =>
  (await stored(server, 'staged')).filter((key) => key.startsWith(`avatars/staged/${userId}/`));

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

    await Promise.all([mine.until(1), theirs.until(1)]);
    const event = ['user:avatar:updated', { userId: 'u1', avatar_url, avatar_thumb_url, avatar_version }];
    expect(mine.events).toEqual([event]);
    expect(theirs.events).toEqual([event]);
  });

  test('without a thumb shows the avatar in both sizes', async () => {
    const token = await signIn(server, 'u2');
    const { body } = await complete(
      server,
      token,
      await stage(server, token, [{ type: 'avatar', bytes: await picture() }]),
    );
    expect(body.avatar_thumb_url).toBe(body.avatar_url);
    expect(await profileOf(token, 'u2')).toMatchObject({ avatar_thumb_url: body.avatar_url });
  });

  test('takes the place of the one before, whose objects go', async () => {
    const token = await signIn(server, 'u3');
    const first = await uploadAvatar(server, token);
    const second = await uploadAvatar(server, token);
    expect(second.avatar_version).toBe(first.avatar_version + 1);
    expect((await fetch(first.avatar_url)).status).toBe(404);
    expect((await fetch(first.avatar_thumb_url)).status).toBe(404);
    expect((await fetch(second.avatar_url)).status).toBe(200);
    expect(await shownObjects('u3')).toHaveLength(2);
    expect(await stagedObjects('u3')).toEqual([]);
  });
});
void erase;
