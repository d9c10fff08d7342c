import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../examples/server/src/database/open-database.ts';
import { phonePhoto } from '../support/photo.ts';
import { call, listen, signIn, startServer, stored, type TestServer, uploadAvatar } from './support.ts';
import { look, photo, sendForm } from './wires-support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const pathOf = (userId: string) => `/api/users/${userId}/profile-picture`;
const upload = async (token: string, userId: string, file?: File) =>
  sendForm(server, pathOf(userId), { token, form: { file: file ?? (await photo()) } });
const userOf = async (token: string, id: string) =>
  (await call(server, 'GET', `/api/users/${id}`, { token })).body;
const pictureOf = (id: string, query = '') => look(`${server.url}/api/users/media/${id}${query}`);

test('an upload gives no address; the user then has a media id, with a picture and a thumbnail', async () => {
  const token = await signIn(server, 'u1');
  const { events, until } = await listen(server, await signIn(server, 'u2'));
  expect(await upload(token, 'u1')).toMatchObject({
    status: 200,
    body: { success: true, message: expect.any(String) },
  });
  const user = await userOf(await signIn(server, 'u2'), 'u1');
  expect(user).toMatchObject({
    id: 'u1',
    name: 'Maya Lindqvist',
    profile_picture: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  const [full, thumbnail] = [
    await pictureOf(user.profile_picture),
    await pictureOf(user.profile_picture, '?thumbnail=true'),
  ];
  expect(full).toMatchObject({ status: 200, type: 'image/webp', width: 256, height: 256 });
  expect(thumbnail).toMatchObject({ status: 200, type: 'image/webp', width: 150, height: 150 });
  await until(1);
  const { avatar_url, avatar_thumb_url, avatar_version } = user;
  expect(events).toEqual([
    ['user:avatar:updated', { userId: 'u1', avatar_url, avatar_thumb_url, avatar_version }],
  ]);
});

test('a 12 megapixel photo under 800 KB is taken; a file over 800 KB is not', async () => {
  const token = await signIn(server, 'u2');
  const bytes = new Uint8Array(await phonePhoto());
  expect(bytes.length).toBeLessThan(800_000);
  expect((await upload(token, 'u2', new File([bytes], 'phone.jpg'))).status).toBe(200);
  const limit = 800 * 1024;
  for (const [size, status] of [
    [limit, 415],
    [limit + 1, 413],
  ] as const) {
    const file = new File([new Uint8Array(size)], 'zeros.png', { type: 'image/png' });
    expect((await upload(token, 'u2', file)).status).toBe(status);
  }
});

test('the bytes decide: JPEG, PNG and GIF are taken by any name, WebP and SVG are not', async () => {
  const token = await signIn(server, 'u2');
  for (const format of ['jpeg', 'png', 'gif'] as const)
    expect((await upload(token, 'u2', await photo(format, '../../etc/passwd\u{1f600}.svg'))).status).toBe(
      200,
    );
  const svg = new File(['<svg xmlns="http://www.w3.org/2000/svg"/>'], 'me.png', { type: 'image/png' });
  for (const file of [await photo('webp', 'me.png'), svg, new File([], 'me.png')])
    expect(await upload(token, 'u2', file)).toMatchObject({
      status: 415,
      body: { success: false, message: expect.stringContaining('jpeg'), code: 'UNSUPPORTED_TYPE' },
    });
});

test('only one’s own picture can be changed, and only with a token', async () => {
  const token = await signIn(server, 'u3');
  expect((await upload(token, 'u2')).status).toBe(403);
  expect((await call(server, 'DELETE', pathOf('u2'), { token })).status).toBe(403);
  expect((await sendForm(server, pathOf('u3'), { form: { file: await photo() } })).status).toBe(401);
  expect((await call(server, 'GET', '/api/users/nobody', { token })).status).toBe(404);
  expect((await userOf(token, 'me')).id).toBe('u3');
});

test('a delete takes the picture from everywhere and keeps its record, with its views, marked as deleted', async () => {
  const token = await signIn(server, 'u4');
  await upload(token, 'u4', await photo('jpeg', 'holiday.jpg'));
  const { profile_picture: id, avatar_version } = await userOf(token, 'u4');
  for (const query of ['', '', '?thumbnail=true']) await pictureOf(id, query);
  const { events, until } = await listen(server, token);
  const deleted = await call(server, 'DELETE', pathOf('u4'), { token });
  expect(deleted).toMatchObject({ status: 200, body: { success: true, message: expect.any(String) } });
  await until(1);
  expect(events).toEqual([['user:avatar:deleted', { userId: 'u4', avatar_version: avatar_version + 1 }]]);
  expect((await userOf(token, 'u4')).profile_picture).toBeNull();
  expect((await pictureOf(id)).status).toBe(404);
  expect((await stored(server, 'public')).filter((key) => key.includes('/u4/'))).toEqual([]);
  expect((await call(server, 'DELETE', pathOf('u4'), { token })).status).toBe(404);

  const { folder } = server;
  await server.app.close();
  const database = await openDatabase(server.config.database, { dataDir: folder, report: () => {} });
  const rows = await database.query('select * from pictures where id = $1', [id]);
  await database.close();
  server = await startServer({ dataDir: folder });
  expect(rows).toEqual([
    expect.objectContaining({
      user_id: 'u4',
      filename: expect.stringMatching(/^[0-9a-f]{32}\.webp$/),
      original_filename: 'holiday.jpg',
      media_type: 'profile_picture',
      mime_type: 'image/webp',
      file_size: expect.any(Number),
      width: 256,
      height: 256,
      views: 3,
      metadata: { source: { type: 'image/jpeg', size: expect.any(Number), width: 400, height: 300 } },
      created_at: expect.any(Date),
      deleted_at: expect.any(Date),
    }),
  ]);
});

test('a picture that came through presigned has a media id and a thumbnail as well', async () => {
  const token = await signIn(server, 'u5');
  await uploadAvatar(server, token);
  const { profile_picture: id } = await userOf(token, 'u5');
  expect(await pictureOf(id)).toMatchObject({ width: 256 });
  expect(await pictureOf(id, '?thumbnail=true')).toMatchObject({ status: 200, width: 150, height: 150 });
});

test('a thumbnail that the reader has is neither read nor made again', async () => {
  const token = await signIn(server, 'u10');
  await uploadAvatar(server, token);
  const { profile_picture: id } = await userOf(token, 'u10');
  const thumbnail = `${server.url}/api/users/media/${id}?thumbnail=true`;
  const etag = (await fetch(thumbnail)).headers.get('etag') ?? '';
  for (const key of await stored(server, 'public'))
    if (key.includes('/u10/')) await rm(join(server.folder, 'objects', 'public', encodeURIComponent(key)));
  expect((await fetch(thumbnail, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  const without = await fetch(thumbnail);
  expect([without.status, without.headers.get('cache-control')]).toEqual([404, null]);
});

test('many thumbnails asked for at once are all answered', async () => {
  const token = await signIn(server, 'u5');
  const { profile_picture: id } = await userOf(token, 'u5');
  const looks = await Promise.all(Array.from({ length: 20 }, () => pictureOf(id, '?thumbnail=true')));
  expect(looks.map(({ width }) => width)).toEqual(Array(20).fill(150));
});

test('a picture is sent safe to show, and only once', async () => {
  const token = await signIn(server, 'u5');
  const { profile_picture: id } = await userOf(token, 'u5');
  const url = `${server.url}/api/users/media/${id}`;
  const { headers } = await fetch(url);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain('sandbox');
  const again = await fetch(url, { headers: { 'If-None-Match': headers.get('etag') ?? '' } });
  expect(again.status).toBe(304);
  for (const bad of ['nothing', '../u1', "' or 1=1", '%00', 'x'.repeat(400)])
    expect([400, 404, 414]).toContain(
      (await fetch(`${server.url}/api/users/media/${encodeURIComponent(bad)}`)).status,
    );
});

test('forms that are not what they should be are refused, and the server goes on', async () => {
  const token = await signIn(server, 'u6');
  const path = pathOf('u6');
  const status = async (form: FormData) => (await sendForm(server, path, { token, form })).status;
  const form = (...parts: [name: string, value: string | File][]) => {
    const made = new FormData();
    for (const [name, value] of parts) made.append(name, value);
    return made;
  };
  const file = await photo();
  expect(await status(form())).toBe(400);
  expect(await status(form(['file', 'text']))).toBe(400);
  expect(await status(form(['picture', file]))).toBe(400);
  expect(await status(form(['file', file], ['file', file]))).toBe(413);
  expect(
    await status(form(...Array.from({ length: 1000 }, (_, at): [string, string] => [`f${at}`, 'x']))),
  ).toBe(413);
  expect(await status(form(['__proto__', 'x'], ['file', file]))).toBe(400);
  const raw = (contentType: string, body: string) =>
    call(server, 'POST', path, { token, raw: body, headers: { 'Content-Type': contentType } });
  expect((await raw('multipart/form-data', 'x')).status).toBe(400);
  expect((await raw('multipart/form-data; boundary=b', '--b\r\nContent-Dispo')).status).toBe(400);
  expect((await raw('multipart/form-data; boundary=b', '')).status).toBe(400);
  expect((await raw('application/json', '{}')).status).toBe(415);
  expect((await raw('text/plain', 'x')).status).toBe(415);
  expect(await status(form(['note', 'x'], ['file', file]))).toBe(200);
});
