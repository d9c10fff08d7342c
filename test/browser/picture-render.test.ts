import { afterAll, describe, expect, test } from 'vitest';
import {
  createRenderer,
  inspect,
  type RenderedPicture,
  type RenderOptions,
} from '../../src/picture/picture.ts';
import {
  bytes,
  exifSegment,
  ihdr,
  PNG_SIGNATURE,
  parts,
  png,
  pngChunk,
  riff,
  riffChunk,
  tiff,
  vp8x,
  withSegments,
} from '../support/picture-bytes.ts';
import {
  cameraJpeg,
  colourAt,
  difference,
  encoded,
  paintCorners,
  paintDetail,
  painted,
  pixelsOf,
  stored,
} from '../support/pictures.ts';
import { psnr, referenceLanczos } from '../support/reference-lanczos.ts';

const limits = { maxBytes: 50_000_000, maxPixels: 50_000_000 };
const renderer = createRenderer();
afterAll(() => renderer.dispose());

async function render(file: Blob, options: RenderOptions): Promise<RenderedPicture[]> {
  return renderer.render(file, await inspect(file, limits), options);
}

/** One lossless output, so that only the way there is compared. */
async function renderPixels(file: Blob, options: Partial<RenderOptions> = {}) {
  const [picture] = await render(file, { sizes: [64], quality: 1, ...options });
  if (picture === undefined) throw new Error('no picture came');
  return pixelsOf(picture.blob);
}

const orientations = [1, 2, 3, 4, 5, 6, 7, 8];
const filters = ['lanczos', 'fast'] as const;

describe('orientation', () => {
  // sides that are no multiple of 8: a scaled decode rounds them up, on the other side when mirrored
  const landscape = painted(1003, 701, (context) => paintCorners(context, 1003, 701));

  test.each(orientations)('%i of a JPEG comes out upright, scaled and unscaled', async (orientation) => {
    const file = await cameraJpeg(landscape, orientation);
    expect(await inspect(file, limits)).toMatchObject({ orientation, width: 1003, height: 701 });
    const plain = new Blob([await encoded(landscape, 'image/jpeg')]);
    for (const filter of filters) {
      for (const sizes of [[64], [256], [500]]) {
        const expected = await renderPixels(plain, { filter, sizes });
        expect(difference(await renderPixels(file, { filter, sizes }), expected)).toBeLessThan(1.2);
      }
    }
  });

  test.each(orientations)('%i takes a crop in pixels of the upright picture', async (orientation) => {
    const file = await cameraJpeg(landscape, orientation);
    const crop = { x: 700, y: 80, width: 240, height: 240 };
    const plain = new Blob([await encoded(landscape, 'image/png')]);
    for (const sizes of [[16], [64], [240]]) {
      const expected = await renderPixels(plain, { crop, sizes });
      expect(difference(await renderPixels(file, { crop, sizes }), expected)).toBeLessThan(1.5);
    }
  });

  test.each(orientations)(
    '%i of a PNG and a WebP is applied even where the browser leaves it',
    async (orientation) => {
      const plain = new Blob([await encoded(landscape, 'image/png')]);
      const lying = stored(landscape, orientation);
      const original = await encoded(lying, 'image/png');
      const turned = new Blob([
        bytes(original.subarray(0, 33), pngChunk('eXIf', tiff(orientation)), original.subarray(33)),
      ]);
      const webp = await encoded(lying, 'image/webp', 1);
      const at = String.fromCharCode(...webp).indexOf('VP8L');
      const pixels = webp.subarray(at);
      const chunked = new Blob([
        riff(vp8x(lying.width, lying.height, 0x08), pixels, riffChunk('EXIF', tiff(orientation))),
      ]);
      const crop = { x: 100, y: 60, width: 320, height: 320 };
      const expected = await renderPixels(plain, { crop });
      for (const file of [turned, chunked]) {
        expect(await inspect(file, limits)).toMatchObject({ orientation, width: 1003, height: 701 });
        expect(difference(await renderPixels(file, { crop }), expected)).toBeLessThan(1);
      }
    },
  );
});

describe('crop', () => {
  const quarters = painted(400, 300, (context) => {
    for (const [colour, x, y] of [
      ['red', 0, 0],
      ['lime', 200, 0],
      ['blue', 0, 150],
      ['white', 200, 150],
    ] as const) {
      context.fillStyle = colour;
      context.fillRect(x, y, 200, 150);
    }
  });

  test('is the centred square unless told otherwise', async () => {
    const file = new Blob([await encoded(quarters, 'image/png')]);
    const pixels = await renderPixels(file, { sizes: [30] });
    expect(colourAt(pixels, 5, 5)).toEqual([255, 0, 0, 255]);
    expect(colourAt(pixels, 25, 5)).toEqual([0, 255, 0, 255]);
    expect(colourAt(pixels, 5, 25)).toEqual([0, 0, 255, 255]);
    expect(colourAt(pixels, 25, 25)).toEqual([255, 255, 255, 255]);
  });

  test('is clamped to the picture and fills the square', async () => {
    const file = new Blob([await encoded(quarters, 'image/png')]);
    const pixels = await renderPixels(file, { crop: { x: 250, y: 200, width: 9000, height: 9000 } });
    for (const at of [0, 32, 63]) expect(colourAt(pixels, at, at)).toEqual([255, 255, 255, 255]);
  });

  test('outside the picture is refused', async () => {
    const file = new Blob([await encoded(quarters, 'image/png')]);
    for (const x of [400, Number.NaN]) {
      await expect(renderPixels(file, { crop: { x, y: 0, width: 10, height: 10 } })).rejects.toMatchObject({
        name: 'PictureFault',
        code: 'CROP',
      });
    }
  });
});

describe('outputs', () => {
  test('have exactly the sizes asked for, in that order, whatever the picture', async () => {
    for (const [width, height] of [
      [1, 1],
      [3, 900],
      [40, 30],
      [1500, 1200],
    ] as const) {
      const canvas = painted(width, height, (context) => paintCorners(context, width, height));
      for (const type of ['image/png', 'image/jpeg', 'image/webp']) {
        for (const filter of filters) {
          const outputs = await render(new Blob([await encoded(canvas, type)]), {
            sizes: [64, 256, 100, 1],
            filter,
          });
          expect(outputs.map(({ size }) => size)).toEqual([64, 256, 100, 1]);
          for (const { size, type: made, blob } of outputs) {
            expect([made, blob.type]).toEqual(['image/webp', 'image/webp']);
            expect(await pixelsOf(blob)).toMatchObject({ width: size, height: size });
          }
        }
      }
    }
  });

  test('of a picture smaller than them are smooth', async () => {
    const ramp = painted(8, 8, (context) => paintCorners(context, 8, 8));
    const pixels = await renderPixels(new Blob([await encoded(ramp, 'image/png')]), { sizes: [256] });
    let steepest = 0;
    for (let x = 1; x < 256; x++)
      steepest = Math.max(
        steepest,
        Math.abs((colourAt(pixels, x, 250)[0] ?? 0) - (colourAt(pixels, x - 1, 250)[0] ?? 0)),
      );
    expect(steepest).toBeLessThan(6);
  });

  test('keep transparency, and no colour bleeds out of it', async () => {
    const rgba = new Uint8Array(200 * 200 * 4);
    for (let pixel = 0; pixel < 200 * 200; pixel++) {
      const inside = Math.hypot((pixel % 200) - 99.5, Math.floor(pixel / 200) - 99.5) < 80;
      rgba.set(inside ? [0, 0, 200, 255] : [255, 0, 0, 0], pixel * 4);
    }
    const file = new Blob([png(200, 200, rgba)]);
    for (const filter of filters) {
      const pixels = await renderPixels(file, { filter });
      expect(colourAt(pixels, 0, 0)[3]).toBe(0);
      expect(colourAt(pixels, 32, 32)).toEqual([0, 0, 200, 255]);
      for (let x = 0; x < 64; x++) {
        const [red = 0, , , alpha = 0] = colourAt(pixels, x, 32);
        if (alpha > 8) expect(red).toBeLessThan(30);
      }
    }
  });

  test('of an opaque picture with odd sides are opaque to the last pixel', async () => {
    const canvas = painted(801, 803, (context) => paintCorners(context, 801, 803));
    const file = new Blob([await encoded(canvas, 'image/png')]);
    for (const filter of filters) {
      const { data } = await renderPixels(file, { filter, sizes: [50] });
      for (let at = 3; at < data.length; at += 4) expect(data[at]).toBe(255);
    }
  });

  test('carry no EXIF, GPS, XMP, ICC or text', async () => {
    const canvas = painted(600, 600, (context) => paintDetail(context, 600, 600));
    const original = await encoded(canvas, 'image/png');
    const tagged = new Blob([
      bytes(
        original.subarray(0, 33),
        pngChunk('eXIf', tiff(1)),
        pngChunk('tEXt', bytes('GPSCANARY\0x')),
        original.subarray(33),
      ),
    ]);
    const transparent = new Blob([
      png(2, 2, new Uint8Array([1, 2, 3, 0, 9, 9, 9, 99, 1, 2, 3, 255, 7, 7, 7, 7])),
    ]);
    for (const file of [await cameraJpeg(canvas, 6), tagged, transparent]) {
      for (const { blob } of await render(file, { sizes: [256, 64] })) {
        const written = new Uint8Array(await blob.arrayBuffer());
        expect(String.fromCharCode(...written)).not.toMatch(/Exif|GPSCANARY|ICC|xmp|http/i);
        const allowed = file === transparent ? ['VP8X', 'ALPH', 'VP8 '] : ['VP8 '];
        expect(parts(written)).toEqual(allowed);
      }
    }
  });

  test('are smaller at a lower quality', async () => {
    const file = new Blob([
      await encoded(
        painted(800, 800, (context) => paintDetail(context, 800, 800)),
        'image/jpeg',
      ),
    ]);
    const [fine] = await render(file, { sizes: [256], quality: 0.9 });
    const [coarse] = await render(file, { sizes: [256], quality: 0.4 });
    expect(coarse?.blob.size).toBeLessThan((fine?.blob.size ?? 0) * 0.7);
  });

  test('need sizes that are whole numbers', async () => {
    const file = new Blob([
      await encoded(
        painted(8, 8, () => {}),
        'image/png',
      ),
    ]);
    for (const sizes of [[], [0], [1.5], [-64], [100_000], [Number.NaN]])
      await expect(render(file, { sizes })).rejects.toBeInstanceOf(TypeError);
  });
});

describe('a scaled decode', () => {
  test('is asked of the browser for a JPEG that is large for its output, and for nothing else', async () => {
    const Real = globalThis.ImageDecoder;
    const asked: unknown[] = [];
    globalThis.ImageDecoder = class extends Real {
      constructor(init: ImageDecoderInit) {
        super(init);
        if (init.desiredWidth !== 8) asked.push([init.desiredWidth, init.desiredHeight]); // 8 is the probe's
      }
    };
    const onPage = createRenderer({ worker: false });
    try {
      const canvas = painted(1200, 900, (context) => paintDetail(context, 1200, 900));
      for (const type of ['image/jpeg', 'image/png', 'image/webp']) {
        const file = new Blob([await encoded(canvas, type)]);
        const info = await inspect(file, limits);
        await onPage.render(file, info, { sizes: [64] });
        await onPage.render(file, info, { sizes: [64], filter: 'fast' });
        await onPage.render(file, info, { sizes: [450] });
      }
    } finally {
      globalThis.ImageDecoder = Real;
      onPage.dispose();
    }
    expect(asked).toEqual([
      [300, 225],
      [150, 113],
    ]);
  });
});

describe('quality', () => {
  // 1003 × 701 at n/8 leaves rests, which lie on the other side of mirrored pictures
  test.each(orientations)('does not depend on orientation %i', async (orientation) => {
    const canvas = painted(1003, 701, (context) => paintDetail(context, 1003, 701));
    const crop = { x: 151, y: 0, width: 701, height: 701 };
    const reference = referenceLanczos(
      await pixelsOf(new Blob([await encoded(canvas, 'image/png')])),
      crop,
      64,
    );
    const file = await cameraJpeg(canvas, orientation);
    expect(psnr(await renderPixels(file, { crop }), reference)).toBeGreaterThan(45);
  });

  const width = 2403;
  const height = 1801;
  const crop = { x: 301, y: 0, width: 1801, height: 1801 };

  test.each([
    ['image/jpeg', 'lanczos', 45],
    ['image/png', 'lanczos', 45],
    ['image/webp', 'lanczos', 45],
    ['image/jpeg', 'fast', 33],
  ] as const)(
    'of a %s by %s reaches %i dB against Lanczos3 of the whole picture',
    async (type, filter, least) => {
      const file = new Blob([
        await encoded(
          painted(width, height, (context) => paintDetail(context, width, height)),
          type,
        ),
      ]);
      const reference = referenceLanczos(await pixelsOf(file), crop, 256);
      expect(psnr(await renderPixels(file, { filter, sizes: [256] }), reference)).toBeGreaterThan(least);
    },
  );
});

test('two EXIF blocks: the one that counts is the one the browser takes', async () => {
  const canvas = painted(80, 40, (context) => paintCorners(context, 80, 40));
  const jpeg = await encoded(canvas, 'image/jpeg');
  for (const [first, second] of [
    [6, 1],
    [1, 6],
  ] as const) {
    const file = new Blob([withSegments(jpeg, exifSegment(first), exifSegment(second))]);
    const bitmap = await createImageBitmap(file);
    expect(await inspect(file, limits)).toMatchObject({ width: bitmap.width, height: bitmap.height });
  }
});

describe('a broken picture', () => {
  const canvas = painted(300, 300, (context) => paintDetail(context, 300, 300));

  test.each(['image/jpeg', 'image/png', 'image/webp'])(
    'cut in half is refused as corrupt: %s',
    async (type) => {
      const whole = await encoded(canvas, type);
      const file = new Blob([whole.subarray(0, whole.length >> 1)]);
      await expect(render(file, { sizes: [64] })).rejects.toMatchObject({
        name: 'PictureFault',
        code: 'FILE_CORRUPT',
        message: expect.stringMatching(/^unable to read the picture; /),
      });
    },
  );

  test('with too few pixels is refused as corrupt', async () => {
    const file = new Blob([bytes(PNG_SIGNATURE, ihdr(500, 500), png(2, 2, new Uint8Array(16)).subarray(33))]);
    await expect(render(file, { sizes: [64] })).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });
});
