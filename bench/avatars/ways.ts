import imageCompression from 'browser-image-compression';
import Compressor from 'compressorjs';
import pica from 'pica';
import { createRenderer, inspect } from '../../src/picture/picture.ts';

/** Makes both sizes of one picture; at quality 1 WebP is lossless. */
export type Way = (file: File, sizes: readonly number[], quality: number) => Promise<Blob[]>;

const limits = { maxBytes: 1e9, maxPixels: 1e9 };
const renderer = createRenderer({ workerUrl: '/worker.js' });
const resizer = pica();

/** Each size on its own from the original where a library makes one output at a time. */
export const ways: Readonly<Record<string, Way>> = {
  'bare createImageBitmap (floor)': async (file) => {
    (await createImageBitmap(file)).close();
    return [];
  },
  'visavis fast': (file, sizes, quality) => ours(file, sizes, quality, 'fast'),
  'visavis lanczos': (file, sizes, quality) => ours(file, sizes, quality, 'lanczos'),
  'browser-image-compression, page': (file, sizes, quality) => compressed(file, sizes, quality, false),
  'browser-image-compression, worker': (file, sizes, quality) => compressed(file, sizes, quality, true),
  compressorjs: async (file, sizes, quality) => {
    const blobs: Blob[] = [];
    for (const size of sizes) blobs.push(await covered(file, size, quality));
    return blobs;
  },
  pica: picaBlobs,
};

async function ours(file: File, sizes: readonly number[], quality: number, filter: 'fast' | 'lanczos') {
  const pictures = await renderer.render(file, await inspect(file, limits), { sizes, quality, filter });
  return pictures.map(({ blob }) => blob);
}

/** It cannot crop. */
async function compressed(file: File, sizes: readonly number[], quality: number, useWebWorker: boolean) {
  const blobs: Blob[] = [];
  for (const maxWidthOrHeight of sizes)
    blobs.push(
      await imageCompression(file, {
        maxWidthOrHeight,
        useWebWorker,
        libURL: new URL('/browser-image-compression.js', location.href).href,
        fileType: 'image/webp',
        initialQuality: quality,
        maxSizeMB: Number.POSITIVE_INFINITY,
      }),
    );
  return blobs;
}

function covered(file: File, size: number, quality: number): Promise<Blob> {
  return new Promise((success, error) => {
    new Compressor(file, {
      width: size,
      height: size,
      resize: 'cover',
      mimeType: 'image/webp',
      quality,
      success,
      error,
    });
  });
}

async function picaBlobs(file: File, sizes: readonly number[], quality: number): Promise<Blob[]> {
  const bitmap = await createImageBitmap(file);
  const side = Math.min(bitmap.width, bitmap.height);
  let from = canvasOf(side);
  from
    .getContext('2d')
    ?.drawImage(bitmap, (side - bitmap.width) / 2, (side - bitmap.height) / 2, bitmap.width, bitmap.height);
  bitmap.close();
  const blobs: Blob[] = [];
  for (const size of sizes) {
    const to = await resizer.resize(from, canvasOf(size));
    blobs.push(await resizer.toBlob(to, 'image/webp', quality));
    from = to;
  }
  return blobs;
}

function canvasOf(side: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  return canvas;
}
