import { type Canvas, context2d, createCanvas } from './canvas.ts';
import { type CropRect, squareCrop } from './crop.ts';
import { type EncodedType, encode } from './encode.ts';
import type { PictureInfo } from './inspect.ts';
import { lanczos, type Pixels } from './lanczos.ts';
import { canReadBack } from './read-back.ts';
import { type Drawable, halve, resizeSharp } from './resize.ts';
import { type Decoded, decodeScaledJpeg } from './scaled-decode.ts';
import { decodeWhole } from './whole-decode.ts';

export interface RenderOptions {
  /** In pixels of the upright picture; the centred square when absent. */
  readonly crop?: CropRect;
  /** Sides of the square outputs, in pixels. */
  readonly sizes: readonly number[];
  /** 0 to 1, default 0.82. At 1 WebP is lossless and large. */
  readonly quality?: number;
  /** `fast` leaves the resizing to drawImage. Default `lanczos`. */
  readonly filter?: 'lanczos' | 'fast';
}

export interface RenderedPicture {
  readonly size: number;
  readonly type: EncodedType;
  readonly blob: Blob;
}

const DEFAULT_QUALITY = 0.82;

/** Decodes once, crops, resizes and encodes every size; runs in the worker and on the page alike. */
export async function renderPicture(
  file: Blob,
  info: PictureInfo,
  options: RenderOptions,
  signal?: AbortSignal,
): Promise<RenderedPicture[]> {
  const { sizes, quality = DEFAULT_QUALITY, filter = 'lanczos' } = options;
  const largest = Math.max(...sizes);
  const sharp = filter === 'lanczos' && canReadBack();
  const wanted = sharp ? 2 * largest : largest;
  const decoded = await decode(file, info, squareCrop(options.crop, info.width, info.height), wanted);
  let canvases: Map<number, Canvas>;
  try {
    signal?.throwIfAborted();
    canvases = draw(decoded, naturalCrop(decoded, info, options.crop), sizes, sharp);
  } finally {
    decoded.close();
  }
  return Promise.all(
    sizes.map(async (size) => {
      const canvas = canvases.get(size) as Canvas; // draw() makes one per size
      const encoded = await encode(canvas, quality, info.alpha);
      return { size, ...encoded };
    }),
  );
}

async function decode(file: Blob, info: PictureInfo, crop: CropRect, wanted: number): Promise<Decoded> {
  if (info.type !== 'image/jpeg') return decodeWhole(file, info);
  const n = Math.max(1, Math.ceil((8 * wanted) / crop.width));
  return (await decodeScaledJpeg(file, info, n)) ?? (await decodeWhole(file, info));
}

/** The crop on the decoded picture, whose size is the truth where a header told another. */
function naturalCrop(decoded: Decoded, info: PictureInfo, wanted: CropRect | undefined): CropRect {
  const { scale, offsetX, offsetY } = decoded;
  const [width, height] = scale === 1 ? [decoded.width, decoded.height] : [info.width, info.height];
  const crop = squareCrop(wanted, width, height);
  return {
    x: crop.x * scale + offsetX,
    y: crop.y * scale + offsetY,
    width: crop.width * scale,
    height: crop.height * scale,
  };
}

function draw(
  decoded: Decoded,
  crop: CropRect,
  sizes: readonly number[],
  sharp: boolean,
): Map<number, Canvas> {
  const largest = Math.max(...sizes);
  const { picture, area, free } = halve(decoded, crop, sharp ? 2 * largest : largest);
  try {
    return sharp ? drawSharp(picture, area, sizes, largest) : drawFast(picture, area, sizes, largest);
  } finally {
    free();
  }
}

/** The small sizes come from the large one. */
function drawSharp(
  picture: Drawable,
  area: CropRect,
  sizes: readonly number[],
  largest: number,
): Map<number, Canvas> {
  const large = resizeSharp(picture, area, largest);
  const whole = { x: 0, y: 0, width: largest, height: largest };
  return new Map(
    sizes.map((size) => [size, toCanvas(size === largest ? large : lanczos(large, whole, size))]),
  );
}

function toCanvas({ data, width, height }: Pixels): Canvas {
  const canvas = createCanvas(width, height);
  context2d(canvas).putImageData(new ImageData(data, width, height), 0, 0);
  return canvas;
}

function drawFast(
  picture: Drawable,
  area: CropRect,
  sizes: readonly number[],
  largest: number,
): Map<number, Canvas> {
  const large = drawArea(picture, area, largest);
  const whole = { source: large, width: largest, height: largest };
  const canvases = sizes.map((size): [number, Canvas] => {
    if (size === largest) return [size, large];
    const small = halve(whole, { x: 0, y: 0, width: largest, height: largest }, size);
    const canvas = drawArea(small.picture, small.area, size);
    small.free();
    return [size, canvas];
  });
  return new Map(canvases);
}

function drawArea({ source }: Drawable, area: CropRect, size: number): Canvas {
  const canvas = createCanvas(size, size);
  const context = context2d(canvas);
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, area.x, area.y, area.width, area.height, 0, 0, size, size);
  return canvas;
}
