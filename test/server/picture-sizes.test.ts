import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  renderSizes,
  shrinkToMedium,
  sourceTypes,
} from '../../examples/server/src/pictures/picture-sizes.ts';
import { nearestQuarter, phonePhoto, quarters } from '../support/photo.ts';
import { gif } from '../support/picture-bytes.ts';
import { picture } from './support.ts';

const { VISAVIS_CORPORA = '' } = process.env;
const render = (bytes: Buffer) => renderSizes(bytes, sourceTypes);

async function sizesOf(files: Record<string, Buffer>): Promise<Record<string, unknown>> {
  const sizes = Object.entries(files).map(async ([name, bytes]) => {
    const { format, width, height, exif, icc, xmp } = await sharp(bytes).metadata();
    return [name, { format, width, height, exif, icc, xmp }];
  });
  return Object.fromEntries(await Promise.all(sizes));
}

const bare = (side: number) => ({
  format: 'webp',
  width: side,
  height: side,
  exif: undefined,
  icc: undefined,
  xmp: undefined,
});
const all = { avatar: bare(256), medium: bare(150), thumb: bare(64) };

describe('A whole file', () => {
  test.each(['webp', 'jpeg', 'png', 'gif'] as const)(
    'of %s becomes three bare WebP squares',
    async (format) => {
      const bytes = await sharp(await picture('png', 300))
        .resize(300, 200)
        .toFormat(format)
        .toBuffer();
      const { files, source } = await render(bytes);
      expect(await sizesOf(files)).toEqual(all);
      expect(source).toEqual({ type: `image/${format}`, size: bytes.length, width: 300, height: 200 });
    },
  );

  test('[WR4] from a phone stands upright, without the place it was taken', async () => {
    const photo = await phonePhoto();
    const { files, source } = await render(photo);
    expect([source.width, source.height]).toEqual([3000, 4000]);
    for (const bytes of Object.values(files)) {
      const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const at = (x: number, y: number) => {
        const from = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 3;
        return nearestQuarter(data[from] ?? 0, data[from + 1] ?? 0, data[from + 2] ?? 0);
      };
      expect([at(0.2, 0.2), at(0.8, 0.2), at(0.2, 0.8), at(0.8, 0.8)]).toEqual(quarters);
      expect(bytes.includes('SecretModel')).toBe(false);
    }
  });

  test('keeps its transparency, and is grey, deep or tiny all the same', async () => {
    const clear = { create: { width: 9, height: 5, channels: 4 as const, background: '#00000000' } };
    const { files } = await render(await sharp(clear).png().toBuffer());
    const { channels } = await sharp(files.avatar).stats();
    expect(channels[3]?.max).toBe(0);
    const grey = await sharp(await picture('png'))
      .greyscale()
      .png()
      .toBuffer();
    const deep = await sharp(await picture('png'))
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    for (const bytes of [grey, deep]) expect(await sizesOf((await render(bytes)).files)).toEqual(all);
  });

  test('that moves becomes its first picture', async () => {
    const frames = Buffer.concat([Buffer.alloc(16 * 16 * 3, 10), Buffer.alloc(16 * 16 * 3, 200)]);
    const raw = { width: 16, height: 32, channels: 3 as const, pageHeight: 16 };
    for (const format of ['gif', 'webp'] as const) {
      const bytes = await sharp(frames, { raw })
        .toFormat(format, { loop: 0, delay: [100, 100] })
        .toBuffer();
      const { files } = await render(bytes);
      const { channels } = await sharp(files.avatar).stats();
      expect(Math.round(channels[0]?.mean ?? 0)).toBeLessThan(30);
    }
  });

  test('[WR4] leaves nothing of what followed its end', async () => {
    const script = Buffer.from('<script>alert(1)</script>PK\x03\x04', 'latin1');
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const { files } = await render(Buffer.concat([await picture(format), script]));
      for (const bytes of Object.values(files)) expect(bytes.includes('script')).toBe(false);
    }
  });
});

test.each([
  ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
  ['text', 'hello'],
  ['nothing', ''],
])('%s is refused, whatever it is called', async (_, content) => {
  await expect(render(Buffer.from(content))).rejects.toMatchObject({ status: 415, code: 'UNSUPPORTED_TYPE' });
});

test('[WR4] a type that the wire does not take is refused by content', async () => {
  await expect(renderSizes(await picture('webp'), ['image/jpeg', 'image/png'])).rejects.toMatchObject({
    status: 415,
    message: 'unable to use the picture; it must be one of jpeg, png',
  });
});

test.each([
  ['a GIF that is also a script', Buffer.from('GIF89a/*\0\0*/=1;alert(1)//')],
  ['a PNG that ends early', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')],
])('%s is refused', async (_, bytes) => {
  await expect(render(bytes)).rejects.toMatchObject({ status: 422, code: 'CORRUPT_PICTURE' });
});

test('a GIF that says it is too large is refused by its header', async () => {
  const bytes = Buffer.from(gif([9000, 1], [0, 0, 9000, 1]));
  await expect(render(bytes)).rejects.toMatchObject({ status: 422, code: 'TOO_MANY_PIXELS' });
});

test('a stored picture is shrunk to the size only some have', async () => {
  const bytes = await shrinkToMedium(await picture('jpeg', 256));
  const { format, width, height } = await sharp(bytes).metadata();
  expect([format, width, height]).toEqual(['jpeg', 150, 150]);
});

describe.skipIf(VISAVIS_CORPORA === '')('The shared pictures (set VISAVIS_CORPORA to run these)', () => {
  const files =
    VISAVIS_CORPORA === '' ? [] : readdirSync(VISAVIS_CORPORA, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));

  test('become three bare squares or are refused, every one', { timeout: 300_000 }, async () => {
    let taken = 0;
    for (const path of paths) {
      const result = await render(readFileSync(path)).catch((error: unknown) => error);
      if (result instanceof Error)
        expect(result, path).toMatchObject({ status: expect.toBeOneOf([415, 422]) });
      else expect(await sizesOf((result as Awaited<ReturnType<typeof render>>).files), path).toEqual(all);
      taken += result instanceof Error ? 0 : 1;
    }
    expect(taken).toBeGreaterThan(100);
  });

  test('in eight orientations are the same picture', async () => {
    const means: Buffer[] = [];
    for (const path of paths.filter((name) => /Landscape_[1-8]\.jpg$/.test(name))) {
      const { files: rendered } = await render(readFileSync(path));
      const { data } = await sharp(rendered.thumb).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      means.push(data);
    }
    expect(means).toHaveLength(8);
    for (const data of means) {
      const difference = data.reduce((sum, value, at) => sum + Math.abs(value - (means[0]?.[at] ?? 0)), 0);
      expect(difference / data.length).toBeLessThan(8);
    }
  });
});
