import { type Canvas, context2d, createCanvas } from './canvas.ts';
import { type Orientation, swapsSides } from './header.ts';

type Matrix = readonly [number, number, number, number, number, number];

/** Draws a decoded picture upright; for decoders that leave the orientation of its format alone. */
export function orient(bitmap: ImageBitmap, orientation: Orientation): Canvas {
  const { width, height } = bitmap;
  const canvas = swapsSides(orientation) ? createCanvas(height, width) : createCanvas(width, height);
  const context = context2d(canvas);
  context.setTransform(...matrix(orientation, width, height));
  context.drawImage(bitmap, 0, 0);
  return canvas;
}

/** TIFF 6.0, Orientation: what the first row and column of the stored picture are. */
function matrix(orientation: Orientation, width: number, height: number): Matrix {
  switch (orientation) {
    case 1:
      return [1, 0, 0, 1, 0, 0];
    case 2:
      return [-1, 0, 0, 1, width, 0];
    case 3:
      return [-1, 0, 0, -1, width, height];
    case 4:
      return [1, 0, 0, -1, 0, height];
    case 5:
      return [0, 1, 1, 0, 0, 0];
    case 6:
      return [0, 1, -1, 0, height, 0];
    case 7:
      return [0, -1, -1, 0, height, width];
    case 8:
      return [0, -1, 1, 0, 0, width];
  }
}
