import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  call,
  complete,
  type Json,
  picture,
  presign,
  put,
  signIn,
  startServer,
  stored,
  type TestServer,
  uploadAvatar,
} from './support.ts';

let server: TestServer;
let token: string;
let bytes: Buffer;
beforeAll(async () => {
  server = await startServer();
  token = await signIn(server, 'u1');
  bytes = await picture('webp', 256);
});
afterAll(() => server.stop());

async function ticket(): Promise<Json> {
  return (await presign(server, token, [{ type: 'avatar', bytes }])).body.uploads[0];
}

function changed(upload: Json, change: (url: URL) => void): Json {
  const url = new URL(upload.url);
  change(url);
  return { ...upload, url: url.href };
}

describe('a presigned URL', () => {
  test('takes one PUT and refuses the second, also after the upload is complete', async () => {
    const upload = await ticket();
    expect((await put(upload, bytes)).status).toBe(200);
    expect(await put(upload, bytes)).toMatchObject({ status: 412, body: { code: 'ALREADY_UPLOADED' } });
    expect((await complete(server, token, [upload])).status).toBe(200);
    expect(await put(upload, bytes)).toMatchObject({ status: 412, body: { code: 'ALREADY_UPLOADED' } });
  });

  test('takes exactly one of eight PUTs at once', async () => {
    const upload = await ticket();
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(upload, bytes)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array(7).fill(412)]);
  });

  test.each(['image/png', 'text/html', 'image/webp; charset=utf-8'])('refuses the type %s', async (type) => {
    const answer = await put(await ticket(), bytes, { 'Content-Type': type });
    expect(answer).toMatchObject({ status: 415, body: { code: 'WRONG_CONTENT_TYPE' } });
  });

  test.each([-1, 1])('refuses a body that is off by %i byte', async (off) => {
    const other = Buffer.alloc(bytes.length + off);
    expect(await put(await ticket(), other)).toMatchObject({ status: 400, body: { code: 'WRONG_LENGTH' } });
  });

  test('refuses a body of unknown length', async () => {
    const upload = await ticket();
    const response = await fetch(upload.url, {
      method: 'PUT',
      headers: upload.headers,
      body: new Blob([new Uint8Array(bytes)]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(411);
    expect(await response.json()).toMatchObject({ success: false, code: 'LENGTH_REQUIRED' });
  });

  test('refuses a changed signature, type, size, expiry or key', async () => {
    const other = await ticket();
    const forgeries: ((url: URL) => void)[] = [
      (url) => url.searchParams.set('signature', '0'.repeat(64)),
      (url) => url.searchParams.set('signature', ''),
      (url) => url.searchParams.delete('signature'),
      (url) => url.searchParams.append('signature', 'x'),
      (url) => url.searchParams.set('type', 'image/png'),
      (url) => url.searchParams.set('size', '9999999'),
      (url) => url.searchParams.set('expires', String(Date.now() + 10 ** 9)),
      (url) => {
        url.pathname = new URL(other.url).pathname;
      },
      (url) => {
        url.pathname = '/storage/..%2f..%2fescaped.webp';
      },
    ];
    for (const forge of forgeries) {
      const upload = changed(await ticket(), forge);
      expect(await put(upload, bytes)).toMatchObject({ status: 403, body: { code: 'BAD_SIGNATURE' } });
    }
    expect((await put(other, bytes)).status).toBe(200);
  });

  test('expires', async () => {
    const upload = await ticket();
    server.clock.ahead += 300_000;
    const answer = await put(upload, bytes);
    server.clock.ahead = 0;
    expect(answer).toMatchObject({ status: 403, body: { code: 'URL_EXPIRED' } });
  });

  test('of one server is worth nothing to another with another secret', async () => {
    const stranger = await startServer({ secret: 'another secret that is long enough to be one' });
    const url = new URL(new URL((await ticket()).url).pathname, stranger.url);
    url.search = new URL((await ticket()).url).search;
    const answer = await put({ url: url.href, headers: { 'Content-Type': 'image/webp' } }, bytes);
    await stranger.stop();
    expect(answer).toMatchObject({ status: 403, body: { code: 'BAD_SIGNATURE' } });
  });

  test('can be used again after a PUT that was cut short, of which nothing stays', async () => {
    const upload = await ticket();
    const before = await stored(server, 'staged');
    await new Promise<void>((resolve) => {
      const cut = request(upload.url, {
        method: 'PUT',
        headers: { ...upload.headers, 'Content-Length': bytes.length },
      });
      cut.on('error', () => {});
      cut.on('close', resolve);
      cut.write(bytes.subarray(0, 100), () => cut.destroy());
    });
    expect((await put(upload, bytes)).status).toBe(200);
    expect(await stored(server, 'staged')).toHaveLength(before.length + 1);
    await expect.poll(() => stored(server, 'partial')).toEqual([]);
  });

  test('cannot be read from outside before it is complete', async () => {
    const upload = await ticket();
    await put(upload, bytes);
    expect((await fetch(`${server.url}/files/${upload.key}`)).status).toBe(404);
    expect((await fetch(upload.url)).status).toBe(404);
  });

  test('may be used by a page of any origin, and its refusals can be read there', async () => {
    const upload = await ticket();
    const preflight = await call(server, 'OPTIONS', new URL(upload.url).pathname, {
      headers: {
        Origin: 'https://app.example',
        'Access-Control-Request-Method': 'PUT',
        'Access-Control-Request-Headers': 'content-type',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('Content-Type');
    const refusal = await put(upload, bytes, { 'Content-Type': 'text/html', Origin: 'https://app.example' });
    expect(refusal.status).toBe(415);
    expect(refusal.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('a published picture', () => {
  test('is served for ever, as what it is and nothing else', async () => {
    const { avatar_url } = await uploadAvatar(server, token);
    const response = await fetch(`${avatar_url}?v=1`, { headers: { Origin: 'https://app.example' } });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-disposition': 'inline',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
    });
    const etag = response.headers.get('etag') ?? '';
    expect((await fetch(avatar_url, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    expect((await fetch(avatar_url, { method: 'HEAD' })).status).toBe(200);
  });

  test.each([
    '../database/PG_VERSION',
    '..%2fspent',
    '%2e%2e%2f%2e%2e%2fserver.lock',
    'x.webp%00',
    'avatars',
    '%2f.webp',
  ])('is all that is served: %s is not', async (path) => {
    expect((await fetch(`${server.url}/files/${path}`)).status).toBe(404);
  });

  test('is served from our folder alone, whatever else lies in the store', async () => {
    const key = 'invoices/page-1.webp';
    await writeFile(join(server.folder, 'objects', 'public', encodeURIComponent(key)), bytes);
    for (const path of [key, `avatars/%2e%2e/${key}`, `avatars%2f..%2f${key}`]) {
      expect((await fetch(`${server.url}/files/${path}`)).status).toBe(404);
    }
  });

  test('and its upload go where the settings say', async () => {
    const elsewhere = await startServer({
      storageUrl: 'https://storage.example/',
      picturesUrl: 'https://cdn.example/pictures',
      avatarFolder: 'faces',
    });
    const there = await signIn(elsewhere, 'u1');
    const { body } = await presign(elsewhere, there, [{ type: 'avatar', bytes }]);
    const [upload] = body.uploads;
    expect(upload.url).toMatch(/^https:\/\/storage\.example\/storage\/faces-staging\/u1\//);
    await put({ ...upload, url: upload.url.replace('https://storage.example', elsewhere.url) }, bytes);
    const completed = await complete(elsewhere, there, [upload]);
    const page = await fetch(elsewhere.url);
    await elsewhere.stop();
    expect(completed.body.avatar_url).toMatch(
      /^https:\/\/cdn\.example\/pictures\/faces\/u1\/[0-9a-f]{32}\.webp$/,
    );
    expect(page.headers.get('content-security-policy')).toContain(
      "img-src 'self' blob: https://cdn.example;",
    );
    expect(page.headers.get('content-security-policy')).toContain('https://storage.example;');
  });
});
