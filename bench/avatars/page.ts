import { psnr, type Raster, referenceLanczos } from '../../test/support/reference-lanczos.ts';
import type { AvatarPage, Measured } from '../avatars.ts';
import { photograph } from './picture.ts';
import { ways } from './ways.ts';

const HEARTBEAT_MS = 4;
const SIZES = [256, 64];
const QUALITY = 0.82;

const files = new Map<string, Promise<File>>();
let reference: Promise<Float64Array> | undefined;

const page: AvatarPage = {
  ways: Object.keys(ways),

  async upload(path, width, height) {
    await fetch(path, { method: 'PUT', body: await photograph(width, height) });
  },

  /** Loads the code and warms the caches with a small picture. */
  async warm(way) {
    await run(way, 'small.jpg', SIZES, QUALITY);
  },

  async measure(way, path) {
    const file = await load(path);
    const heart = beat();
    const start = performance.now();
    const blobs = await (ways[way] ?? missing)(file, SIZES, QUALITY);
    const ms = performance.now() - start;
    const measured: Measured = { ms, blockedMs: heart.stop(), bytes: blobs.map((blob) => blob.size) };
    return measured;
  },

  async decibels(way, path, quality) {
    const [blob] = await run(way, path, [256], quality);
    if (blob === undefined) return null;
    reference ??= refer(await load(path));
    return { dB: psnr(await rasterOf(blob), await reference), bytes: blob.size };
  },
};
Object.assign(globalThis, { page });

async function run(way: string, path: string, sizes: readonly number[], quality: number): Promise<Blob[]> {
  return (ways[way] ?? missing)(await load(path), sizes, quality);
}

function missing(): never {
  throw new Error('no such way');
}

function load(path: string): Promise<File> {
  const known = files.get(path);
  if (known) return known;
  const file = fetch(path)
    .then((response) => response.blob())
    .then((blob) => new File([blob], 'photograph.jpg', { type: 'image/jpeg' }));
  files.set(path, file);
  return file;
}

/** The longest time between two beats of a timer on this page. */
function beat(): { stop(): number } {
  let last = performance.now();
  let longest = 0;
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, HEARTBEAT_MS);
  return {
    stop() {
      look();
      clearInterval(timer);
      return longest;
    },
  };
}

async function refer(file: File): Promise<Float64Array> {
  const raster = await rasterOf(file);
  return referenceLanczos(raster, { x: 0, y: 0, width: raster.width, height: raster.height }, 256);
}

async function rasterOf(blob: Blob): Promise<Raster> {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { data: context?.getImageData(0, 0, width, height).data ?? [], width, height };
}
