import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LiteralServer } from '../support/literal/literal-server.ts';
import { startMedia } from '../support/literal/media.ts';
import { startPresigned } from '../support/literal/presigned.ts';
import { startProfilePicture } from '../support/literal/profile-picture.ts';
import { startUploadRoute } from '../support/literal/upload-route.ts';
import { call, type Json, listen, openSocket, picture, put, refused } from './support.ts';

/** The literal servers say what wire.md says, and nothing of ours. */
async function started<Server extends LiteralServer>(starting: Promise<Server>): Promise<Server> {
  const server = await starting;
  onTestFinished(() => server.close());
  return server;
}

async function sendForm(
  server: LiteralServer,
  path: string,
  token: string,
  fields: Record<string, string | File>,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Json }> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const authorized = token ? { authorization: `Bearer ${token}`, ...headers } : headers;
  const response = await fetch(server.url + path, { method: 'POST', headers: authorized, body });
  return { status: response.status, body: await response.json() };
}

const photo = async (format: 'webp' | 'jpeg' | 'png' = 'png', name = `me.${format}`) =>
  new File([new Uint8Array(await picture(format))], name, { type: `image/${format}` });

describe('Each literal server', () => {
  test.each([
    ['presigned', startPresigned, '/api/users/1/profile'],
    ['media', startMedia, '/api/users/1'],
    ['profile-picture', startProfilePicture, '/api/profile/picture/1'],
  ])('%s answers 401 without a token and 403 for one that is invalid or expired', async (_, start, path) => {
    const server = await started<LiteralServer>(start());
    expect((await call(server, 'GET', path)).status).toBe(401);
    expect((await call(server, 'GET', path, { token: 'made up' })).status).toBe(403);
    const token = server.issue(1);
    expect((await call(server, 'GET', path, { token })).status).toBe(200);
    server.expire(token);
    expect(JSON.stringify((await call(server, 'GET', path, { token })).body)).toContain('Invalid token');
  });

  test('can give one answer of the test’s own, and keeps what was asked', async () => {
    const server = await started(startMedia());
    const token = server.issue(1);
    server.instead('GET /api/users/:id', { status: 503, headers: { 'Retry-After': '1' } });
    expect((await call(server, 'GET', '/api/users/1', { token })).status).toBe(503);
    expect((await call(server, 'GET', '/api/users/1', { token })).status).toBe(200);
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/users/1',
      'GET /api/users/1',
    ]);
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${token}`);
  });
});

describe('The literal presigned server', () => {
  const files = [
    { type: 'avatar', filename: 'a.webp', contentType: 'image/webp', size: 10 },
    { type: 'thumb', filename: 't.webp', contentType: 'image/webp', size: 10 },
  ];
  const presign = (server: LiteralServer, token: string, sent: Json[] = files) =>
    call(server, 'POST', '/api/users/me/avatar/presign', { token, json: { files: sent } });
  const complete = (server: LiteralServer, token: string, uploads: Json[]) =>
    call(server, 'POST', '/api/users/me/avatar/complete', { token, json: { uploads } });

  test('tells everyone before it answers, without a version and with a numeric id', async () => {
    const server = await started(startPresigned());
    const token = server.issue(1);
    const { socket, events } = await listen(server, token);
    const { uploads, expiresIn } = (await presign(server, token)).body;
    expect(expiresIn).toBe(300);
    for (const upload of uploads) expect((await put(upload, Buffer.from('0123456789'))).status).toBe(200);
    const { body } = await complete(server, token, uploads);
    expect(body).toEqual({ ok: true, avatar_url: expect.any(String), avatar_thumb_url: expect.any(String) });
    const { avatar_url, avatar_thumb_url } = body;
    expect(events).toEqual([['user:avatar:updated', { userId: 1, avatar_url, avatar_thumb_url }]]);
    expect(await (await fetch(avatar_url)).text()).toBe('0123456789');

    await call(server, 'DELETE', '/api/users/me/avatar', { token });
    expect(events.at(-1)).toEqual(['user:avatar:deleted', { userId: 1 }]);
    expect([...server.objects.keys()]).toEqual([expect.stringContaining('thumb')]);
    expect((await call(server, 'DELETE', '/api/users/me/avatar', { token })).status).toBe(404);
    expect(server.stateOf(1).avatar_url).toBeNull();
    server.expire(token);
    await expect.poll(() => socket.connected).toBe(false);
  });

  test('shows the avatar as its own thumb where none was sent, and refuses GIF', async () => {
    const server = await started(startPresigned());
    const token = server.issue(2);
    const { uploads } = (await presign(server, token)).body;
    const { body } = await complete(server, token, [uploads[0]]);
    expect(body.avatar_thumb_url).toBe(body.avatar_url);
    expect((await presign(server, token, [{ ...files[0], contentType: 'image/gif' }])).status).toBe(400);
  });

  test('keeps a storage host that takes exactly what was signed, and no token', async () => {
    const server = await started(startPresigned());
    const { uploads } = (await presign(server, server.issue(1))).body;
    expect(new URL(uploads[0].url).origin).not.toBe(server.url);
    const type = { 'Content-Type': 'image/webp' };
    expect((await fetch(uploads[0].url, { method: 'PUT', body: 'x' })).status).toBe(403);
    const leak = { ...type, Authorization: 'Bearer x' };
    expect((await fetch(uploads[0].url, { method: 'PUT', headers: leak, body: 'x' })).status).toBe(400);
    expect((await fetch(uploads[0].url, { method: 'PUT', headers: type, body: 'x' })).status).toBe(200);
  });

  test('hands out POST forms where asked to', async () => {
    const server = await started(startPresigned({ form: true }));
    const [upload] = (await presign(server, server.issue(1))).body.uploads;
    expect(upload.method).toBeUndefined();
    const form = new FormData();
    for (const [name, value] of Object.entries<string>(upload.fields)) form.set(name, value);
    form.set('file', new Blob(['bytes'], { type: 'image/webp' }));
    expect((await fetch(upload.url, { method: 'POST', body: form })).status).toBe(204);
    expect(server.objects.get(upload.key)?.bytes.toString()).toBe('bytes');
  });

  test('tells of a new name and nothing else, and lets no socket in without a token', async () => {
    const server = await started(startPresigned());
    const { events, until } = await listen(server, server.issue(2));
    server.rename(1, 'Maya L.');
    await until(1);
    expect(events).toEqual([['user:profile:updated', { userId: 1, display_name: 'Maya L.' }]]);
    expect((await refused(openSocket(server, 'made up'))).message).toBe('Invalid token');
  });
});

describe('The literal media server', () => {
  const path = '/api/users/1/profile-picture';

  test('says nothing of the picture’s address, gives the id with the user, and counts views', async () => {
    const server = await started(startMedia());
    const token = server.issue(1);
    const upload = await sendForm(server, path, token, { file: await photo('jpeg', 'holiday.jpg') });
    expect(upload).toEqual({ status: 200, body: { success: true, message: expect.any(String) } });
    const { profile_picture: id } = (await call(server, 'GET', '/api/users/1', { token })).body;
    expect(id).toBe(server.stateOf(1));
    const thumb = await fetch(`${server.url}/api/users/media/${id}?thumbnail=true`);
    expect(thumb.headers.get('content-type')).toBe('image/jpeg');
    const { width, height } = await sharp(await thumb.arrayBuffer()).metadata();
    expect([width, height]).toEqual([150, 150]);
    expect(server.records.get(id)).toMatchObject({ original_filename: 'holiday.jpg', views: 1, width: 64 });

    await call(server, 'DELETE', path, { token });
    expect(server.records.get(id)?.deleted).toBe(true);
    expect((await call(server, 'GET', '/api/users/1', { token })).body.profile_picture).toBeNull();
    expect((await fetch(`${server.url}/api/users/media/${id}`)).status).toBe(404);
  });

  test('looks at the bytes, not at the name, and takes 800 KB and own pictures only', async () => {
    const server = await started(startMedia());
    const token = server.issue(1);
    const file = (await photo('webp')).slice(0, undefined, 'image/png');
    const fake = new File([file], 'me.png', { type: 'image/png' });
    expect((await sendForm(server, path, token, { file: fake })).status).toBe(415);
    const large = new File([new Uint8Array(800_001)], 'me.png', { type: 'image/png' });
    expect((await sendForm(server, path, token, { file: large })).status).toBe(413);
    expect(
      (await sendForm(server, '/api/users/2/profile-picture', token, { file: await photo() })).status,
    ).toBe(403);
  });

  test('refuses the sixth upload within a minute', async () => {
    const server = await started(startMedia());
    const token = server.issue(1);
    const statuses = [];
    for (let sent = 0; sent < 6; sent += 1)
      statuses.push((await sendForm(server, path, token, { file: await photo() })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });

  test('has system A’s events, another field and private pictures only where that is asked for', async () => {
    const server = await started(
      startMedia({ events: true, field: 'picture', privatePictures: true, wrongType: 400 }),
    );
    const token = server.issue(1);
    const { events, until } = await listen(server, token);
    expect((await sendForm(server, path, token, { file: await photo() })).status).toBe(400);
    await sendForm(server, path, token, { picture: await photo() });
    await until(1);
    const [name, { avatar_url }] = events[0] ?? ['', {}];
    expect(name).toBe('user:avatar:updated');
    expect((await fetch(avatar_url)).status).toBe(401);
    expect((await fetch(avatar_url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });
});

describe('The literal profile-picture server', () => {
  const upload = async (server: LiteralServer, token: string) =>
    (
      await sendForm(server, '/api/profile/upload-picture', token, {
        profilePicture: await photo(),
        userId: '1',
      })
    ).body;

  test('speaks of file names, and gives the path only when it is read', async () => {
    const server = await started(startProfilePicture());
    const token = server.issue(1);
    const read = async () => (await call(server, 'GET', '/api/profile/picture/1', { token })).body;
    expect((await read()).profilePicture).toBe('default-avatar.jpg');
    const { filename, user } = await upload(server, token);
    expect(user).toMatchObject({ userId: 1, profilePicture: filename });
    expect(filename).not.toContain('/');
    const { profilePicture, profilePicturePath } = await read();
    expect(profilePicture).toBe(filename);
    expect((await fetch(server.url + profilePicturePath)).headers.get('content-type')).toBe('image/png');

    await upload(server, token);
    await call(server, 'DELETE', '/api/profile/delete-picture', { token, json: { userId: 1 } });
    expect((await read()).profilePicture).toBe('default-avatar.jpg');
    const { body } = await call(server, 'GET', '/api/profile/picture-history', { token });
    expect(body.history).toHaveLength(2);
    expect(body.history[0]).toEqual({
      id: 1,
      userId: 1,
      filename,
      uploadDate: expect.any(String),
      isActive: false,
    });
    expect(server.pictures.map(({ version }) => version)).toEqual([1, 2]);
  });

  test('echoes updates and syncs, and can list the history bare', async () => {
    const server = await started(startProfilePicture({ bareHistory: true }));
    const token = server.issue(1);
    const sent = { userId: 1, profilePicture: 'x.png', updatedAt: 'then' };
    const update = await call(server, 'PUT', '/api/profile/update-picture', { token, json: sent });
    expect(update.body.user).toEqual(sent);
    const json = { userId: 1, profilePicture: 'x.png', syncTimestamp: 7 };
    const sync = await call(server, 'POST', '/api/profile/sync-picture', { token, json });
    expect(sync.body).toMatchObject({ success: true, syncTimestamp: 7 });
    expect((await call(server, 'GET', '/api/profile/picture-history', { token })).body).toEqual([]);
    expect(server.stateOf(1)).toBe('x.png');
  });

  test('as a serverless deployment takes JSON only, up to 6 MB, and forgets it at once', async () => {
    const server = await started(startProfilePicture({ stateless: true }));
    const token = server.issue(1);
    const path = '/api/profile-picture-api/upload-picture';
    const base64Image = `data:image/png;base64,${(await picture('png')).toString('base64')}`;
    const json = { userId: 1, base64Image, filename: 'me.png' };
    const { body } = await call(server, 'POST', path, { token, json });
    expect(body.user).toMatchObject({ userId: 1, profilePictureData: base64Image });
    const read = await call(server, 'GET', '/api/profile-picture-api/picture?userId=1', { token });
    expect(read.body.profilePicture).toBe('default-avatar.jpg');
    const form = await sendForm(server, path, token, { profilePicture: await photo(), userId: '1' });
    expect(form).toEqual({ status: 400, body: { error: expect.any(String) } });
    const large = { ...json, base64Image: base64Image + 'A'.repeat(6 * 1024 * 1024) };
    expect((await call(server, 'POST', path, { token, json: large })).status).toBe(413);
  });
});

describe('The literal upload-route server', () => {
  const path = '/api/upload/profile';

  test('answers with an address that has its ?t=, even after a query', async () => {
    const server = await started(startUploadRoute({ query: 'v=1' }));
    const { body } = await sendForm(server, path, server.issue(1), { file: await photo() });
    expect(body).toMatchObject({ success: true, url: expect.stringMatching(/\?v=1\?t=\d+$/) });
    expect(body.profilePicture).toBe(body.url);
    expect((await fetch(body.url)).status).toBe(200);
    expect(server.stateOf(1)).toBe(body.url);
  });

  test('takes the token from a cookie too, checks a user-id, and explains its refusals', async () => {
    const server = await started(startUploadRoute({ field: 'profilePhoto' }));
    const token = server.issue(1);
    const profilePhoto = await photo();
    const cookie = { cookie: `a=b; token=${token}` };
    expect((await sendForm(server, path, '', { profilePhoto }, cookie)).status).toBe(200);
    const refusal = { status: 403, body: { error: expect.any(String), details: expect.any(String) } };
    expect(await sendForm(server, path, token, { profilePhoto }, { 'user-id': '2' })).toEqual(refusal);
    expect(await sendForm(server, path, token, { file: profilePhoto })).toMatchObject({ status: 400 });
  });

  test('has no way to read or delete', async () => {
    const server = await started(startUploadRoute());
    const token = server.issue(1);
    for (const method of ['GET', 'DELETE'])
      expect((await call(server, method, path, { token })).status).toBe(404);
  });
});
