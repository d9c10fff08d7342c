import { type Canvas, context2d, createCanvas, freeCanvas } from './canvas.ts';
import type { CropRect } from './crop.ts';

/** Keeps the rounding of fractions from adding a pixel. */
const ROUNDING = 1e-6;

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
    const bounds = pixelBounds(now.area, now.picture);
    const canvas = drawHalf(now.picture.source, bounds);
    now.free();
    now = {
      picture: { source: canvas, width: canvas.width, height: canvas.height },
      area: {
        x: (now.area.x - bounds.x) / 2,
        y: (now.area.y - bounds.y) / 2,
        width: now.area.width / 2,
        height: now.area.height / 2,
      },
      free: () => freeCanvas(canvas),
    };
  }
  return now;
}

/** Exactly 2:1, so that every pixel is the mean of four; an odd last row or column is halved on its own. */
function drawHalf(source: CanvasImageSource, { x, y, width, height }: CropRect): Canvas {
  const canvas = createCanvas(Math.ceil(width / 2), Math.ceil(height / 2));
  const context = context2d(canvas);
  context.imageSmoothingQuality = 'low';
  for (const column of evenAndRest(x, width))
    for (const row of evenAndRest(y, height))
      context.drawImage(
        source,
        column.from,
        row.from,
        column.span,
        row.span,
        (column.from - x) / 2,
        (row.from - y) / 2,
        Math.ceil(column.span / 2),
        Math.ceil(row.span / 2),
      );
  return canvas;
}

function evenAndRest(from: number, span: number): { from: number; span: number }[] {
  const even = span - (span % 2);
  return [
    { from, span: even },
    { from: from + even, span: span % 2 },
  ].filter((part) => part.span > 0);
}

/** The pixels around `area`, and where it lies in them. */
export function readArea(picture: Drawable, area: CropRect): { pixels: ImageData; area: CropRect } {
  const { x, y, width, height } = pixelBounds(area, picture);
  const canvas = createCanvas(width, height);
  const context = context2d(canvas);
  context.drawImage(picture.source, x, y, width, height, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  freeCanvas(canvas);
  return { pixels, area: { ...area, x: area.x - x, y: area.y - y } };
}

/** The whole pixels that hold `area`. */
function pixelBounds(area: CropRect, picture: Drawable): CropRect {
  const [x, width] = wholePixels(area.x, area.width, picture.width);
  const [y, height] = wholePixels(area.y, area.height, picture.height);
  return { x, y, width, height };
}

function wholePixels(start: number, length: number, limit: number): [from: number, span: number] {
  const from = Math.min(limit - 1, Math.max(0, Math.floor(start + ROUNDING)));
  const to = Math.min(limit, Math.ceil(start + length - ROUNDING));
  return [from, Math.max(1, to - from)];
}
