import { request } from 'node:http';
import { deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isPlainPicture } from '../../examples/server/src/pictures/picture-container.ts';
import { isPictureType } from '../../examples/server/src/pictures/picture-types.ts';
import { phonePhoto } from '../support/photo.ts';
import {
  bytes,
  gif,
  ihdr,
  jpegHeader,
  PNG_SIGNATURE,
  pngChunk,
  riff,
  riffChunk,
} from '../support/picture-bytes.ts';
import { expectAlive, expectRefusal } from './attack-support.ts';
import { type PictureField, targets } from './attack-targets.ts';
import {
  type Answer,
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
} from './support.ts';
import { photo, sendForm } from './wires-support.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startServer();
  token = await signIn(server, 'u1');
});
afterAll(() => server.stop());

const text = (content: string, encoding?: BufferEncoding) => Buffer.from(content, encoding);
const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>';
const pngOf = (width: number, height: number) =>
  Buffer.from(
    bytes(
      PNG_SIGNATURE,
      ihdr(width, height),
      pngChunk('IDAT', deflateSync(Buffer.alloc(64))),
      pngChunk('IEND'),
    ),
  );

/** Files that no wire may take, whatever name and type they come under. */
const refusedFiles: readonly [string, () => Buffer | Promise<Buffer>][] = [
  ['nothing', () => Buffer.alloc(0)],
  ['one byte', () => Buffer.alloc(1)],
  ['zeros', () => Buffer.alloc(10_000)],
  ['an SVG', () => text(svg)],
  ['an SVG behind a declaration', () => text(`\ufeff<?xml version="1.0"?>\n<!-- x -->\n${svg}`)],
  ['an SVG in UTF-16', () => text(`\ufeff${svg}`, 'utf16le')],
  ['an SVG in UTF-16, the other way round', () => text(`\ufeff${svg}`, 'utf16le').swap16()],
  ['an SVG in gzip', () => gzipSync(svg)],
  ['a page', () => text('<!doctype html><script>alert(1)</script>')],
  [
    'a page behind the first bytes of a JPEG',
    () => text('\xff\xd8\xff\xe0<script>alert(1)</script>', 'latin1'),
  ],
  [
    'a page behind the first bytes of a PNG',
    () => text('\x89PNG\r\n\x1a\n<script>alert(1)</script>', 'latin1'),
  ],
  [
    'a page behind the first bytes of a WebP',
    () => text('RIFF\x20\0\0\0WEBP<script>alert(1)</script>', 'latin1'),
  ],
  ['a script that starts like a GIF', () => text('GIF89a/*\x01\x01\0\0*/=1;alert(1)//', 'latin1')],
  ['a PDF', () => text('%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj')],
  ['a zip', () => text('PK\x03\x04\x14\0\0\0', 'latin1')],
  ['a program', () => text('\x7fELF\x02\x01\x01', 'latin1')],
  ['a bitmap', () => text('BM\x46\0\0\0\0\0\0\0\x36\0\0\0', 'latin1')],
  ['an icon', () => text('\0\0\x01\0\x01\0\x10\x10', 'latin1')],
  [
    'a TIFF',
    () =>
      sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } })
        .tiff()
        .toBuffer(),
  ],
  ['an AVIF', () => text('\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf', 'latin1')],
  ['a film', () => text('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1')],
  ['a PostScript behind a comment', () => text('%!PS-Adobe-3.0\n(/etc/passwd) run')],
  [
    'an MVG',
    () => text('push graphic-context\nimage over 0,0 0,0 "url(http://127.0.0.1:1/)"\npop graphic-context'),
  ],
  ['a PNG of no size', () => pngOf(0, 0)],
  ['a PNG of a negative size', () => pngOf(0xffff_ffff, 1)],
  ['half a JPEG', async () => (await picture('jpeg', 128)).subarray(0, 300)],
  ['half a PNG', async () => (await picture('png', 128)).subarray(0, 150)],
  ['half a WebP', async () => (await picture('webp', 128)).subarray(0, 60)],
];

/** Pictures that would fill the memory, known by their headers. */
const bombs: readonly [string, () => Buffer][] = [
  ['a PNG of four gigapixels', () => pngOf(65_535, 65_535)],
  ['a PNG of 41 megapixels', () => pngOf(6_400, 6_400)],
  ['a PNG that is too wide', () => pngOf(8_193, 1)],
  ['a PNG that is too tall', () => pngOf(1, 8_193)],
  ['a JPEG of four gigapixels', () => Buffer.from(jpegHeader(65_500, 65_500))],
  ['a GIF of four gigapixels', () => Buffer.from(gif([65_535, 65_535], [0, 0, 65_535, 65_535]))],
  [
    'a WebP of 268 megapixels',
    () => {
      const frame = [0x30, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f];
      return Buffer.from(riff(riffChunk('VP8 ', [...frame, ...Array(30).fill(0)])));
    },
  ],
];

const script = '<script>alert("canary")</script>';

/** Files that are pictures and more; only the picture may be left. */
const mixedFiles: readonly [string, 'jpeg' | 'png', () => Promise<Buffer>][] = [
  ['a JPEG with a page behind it', 'jpeg', async () => Buffer.concat([await picture('jpeg'), text(script)])],
  ['a JPEG with a page in a comment', 'jpeg', async () => commented(await picture('jpeg'))],
  ['a JPEG with a place and a camera', 'jpeg', () => phonePhoto(undefined, 300)],
  [
    'a PNG with an archive behind it',
    'png',
    async () => Buffer.concat([await picture('png'), text(`PK\x03\x04${script}`)]),
  ],
  [
    'a PNG with a page in its text',
    'png',
    async () => chunked(await picture('png'), 'tEXt', text(`x\0${script}`)),
  ],
  ['a PNG with a chunk nobody knows', 'png', async () => chunked(await picture('png'), 'caNv', text(script))],
  [
    'a PNG whose text unpacks into 64 MB',
    'png',
    async () =>
      chunked(
        await picture('png'),
        'zTXt',
        Buffer.concat([text('x\0\0'), deflateSync(Buffer.alloc(2 ** 26))]),
      ),
  ],
];

function commented(jpeg: Buffer): Buffer {
  const comment = text(script);
  const head = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, comment, jpeg.subarray(2)]);
}

/** Behind the header, where the first chunk ends. */
function chunked(png: Buffer, name: string, content: Buffer): Buffer {
  return Buffer.concat([png.subarray(0, 33), pngChunk(name, content), png.subarray(33)]);
}

const hostileNames = [
  '../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '/etc/passwd',
  '.htaccess',
  'con.png',
  'x.php',
  'x.php%00.png',
  'x.svg',
  'x.png/',
  '<img src=x onerror=alert(1)>.png',
  '"; filename="y.svg',
  "'; drop table pictures; --.png",
  '%24{jndi:ldap:%2f%2f127.0.0.1}',
  '\u202egnp.exe',
  '__proto__',
  'x'.repeat(200),
  ' ',
];

const forms = targets.flatMap(({ path, form }): [string, PictureField][] =>
  form === undefined ? [] : [[path.replace(':id', 'u1'), form]],
);

const file = (content: Buffer, name = 'me.png', type = 'image/png') =>
  new File([new Uint8Array(content)], name, { type });
const send = (path: string, form: FormData | Record<string, string | File>) =>
  sendForm(server, path, { token, form });

async function sendPresigned(content: Buffer, contentType: string): Promise<Answer> {
  const presigned = await presign(server, token, [{ type: 'avatar', bytes: content, contentType }]);
  if (presigned.status !== 200) return presigned;
  const stored = await put(presigned.body.uploads[0], content);
  return stored.status === 200 ? complete(server, token, presigned.body.uploads) : stored;
}

const sendBase64 = (content: Buffer, type: string): Promise<Answer> =>
  call(server, 'POST', '/api/profile-picture-api/upload-picture', {
    token,
    json: { base64Image: `data:${type};base64,${content.toString('base64')}`, filename: 'me.png' },
  });

const profile = async (): Promise<Json> =>
  (await call(server, 'GET', '/api/users/u1/profile', { token })).body;

describe('a file that is no picture to show', () => {
  let before: Json;
  let objects: string[];
  beforeEach(async () => {
    before = await profile();
    objects = await stored(server, 'public');
  });

  async function expectNothing(answer: Answer, about: unknown): Promise<void> {
    expectRefusal(answer, about);
    expect([about, [400, 413, 415, 422].includes(answer.status)]).toEqual([about, true]);
  }

  test.each([...refusedFiles, ...bombs])('[AT5] %s is refused on every way in', async (_, make) => {
    const content = await make();
    for (const [path, { field }] of forms) {
      for (const type of ['image/png', 'image/svg+xml']) {
        await expectNothing(await send(path, { [field]: file(content, 'me.png', type) }), [path, type]);
      }
    }
    for (const type of ['image/webp', 'image/jpeg', 'image/png', 'image/svg+xml', 'text/html', 'image/gif']) {
      await expectNothing(await sendPresigned(content, type), type);
      await expectNothing(await sendBase64(content, type), type);
    }
    expect(await profile()).toEqual(before);
    expect(await stored(server, 'public')).toEqual(objects);
    expect((await stored(server, 'staged')).filter((key) => key.includes('/u1/'))).toEqual([]);
    await expectAlive(server);
  });

  test.each(bombs)('%s is refused for its size alone', async (_, make) => {
    const content = make();
    const tooMany = { status: 422, body: { code: 'TOO_MANY_PIXELS' } };
    const type = { 137: 'png', 255: 'jpeg', 82: 'webp' }[content[0] ?? 0] ?? 'gif';
    if (type !== 'gif') expect(await sendPresigned(content, `image/${type}`)).toMatchObject(tooMany);
    for (const [path, { field }] of forms.filter(([, { types }]) => types.includes(type))) {
      expect([path, await send(path, { [field]: file(content) })]).toMatchObject([path, tooMany]);
    }
    await expectAlive(server);
  });
});

describe('a picture that is more than a picture', () => {
  /** What is at the address it gave, or at the user's. */
  async function expectClean(about: string, answer: Answer): Promise<void> {
    expect([about, [200, 201].includes(answer.status)]).toEqual([about, true]);
    const response = await fetch(answer.body.url ?? (await profile()).avatar_url);
    const type = response.headers.get('content-type') ?? '';
    const content = Buffer.from(await response.arrayBuffer());
    expect([about, isPictureType(type) && isPlainPicture(content, type)]).toEqual([about, true]);
    expect(content.toString('latin1')).not.toMatch(/canary|script|GPS|Exif|SecretModel/);
  }

  test.each(mixedFiles)(
    '[AT5] %s is shown without what it carries, on every way in',
    async (_, format, make) => {
      const content = await make();
      for (const [path, { field }] of forms) {
        await expectClean(path, await send(path, { [field]: file(content) }));
      }
      await expectClean('presigned', await sendPresigned(content, `image/${format}`));
      await expectClean('base64', await sendBase64(content, 'image/png'));
      await expectAlive(server);
    },
  );
});

describe('a form', () => {
  test.each(forms)('to %s never lends its file’s name to anything', async (path, { field }) => {
    for (const name of hostileNames) {
      const answer = await send(path, { [field]: file(await picture('png'), name, 'image/svg+xml') });
      expect([name, [200, 201].includes(answer.status)]).toEqual([name, true]);
      expect(JSON.stringify(answer.body)).not.toContain(name.trim() || 'nothing');
    }
    for (const key of await stored(server, 'public'))
      expect(key).toMatch(/^avatars\/(media\/)?u1\/[0-9a-f]{32}\.(webp|png|jpg)$/);
    expect((await profile()).avatar_url).toMatch(/\/files\/avatars\/u1\/[0-9a-f]{32}\.webp$/);
    await expectAlive(server);
  });

  test.each(forms)('to %s that is not as it should be is refused', async (path, { field }) => {
    const content = await photo();
    const made = (...parts: [string, string | File][]) => {
      const form = new FormData();
      for (const [name, value] of parts) form.append(name, value);
      return form;
    };
    const many = <T>(count: number, make: (at: number) => T) =>
      Array.from({ length: count }, (_, at) => make(at));
    const tries: [string, FormData][] = [
      ['nothing', made()],
      ['text for a file', made([field, 'text'])],
      ['another name', made(['other', content])],
      ['two files', made([field, content], [field, content])],
      ['a file for the field that says whose', made(['userId', content])],
      ['1,000 fields', made(...many(1000, (at): [string, string] => [`f${at}`, 'x']), [field, content])],
      ['1,000 files', made(...many(1000, (at): [string, File] => [`f${at}`, content]))],
      ['a field of a megabyte', made(['note', 'x'.repeat(2 ** 20)], [field, content])],
      ['a prototype', made(['__proto__', 'x'], [field, content])],
      ['another user', made(['userId', 'u2'], [field, content])],
    ];
    for (const [about, form] of tries) {
      const answer = await send(path, form);
      // Only one of the wires has a field that says whose it is.
      const isOpen = about === 'another user' && !path.endsWith('/upload-picture');
      if (isOpen) expect((await profile()).id).toBe('u1');
      else expectRefusal(answer, about);
    }
    await expectAlive(server);
  });

  test.each(forms)('to %s may be any bytes', async (path, { field }) => {
    const part = (head: string, body = 'x') => `--b\r\n${head}\r\n\r\n${body}\r\n--b--\r\n`;
    const raws = [
      '',
      '--b',
      '--b--',
      '--b\r\nContent-Dispo',
      part(''),
      part('Content-Disposition: form-data'),
      part(`Content-Disposition: form-data; name="${field}"; filename="`),
      part(`Content-Disposition: form-data; name="${field}"; filename*=UTF-8''%00%ff.png`),
      part(`Content-Disposition: form-data; name="${field}\0"; filename="x.png"`),
      part(`Content-Disposition: attachment; name="${field}"; filename="x.png"`),
      part(
        `Content-Disposition: form-data; name="${field}"; filename="x.png"\r\nContent-Type: multipart/mixed; boundary=c`,
      ),
      part(
        `${Array.from({ length: 2000 }, (_, at) => `X-${at}: x`).join('\r\n')}\r\nContent-Disposition: form-data; name="x"`,
      ),
      `--b\r\nContent-Disposition: form-data; name="${field}"; filename="x.png"\r\n\r\n${'x'.repeat(1000)}`,
    ];
    for (const raw of raws) {
      const answer = await call(server, 'POST', path, {
        token,
        raw,
        headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
      });
      expectRefusal(answer, raw.slice(0, 80));
    }
    await expectAlive(server);
  });

  test.each(forms)(
    'to %s has a limit to the byte, with a length and without',
    async (path, { field, maxBytes }) => {
      const base = await picture('png');
      const padded = (size: number) => Buffer.concat([base, Buffer.alloc(size - base.length)]);
      expect((await send(path, { [field]: file(padded(maxBytes)) })).status).toBeLessThan(300);
      expectRefusal(await send(path, { [field]: file(padded(maxBytes + 1)) }), 'a byte too much');
      expect(await sendChunked(path, field, padded(maxBytes))).toBeLessThan(300);
      expect(await sendChunked(path, field, padded(maxBytes + 1))).toBe(413);
      await expectAlive(server);
    },
  );

  /** A body whose length nobody told. */
  function sendChunked(path: string, field: string, content: Buffer): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'multipart/form-data; boundary=b' };
      const sending = request(new URL(path, server.url), { method: 'POST', headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      sending.on('error', reject);
      sending.write(`--b\r\nContent-Disposition: form-data; name="${field}"; filename="x.png"\r\n\r\n`);
      sending.write(content);
      sending.end('\r\n--b--\r\n');
    });
  }
});

test('a presigned file has a limit to the byte', async () => {
  const { fileBytes } = server.config.limits;
  const ask = (size: unknown) =>
    call(server, 'POST', '/api/users/me/avatar/presign', {
      token,
      json: { files: [{ type: 'avatar', contentType: 'image/webp', size }] },
    });
  expect((await ask(fileBytes)).status).toBe(200);
  for (const size of [fileBytes + 1, 2 ** 53 - 1]) {
    expect(await ask(size)).toMatchObject({ status: 413, body: { code: 'FILE_TOO_LARGE' } });
  }
  for (const size of [0, -1, 1.5, '100', null, 1e300]) expect((await ask(size)).status).toBe(400);
});

describe('a picture that is shown', () => {
  test.each<[string, () => Promise<string>]>([
    ['at its own address', async () => (await profile()).avatar_url],
    ['as a thumbnail', async () => (await profile()).avatar_thumb_url],
    ['by its media id', mediaUrl],
    ['by its media id, small', async () => `${await mediaUrl()}?thumbnail=true`],
    ['for want of one', async () => `${server.url}/uploads/default-avatar.jpg`],
  ])('%s is nothing but a picture', async (_, find) => {
    await sendForm(server, '/api/upload/profile', { token, form: { file: await photo() } });
    const url = await find();
    for (const method of ['GET', 'HEAD']) {
      for (const Accept of ['image/*', 'text/html', 'image/svg+xml']) {
        const response = await fetch(url, { method, headers: { Accept, Origin: 'https://evil.example' } });
        expect(response.status).toBe(200);
        expect(Object.fromEntries(response.headers)).toMatchObject({
          'content-type': expect.stringMatching(/^image\/(webp|jpeg|png)$/),
          'content-disposition': 'inline',
          'content-security-policy': "sandbox; default-src 'none'",
          'x-content-type-options': 'nosniff',
          'cache-control': 'public, max-age=31536000, immutable',
          'cross-origin-resource-policy': 'cross-origin',
        });
        expect(response.headers.get('access-control-allow-credentials')).toBeNull();
        expect(response.headers.get('set-cookie')).toBeNull();
        expect(response.headers.get('server')).toBeNull();
        expect(response.headers.get('x-powered-by')).toBeNull();
      }
    }
  });

  async function mediaUrl(): Promise<string> {
    const { body } = await call(server, 'GET', '/api/users/u1', { token });
    return `${server.url}/api/users/media/${body.profile_picture}`;
  }
});
