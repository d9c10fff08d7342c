import { context2d, createCanvas, freeCanvas } from './canvas.ts';
import type { CropRect } from './crop.ts';
import { lanczos, type Pixels } from './lanczos.ts';

export interface Drawable {
  readonly source: CanvasImageSource;
  readonly width: number;
  readonly height: number;
}

/** Halves `area` while it stays at least `atLeast` wide: 2:1 is what every browser's drawImage does well. */
export function halve(
  picture: Drawable,
  area: CropRect,
  atLeast: number,
): { picture: Drawable; area: CropRect; free(): void } {
  let now = { picture, area, free: (): void => {} };
  while (now.area.width >= 2 * atLeast) {
    const { left, top, width, height } = pixelBounds(now.area, now.picture);
    const canvas = createCanvas(Math.max(1, width >> 1), Math.max(1, height >> 1));
    const context = context2d(canvas);
    context.imageSmoothingQuality = 'low';
    context.drawImage(now.picture.source, left, top, width, height, 0, 0, canvas.width, canvas.height);
    now.free();
    const across = canvas.width / width;
    const down = canvas.height / height;
    now = {
      picture: { source: canvas, width: canvas.width, height: canvas.height },
      area: {
        x: (now.area.x - left) * across,
        y: (now.area.y - top) * down,
        width: now.area.width * across,
        height: now.area.height * down,
      },
      free: () => freeCanvas(canvas),
    };
  }
  return now;
}

/** Reads `area` back and resizes it by Lanczos3. */
export function resizeSharp(picture: Drawable, area: CropRect, size: number): Pixels {
  const { left, top, width, height } = pixelBounds(area, picture);
  const canvas = createCanvas(width, height);
  const context = context2d(canvas);
  context.drawImage(picture.source, left, top, width, height, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  freeCanvas(canvas);
  return lanczos(pixels, { ...area, x: area.x - left, y: area.y - top }, size);
}

/** The whole pixels that hold `area`, with even sides where the picture allows, so that halving keeps its phase. */
function pixelBounds(
  area: CropRect,
  { width, height }: Drawable,
): { left: number; top: number; width: number; height: number } {
  const across = evenBounds(area.x, area.width, width);
  const down = evenBounds(area.y, area.height, height);
  return { left: across.from, top: down.from, width: across.span, height: down.span };
}

function evenBounds(start: number, length: number, limit: number): { from: number; span: number } {
  const from = Math.min(limit - 1, Math.max(0, Math.floor(start + 1e-6)));
  const to = Math.max(from + 1, Math.min(limit, Math.ceil(start + length - 1e-6)));
  if ((to - from) % 2 === 0) return { from, span: to - from };
  if (to < limit) return { from, span: to - from + 1 };
  if (from > 0) return { from: from - 1, span: to - from + 1 };
  return { from, span: to - from };
}
