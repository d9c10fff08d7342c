import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { isPlainPicture } from '../../examples/server/src/pictures/picture-container.ts';
import type { PictureType } from '../../examples/server/src/pictures/picture-types.ts';
import { inspectPicture } from '../../examples/server/src/pictures/pictures.ts';
import { picture } from './support.ts';

const formats = ['webp', 'jpeg', 'png'] as const;
const typeOf = (format: (typeof formats)[number]): PictureType => `image/${format}`;

function pngChunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name), content]);
  const chunk = Buffer.alloc(named.length + 8);
  chunk.writeUInt32BE(content.length, 0);
  named.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(named), named.length + 4);
  return chunk;
}

/** A PNG that says it is this large and is not. */
function pngOfSize(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(64))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

describe.each(formats)('a %s', (format) => {
  const declared = typeOf(format);

  test('that is plain stays as it is, byte for byte', async () => {
    const bytes = await picture(format);
    expect(await inspectPicture(bytes, declared)).toBe(bytes);
  });

  test('under another type is refused', async () => {
    const bytes = await picture(format);
    for (const other of formats.filter((name) => name !== format)) {
      await expect(inspectPicture(bytes, typeOf(other))).rejects.toMatchObject({
        status: 422,
        code: 'CONTENT_MISMATCH',
      });
    }
  });

  test('loses its EXIF with the place it was taken, and is turned the way EXIF said', async () => {
    const tall = sharp({ create: { width: 40, height: 20, channels: 3, background: 'teal' } });
    const bytes = await tall
      .withMetadata({ orientation: 6 })
      .withExifMerge({
        IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N' },
        IFD0: { Artist: 'canary' },
      })
      .toFormat(format)
      .toBuffer();
    expect(bytes.includes('canary')).toBe(true);
    const clean = await inspectPicture(bytes, declared);
    expect(clean.includes('canary')).toBe(false);
    expect(clean.includes('Exif')).toBe(false);
    const { exif, width, height } = await sharp(clean).metadata();
    expect(exif).toBeUndefined();
    expect([width, height]).toEqual([20, 40]);
  });

  test('loses its XMP', async () => {
    const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><canary/></x:xmpmeta>';
    const bytes = await sharp(await picture(format))
      .withXmp(xmp)
      .toFormat(format)
      .toBuffer();
    // PNG compresses it, so the text itself cannot be searched for.
    expect((await sharp(bytes).metadata()).xmp).toBeDefined();
    expect((await sharp(await inspectPicture(bytes, declared)).metadata()).xmp).toBeUndefined();
  });

  test('loses whatever follows its end', async () => {
    const bytes = Buffer.concat([
      await picture(format),
      Buffer.from('<script>alert(1)</script>\xff\xd9', 'latin1'),
    ]);
    const clean = await inspectPicture(bytes, declared);
    expect(clean.includes('<script>')).toBe(false);
    expect(isPlainPicture(clean, declared)).toBe(true);
  });

  test('that is cut off anywhere is refused or made whole, and nothing else happens', async () => {
    const bytes = await picture(format, 32);
    for (let end = 0; end < bytes.length; end += 3) {
      const cut = await inspectPicture(bytes.subarray(0, end), declared).catch((error: unknown) => error);
      if (Buffer.isBuffer(cut)) expect(isPlainPicture(cut, declared)).toBe(true);
      else expect(cut).toMatchObject({ status: 422 });
    }
  });

  test('with any byte changed is refused or answered, and nothing else happens', async () => {
    const bytes = await picture(format, 32);
    for (let at = 0; at < bytes.length; at += 5) {
      const broken = Buffer.from(bytes);
      broken[at] = (broken[at] ?? 0) ^ 0xff;
      const result = await inspectPicture(broken, declared).catch((error: unknown) => error);
      if (!Buffer.isBuffer(result)) expect(result).toMatchObject({ status: 422 });
    }
  });
});

test.each([
  ['text', Buffer.from('<script>alert(1)</script>')],
  ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')],
  ['UTF-16 SVG', Buffer.from('\ufeff<svg xmlns="http://www.w3.org/2000/svg"/>', 'utf16le')],
  ['a GIF that is also a script', Buffer.from('GIF89a/*\0\0*/=1;alert(1)//')],
  ['a PDF', Buffer.from('%PDF-1.7')],
  ['a zip', Buffer.from('PK\x03\x04')],
  ['a sound in RIFF', Buffer.from('RIFF\x10\0\0\0WAVEfmt ')],
  ['nothing', Buffer.alloc(0)],
])('%s is no picture, whatever it is declared as', async (_, bytes) => {
  for (const format of formats) {
    await expect(inspectPicture(bytes, typeOf(format))).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
  }
});

test.each([
  [8193, 1],
  [1, 8193],
  [6400, 6400],
  [65535, 65535],
])('a bomb of %i×%i is refused by its header', async (width, height) => {
  await expect(inspectPicture(pngOfSize(width, height), 'image/png')).rejects.toMatchObject({
    status: 422,
    code: 'TOO_MANY_PIXELS',
  });
});

test('the largest sizes are taken', async () => {
  const flat = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
  for (const bytes of [await flat(8192, 4), await flat(4, 8192), await flat(6324, 6324)]) {
    expect(await inspectPicture(bytes, 'image/png')).toBe(bytes);
  }
});

test('an animated WebP becomes a still one', async () => {
  const frames = Buffer.concat([Buffer.alloc(16 * 16 * 3, 10), Buffer.alloc(16 * 16 * 3, 200)]);
  const raw = { width: 16, height: 32, channels: 3 as const, pageHeight: 16 };
  const bytes = await sharp(frames, { raw })
    .webp({ loop: 0, delay: [100, 100] })
    .toBuffer();
  expect((await sharp(bytes).metadata()).pages).toBe(2);
  const clean = await inspectPicture(bytes, 'image/webp');
  expect((await sharp(clean).metadata()).pages ?? 1).toBe(1);
});

test('a JPEG keeps no comment', async () => {
  const bytes = await picture('jpeg');
  const comment = Buffer.from('\xff\xfe\x00\x08canary', 'latin1');
  const clean = await inspectPicture(
    Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2)]),
    'image/jpeg',
  );
  expect(clean.includes('canary')).toBe(false);
});

test('a PNG keeps no text', async () => {
  const bytes = await picture('png');
  const chunk = pngChunk('tEXt', Buffer.from('Comment\0canary'));
  const clean = await inspectPicture(
    Buffer.concat([bytes.subarray(0, 33), chunk, bytes.subarray(33)]),
    'image/png',
  );
  expect(clean.includes('canary')).toBe(false);
});
