import { type Canvas, context2d, createCanvas } from './canvas.ts';
import type { CropRect } from './crop.ts';
import { type Drawable, halve, readArea } from './drawable.ts';
import { lanczos, type Pixels } from './lanczos.ts';

export interface DrawOptions {
  readonly sizes: readonly number[];
  /** By our own Lanczos3; otherwise drawImage resizes. */
  readonly sharp: boolean;
  /** No pixel is transparent. */
  readonly opaque: boolean;
}

/** A square canvas for each size; the small ones come from the large one. */
export function drawSizes(picture: Drawable, crop: CropRect, options: DrawOptions): Map<number, Canvas> {
  const largest = Math.max(...options.sizes);
  const { picture: near, area, free } = halve(picture, crop, options.sharp ? 2 * largest : largest);
  try {
    return options.sharp ? drawSharp(near, area, largest, options) : drawFast(near, area, largest, options);
  } finally {
    free();
  }
}

function drawSharp(
  picture: Drawable,
  crop: CropRect,
  largest: number,
  { sizes, opaque }: DrawOptions,
): Map<number, Canvas> {
  const { pixels, area } = readArea(picture, crop);
  const large = lanczos(pixels, area, largest, opaque);
  const resized = (size: number): Pixels =>
    size === largest ? large : lanczos(large, square(largest), size, opaque);
  return new Map(sizes.map((size) => [size, toCanvas(resized(size))]));
}

function toCanvas({ data, width, height }: Pixels): Canvas {
  const canvas = createCanvas(width, height);
  context2d(canvas).putImageData(new ImageData(data, width, height), 0, 0);
  return canvas;
}

function drawFast(
  picture: Drawable,
  crop: CropRect,
  largest: number,
  { sizes }: DrawOptions,
): Map<number, Canvas> {
  const large = drawArea(picture, crop, largest);
  const resized = (size: number): Canvas => {
    if (size === largest) return large;
    const small = halve({ source: large, width: largest, height: largest }, square(largest), size);
    const canvas = drawArea(small.picture, small.area, size);
    small.free();
    return canvas;
  };
  return new Map(sizes.map((size) => [size, resized(size)]));
}

function drawArea({ source }: Drawable, area: CropRect, size: number): Canvas {
  const canvas = createCanvas(size, size);
  const context = context2d(canvas);
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, area.x, area.y, area.width, area.height, 0, 0, size, size);
  return canvas;
}

function square(side: number): CropRect {
  return { x: 0, y: 0, width: side, height: side };
}
