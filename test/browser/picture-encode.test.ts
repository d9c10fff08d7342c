import { expect, test } from 'vitest';
import { type ToBlob, toBlob } from '../../src/picture/canvas.ts';
import { encode } from '../../src/picture/encode.ts';
import { parts } from '../support/picture-bytes.ts';
import { colourAt, paintDetail, painted, pixelsOf } from '../support/pictures.ts';

/** As WebKit does: any type it cannot write silently becomes PNG. */
const withoutWebp: ToBlob = (canvas, type, quality) =>
  toBlob(canvas, type === 'image/webp' ? 'image/png' : type, quality);

const opaque = () => painted(64, 64, (context) => paintDetail(context, 64, 64));
const pierced = () =>
  painted(64, 64, (context) => {
    paintDetail(context, 64, 64);
    context.clearRect(0, 0, 20, 20);
  });

test('writes WebP where the browser can', async () => {
  const { type, blob } = await encode(opaque(), 0.82, true);
  expect([type, blob.type]).toEqual(['image/webp', 'image/webp']);
});

test('writes JPEG where it cannot', async () => {
  for (const mayBeTransparent of [true, false]) {
    const { type, blob } = await encode(opaque(), 0.82, mayBeTransparent, undefined, withoutWebp);
    expect([type, blob.type]).toEqual(['image/jpeg', 'image/jpeg']);
    expect(await pixelsOf(blob)).toMatchObject({ width: 64, height: 64 });
    for (const marker of parts(new Uint8Array(await blob.arrayBuffer())))
      expect(marker).not.toMatch(/^e[1-9a-df]|fe$/);
  }
});

test('writes PNG where it cannot and a pixel is transparent', async () => {
  const { type, blob } = await encode(pierced(), 0.82, true, undefined, withoutWebp);
  expect([type, blob.type]).toEqual(['image/png', 'image/png']);
  expect(colourAt(await pixelsOf(blob), 5, 5)[3]).toBe(0);
  expect(new Set(parts(new Uint8Array(await blob.arrayBuffer())))).toEqual(new Set(['IHDR', 'IDAT', 'IEND']));
});

test('lays JPEG on white', async () => {
  const { type, blob } = await encode(pierced(), 0.95, false, undefined, withoutWebp);
  expect(type).toBe('image/jpeg');
  const [red = 0, green = 0, blue = 0] = colourAt(await pixelsOf(blob), 5, 5);
  expect(Math.min(red, green, blue)).toBeGreaterThan(245);
});

test('gives up when the browser writes none of them', async () => {
  const bmp: ToBlob = () => Promise.resolve(new Blob(['BM'], { type: 'image/bmp' }));
  await expect(encode(opaque(), 0.82, false, undefined, bmp)).rejects.toThrow(
    'unable to encode the picture; "image/bmp" came',
  );
});
