import { expect, test } from 'vitest';
import { lanczos } from '../../src/picture/lanczos.ts';
import { psnr, referenceLanczos } from '../support/reference-lanczos.ts';

function noise(width: number, height: number) {
  const data = new Uint8ClampedArray(width * height * 4);
  let seed = 1;
  for (let at = 0; at < data.length; at++) {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    data[at] = at % 4 === 3 ? 255 : seed >>> 16;
  }
  return { data, width, height };
}

test.each([
  ['down', { x: 0, y: 0, width: 120, height: 120 }, 32],
  ['down from a fraction', { x: 7.3, y: 1.6, width: 90.5, height: 90.5 }, 32],
  ['up', { x: 30, y: 20, width: 20, height: 20 }, 64],
  ['up from one pixel', { x: 30, y: 20, width: 1, height: 1 }, 16],
  ['one to one', { x: 10, y: 10, width: 64, height: 64 }, 64],
  ['to one pixel', { x: 0, y: 0, width: 120, height: 120 }, 1],
])('resizes %s as the textbook does', (_, area, size) => {
  const source = noise(150, 120);
  for (const opaque of [true, false])
    expect(psnr(lanczos(source, area, size, opaque), referenceLanczos(source, area, size))).toBeGreaterThan(
      58,
    );
});

test('keeps every pixel when nothing changes', () => {
  const source = noise(16, 16);
  for (const opaque of [true, false])
    expect(lanczos(source, { x: 0, y: 0, width: 16, height: 16 }, 16, opaque).data).toEqual(source.data);
});

test('lends no colour from transparent pixels', () => {
  const source = noise(64, 64);
  for (let pixel = 0; pixel < 64 * 64; pixel++) {
    const hidden = pixel % 64 >= 32;
    source.data.set(hidden ? [255, 0, 0, 0] : [0, 0, 200, 255], pixel * 4);
  }
  const { data } = lanczos(source, { x: 0, y: 0, width: 64, height: 64 }, 16, false);
  for (let at = 0; at < data.length; at += 4) {
    const [red = 0, , blue = 0, alpha = 0] = data.subarray(at, at + 4);
    if (alpha > 0) expect([red, blue]).toEqual([0, 200]);
  }
  expect(data[3]).toBe(255);
  expect(data[15 * 4 + 3]).toBe(0);
});

test('upscales a picture of one pixel', () => {
  const { data } = lanczos(
    { data: new Uint8ClampedArray([9, 8, 7, 255]), width: 1, height: 1 },
    { x: 0, y: 0, width: 1, height: 1 },
    2,
    true,
  );
  expect([...data]).toEqual([9, 8, 7, 255, 9, 8, 7, 255, 9, 8, 7, 255, 9, 8, 7, 255]);
});

test('leaves an even area as it is, at every scale', () => {
  for (let size = 1; size < 90; size += 7) {
    const source = { data: new Uint8ClampedArray(61 * 61 * 4).fill(255), width: 61, height: 61 };
    for (const opaque of [true, false]) {
      const { data } = lanczos(source, { x: 0.3, y: 0, width: 60.5, height: 60.5 }, size, opaque);
      expect(new Set(data)).toEqual(new Set([255]));
    }
  }
});
