import { request } from 'node:http';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { S3Config } from '../../examples/server/src/storage/s3-config.ts';
import { openS3Storage } from '../../examples/server/src/storage/s3-storage.ts';
import {
  avatarAndThumb,
  call,
  complete,
  type Json,
  picture,
  presign,
  type ServerOptions,
  signIn,
  startServer,
  type TestServer,
} from '../server/support.ts';
import { look, photo, sendForm } from '../server/wires-support.ts';
import { Bucket } from '../support/bucket.ts';
import { serverFolder } from '../support/server-folder.ts';
import { Radosgw } from '../support/services/radosgw.ts';

let store: Radosgw;
let bucket: Bucket;
let bytes: Buffer;
beforeAll(async () => {
  store = await Radosgw.start();
  bucket = await Bucket.create(store, 'pictures');
  bytes = await picture('webp', 256);
});
afterAll(async () => {
  bucket?.close();
  await store?.stop();
});

interface Reply {
  status: number;
  code: string;
}

/** A short timeout, so that a store that is away is known to be soon. */
function open(s3: Partial<S3Config> = {}, options: ServerOptions = {}): Promise<TestServer> {
  return startServer({ s3: bucket.config({ timeoutMs: 2_000, ...s3 }), ...options });
}

async function reply(response: Response): Promise<Reply> {
  const text = await response.text();
  return { status: response.status, code: /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? '' };
}

async function put(
  ticket: Json,
  body: Buffer,
  headers: Record<string, string> = ticket.headers,
): Promise<Reply> {
  return reply(await fetch(ticket.url, { method: 'PUT', headers, body: new Uint8Array(body) }));
}

async function post(ticket: Json, body: Buffer, fields: Record<string, string> = {}): Promise<Reply> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...ticket.fields, ...fields }))
    form.append(name, String(value));
  form.append('file', new Blob([new Uint8Array(body)]));
  return reply(await fetch(ticket.url, { method: 'POST', body: form }));
}

async function ticketOf(
  server: TestServer,
  token: string,
  file = bytes,
  contentType = 'image/webp',
): Promise<Json> {
  const { body } = await presign(server, token, [{ type: 'avatar', bytes: file, contentType }]);
  return body.uploads[0];
}

const refused = expect.objectContaining({ status: 403 });

describe('a PUT', () => {
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    server = await open();
    token = await signIn(server, 'u1');
  });
  afterAll(() => server.stop());
  const ticket = () => ticketOf(server, token);

  test('[BK1] goes up once: the second is refused, also after the upload is complete', async () => {
    const mine = await ticket();
    expect(mine).toMatchObject({
      method: 'PUT',
      headers: { 'Content-Type': 'image/webp', 'If-None-Match': '*' },
    });
    expect(new URL(mine.url).origin).toBe(store.endpoint);
    expect(await put(mine, bytes)).toMatchObject({ status: 200 });
    expect(await put(mine, bytes)).toMatchObject({ status: 412 });
    expect((await complete(server, token, [mine])).status).toBe(200);
    expect(await put(mine, bytes)).toMatchObject({ status: 412 });
    expect((await bucket.objects('avatars-staging/'))[mine.key]).toBe(0);
  });

  test('is taken once of eight at once', async () => {
    const mine = await ticket();
    const replies = await Promise.all(Array.from({ length: 8 }, () => put(mine, bytes)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status } of replies) expect([200, 409, 412]).toContain(status);
  });

  test.each<[string, Record<string, string>]>([
    ['without the header that makes it once', { 'Content-Type': 'image/webp' }],
    ['with that header for another version', { 'Content-Type': 'image/webp', 'If-None-Match': '"x"' }],
    ['of another type', { 'Content-Type': 'text/html', 'If-None-Match': '*' }],
    ['of another picture type', { 'Content-Type': 'image/png', 'If-None-Match': '*' }],
    ['of the type and more', { 'Content-Type': 'image/webp; charset=utf-8', 'If-None-Match': '*' }],
  ])('[BK1] %s is refused', async (_, headers) => {
    const mine = await ticket();
    expect(await put(mine, bytes, headers)).toEqual(refused);
    expect(await put(mine, bytes)).toMatchObject({ status: 200 });
  });

  test.each([-1, 1, 2_000_000])('that is off by %i bytes is refused', async (off) => {
    const body = Buffer.alloc(bytes.length + off);
    expect(await put(await ticket(), body)).toEqual(refused);
  });

  test('of unknown length is refused', async () => {
    const mine = await ticket();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const chunked = request(mine.url, { method: 'PUT', headers: mine.headers });
      chunked.on('response', (response) => resolve(response.resume().statusCode));
      chunked.on('error', reject);
      chunked.write(bytes.subarray(0, 10));
      chunked.end(bytes.subarray(10));
    });
    expect([403, 411]).toContain(status);
    expect((await bucket.objects())[mine.key]).toBeUndefined();
  });

  test.each<[string, (url: string, other: string) => string]>([
    ['to the key of another ticket', (url, other) => other.replace(/\?.*/, '') + new URL(url).search],
    ['to a published key', (url) => url.replace(/pictures\/[^?]+/, 'pictures/avatars/u1/mine.webp')],
    ['to a key beside', (url) => url.replace('avatar.webp', 'x.webp')],
    ['to another bucket', (url) => url.replace('/pictures/', '/other/')],
    ['with no signature', (url) => url.replace(/&X-Amz-Signature=\w+/, '')],
    ['with a changed signature', (url) => url.replace(/(X-Amz-Signature=)\w{4}/, '$10000')],
    ['that gives itself more time', (url) => url.replace('X-Amz-Expires=300', 'X-Amz-Expires=86400')],
    ['that signs fewer headers', (url) => url.replace('%3Bif-none-match', '')],
    ['that adds a permission', (url) => `${url}&x-amz-acl=public-read`],
  ])('%s is refused', async (_, change) => {
    const mine = await ticket();
    const other = await ticket();
    const url = change(mine.url, other.url);
    expect(url).not.toBe(mine.url);
    const { status } = await put({ ...mine, url }, bytes);
    expect([403, 404]).toContain(status);
    for (const { key } of [mine, other]) expect((await bucket.objects())[key]).toBeUndefined();
  });

  test('whose URL has expired is refused', async () => {
    server.clock.ahead = -301_000;
    const late = await ticket();
    server.clock.ahead = 0;
    expect(await put(late, bytes)).toEqual({ status: 403, code: 'AccessDenied' });
  });

  test('with a token of ours is refused: none may be sent to a store', async () => {
    const mine = await ticket();
    const { status } = await put(mine, bytes, { ...mine.headers, Authorization: `Bearer ${token}` });
    expect(status).toBe(400);
  });

  test('[BK1] of one user is worth nothing to another', async () => {
    const mine = await ticket();
    await put(mine, bytes);
    const other = await signIn(server, 'u2');
    expect(await complete(server, other, [mine])).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    const theirs = await ticketOf(server, other);
    await put(theirs, bytes);
    const mixed = await complete(server, other, [{ ...theirs, key: mine.key }]);
    expect(mixed).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect((await complete(server, token, [mine])).status).toBe(200);
  });

  test('[BK2] can be read by nobody before it is complete', async () => {
    const mine = await ticket();
    await put(mine, bytes);
    expect((await fetch(mine.url)).status).toBe(403);
    expect((await fetch(`${store.endpoint}/pictures/${mine.key}`)).status).toBe(403);
    expect((await fetch(`${server.url}/files/${mine.key}`)).status).toBe(404);
  });

  test('[BK2] is shown by a server whose folder it is, and by no other of the bucket', async () => {
    const mine = await ticket();
    await put(mine, bytes);
    const { body } = await complete(server, token, [mine]);
    const { pathname } = new URL(body.avatar_url);
    const other = await open({}, { avatarFolder: 'theirs' });
    expect((await fetch(new URL(pathname, server.url))).status).toBe(200);
    expect((await fetch(new URL(pathname, other.url))).status).toBe(404);
    await other.stop();
  });

  test.each<[string, () => Buffer, string]>([
    ['a page', () => Buffer.from('<!doctype html><script>alert(1)</script>'), 'CONTENT_MISMATCH'],
    [
      'an SVG',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
      'CONTENT_MISMATCH',
    ],
    ['half a picture', () => bytes.subarray(0, 60), 'CORRUPT_PICTURE'],
  ])('of %s under the name of a picture goes no further', async (_, make, code) => {
    const file = make();
    const before = await bucket.objects('avatars/');
    const mine = await ticketOf(server, token, file);
    expect(await put(mine, file)).toMatchObject({ status: 200 });
    expect(await complete(server, token, [mine])).toMatchObject({ status: 422, body: { code } });
    expect(await bucket.objects('avatars/')).toEqual(before);
    expect((await bucket.objects())[mine.key]).toBe(0);
  });

  test('that never came is not completed', async () => {
    const answer = await complete(server, token, [await ticket()]);
    expect(answer).toMatchObject({ status: 422, body: { code: 'UPLOAD_INCOMPLETE' } });
  });
});

describe('a published picture', () => {
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    server = await open({}, { avatarFolder: 'faces' });
    token = await signIn(server, 'u1');
  });
  afterAll(() => server.stop());

  async function upload(): Promise<Json> {
    const files = await avatarAndThumb();
    const { body } = await presign(server, token, files);
    for (const [at, file] of files.entries()) await put(body.uploads[at], file.bytes);
    return (await complete(server, token, body.uploads)).body;
  }

  test('[BK2] lies in the bucket for ever under its own key, with a fixed type and shown inline', async () => {
    const { avatar_key } = await upload();
    expect(avatar_key).toMatch(/^faces\/u1\/[0-9a-f]{32}\.webp$/);
    expect(await bucket.head(avatar_key)).toMatchObject({
      ContentType: 'image/webp',
      ContentDisposition: 'inline',
      CacheControl: 'public, max-age=31536000, immutable',
    });
  });

  test('is served with the headers of a picture where no CDN is set', async () => {
    const { avatar_url } = await upload();
    const response = await fetch(avatar_url);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/webp',
      'content-disposition': 'inline',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect((await sharp(Buffer.from(await response.arrayBuffer())).metadata()).width).toBe(256);
  });

  test('that was sent whole to this server lies there too, and is served by its media id', async () => {
    const form = { file: await photo() };
    expect((await sendForm(server, '/api/users/u1/profile-picture', { token, form })).status).toBe(200);
    const { body } = await call(server, 'GET', '/api/users/u1', { token });
    expect(Object.keys(await bucket.objects('faces/'))).toHaveLength(3);
    const url = `${server.url}/api/users/media/${body.profile_picture}`;
    expect(await look(body.avatar_url)).toMatchObject({ status: 200, type: 'image/webp', width: 256 });
    expect(await look(`${url}?thumbnail=true`)).toMatchObject({ status: 200, width: 150 });
    const path = '/api/users/u1/profile-picture';
    expect((await call(server, 'DELETE', path, { token })).status).toBe(200);
    expect(await bucket.objects('faces/')).toEqual({});
    expect((await look(url)).status).toBe(404);
  });

  test('[BK3] leaves the bucket when it is replaced or deleted, with its thumbnail', async () => {
    const first = await upload();
    const second = await upload();
    expect(Object.keys(await bucket.objects('faces/'))).toHaveLength(2);
    expect(await bucket.objects('faces/')).toHaveProperty([second.avatar_key]);
    expect((await fetch(first.avatar_url)).status).toBe(404);
    expect((await call(server, 'DELETE', '/api/users/me/avatar', { token })).status).toBe(200);
    expect(await bucket.objects('faces/')).toEqual({});
    expect((await fetch(second.avatar_url)).status).toBe(404);
  });
});

test('[BK3] what was never completed is swept away, and so are the marks of used tickets', async () => {
  const dataDir = await serverFolder();
  const folder = { avatarFolder: 'swept', dataDir };
  const first = await open({}, folder);
  const token = await signIn(first, 'u1');
  const done = await ticketOf(first, token);
  await put(done, bytes);
  const { body } = await complete(first, token, [done]);
  const unfinished = await ticketOf(first, token);
  await put(unfinished, bytes);
  await first.stop();
  expect(await bucket.objects('swept-staging/')).toEqual({ [done.key]: 0, [unfinished.key]: bytes.length });

  const soon = await open({}, folder);
  expect(Object.keys(await bucket.objects('swept-staging/'))).toHaveLength(2);
  await soon.stop();

  const { clock } = soon;
  clock.ahead = 25 * 60_000;
  const later = await open({}, { ...folder, clock });
  expect(await bucket.objects('swept-staging/')).toEqual({});
  expect(await bucket.objects('swept/')).toHaveProperty([body.avatar_key]);
  await later.stop();
});

describe('a form', () => {
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    server = await open({ uploadMethod: 'POST' });
    token = await signIn(server, 'u1');
  });
  afterAll(() => server.stop());

  test('brings a picture, is of no use to read, and leaves nothing staged', async () => {
    const mine = await ticketOf(server, token);
    expect(mine).toMatchObject({ method: 'POST', fields: { key: mine.key, 'Content-Type': 'image/webp' } });
    expect(await post(mine, bytes)).toMatchObject({ status: 204 });
    const { status, body } = await complete(server, token, [mine]);
    expect(status).toBe(200);
    expect((await fetch(body.avatar_url)).status).toBe(200);
    expect((await bucket.objects())[mine.key]).toBeUndefined();
  });

  test.each<[string, number, Record<string, string>, (length: number) => number]>([
    ['too long by a byte', 400, {}, (length) => length + 1],
    ['too short by a byte', 400, {}, (length) => length - 1],
    ['empty', 400, {}, () => 0],
    ['of another type', 403, { 'Content-Type': 'text/html' }, (length) => length],
    ['for another key', 403, { key: 'avatars/u2/evil.webp' }, (length) => length],
    ['with a changed signature', 403, { 'X-Amz-Signature': '0'.repeat(64) }, (length) => length],
    ['with a policy of its own', 403, { Policy: Buffer.from('{}').toString('base64') }, (length) => length],
    ['with a field nobody allowed', 403, { acl: 'public-read' }, (length) => length],
    ['that leads elsewhere', 403, { success_action_redirect: 'https://evil.example' }, (length) => length],
  ])('%s is refused', async (_, status, fields, length) => {
    const mine = await ticketOf(server, token);
    const body = Buffer.concat([bytes, Buffer.alloc(1)]).subarray(0, length(bytes.length));
    expect(await post(mine, body, fields)).toMatchObject({ status });
    expect((await bucket.objects())[mine.key]).toBeUndefined();
  });

  test('sent again before it is complete is looked at as it is then', async () => {
    const mine = await ticketOf(server, token);
    await post(mine, bytes);
    await post(mine, Buffer.alloc(bytes.length, '<'));
    expect(await complete(server, token, [mine])).toMatchObject({ body: { code: 'CONTENT_MISMATCH' } });
  });

  test('that has expired is refused', async () => {
    const short = await open({ uploadMethod: 'POST' }, { limits: { uploadSeconds: 1 } });
    const mine = await ticketOf(short, await signIn(short, 'u1'));
    await expect.poll(() => Date.now() > Date.parse(expiryOf(mine)) + 1000, { timeout: 5000 }).toBe(true);
    expect(await post(mine, bytes)).toEqual(refused);
    await short.stop();
  });

  const expiryOf = ({ fields }: Json): string =>
    JSON.parse(Buffer.from(fields.Policy, 'base64').toString()).expiration;
});

describe('a store', () => {
  test('[BK4] that hangs costs a typed refusal in time; the same upload completes once it is back', async () => {
    const server = await open({ timeoutMs: 300 });
    const token = await signIn(server, 'u1');
    const mine = await ticketOf(server, token);
    await put(mine, bytes);
    store.pause();
    onTestFinished(() => store.resume());
    expect((await presign(server, token, [{ type: 'avatar', bytes }])).status).toBe(200);
    const answer = await complete(server, token, [mine]);
    expect(answer).toMatchObject({ status: 503, body: { success: false, code: 'STORAGE_UNAVAILABLE' } });
    expect(JSON.stringify(answer.body)).not.toMatch(/127\.0\.0\.1|Timeout|pictures\b.*bucket/);
    store.resume();
    expect((await complete(server, token, [mine])).status).toBe(200);
    await server.stop();
  });

  test('that is away does not keep a server from starting', async () => {
    const nowhere = { endpoint: 'http://127.0.0.1:1', timeoutMs: 300 };
    const server = await open(nowhere);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await server.stop();
  });

  test.each<[string, Partial<S3Config>]>([
    ['AWS_BUCKET_NAME: there is no bucket nowhere', { bucket: 'nowhere' }],
    [
      'the keys may not list the bucket pictures',
      { credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' } },
    ],
    [
      'the keys may not list the bucket pictures',
      { credentials: { accessKeyId: 'visavis-test', secretAccessKey: 'wrong-canary' } },
    ],
  ])('[BK4] that does not know its settings is told apart: %s', async (text, s3) => {
    const settings = { stagingFolder: 'any', uploadSeconds: 300, clock: Date.now, report: () => {} };
    const opened = openS3Storage({ s3: bucket.config(s3), ...settings });
    const error: Error = await opened.then(
      () => new Error('it started'),
      (thrown) => thrown,
    );
    expect([error.name, error.message]).toEqual(['ConfigError', expect.stringContaining(text)]);
    expect(error.message).not.toContain('canary');
  });
});
