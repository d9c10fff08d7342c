import { fault } from './fault.ts';

/** In pixels of the upright picture. */
export interface CropRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The square to cut out: the wanted rectangle clamped to the picture, then its centre.
 *
 * @throws {PictureFault} `CROP` when a number is not finite or nothing of the picture is inside.
 */
export function squareCrop(wanted: CropRect | undefined, width: number, height: number): CropRect {
  const crop = wanted ?? { x: 0, y: 0, width, height };
  const { x, y } = crop;
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  const clampedWidth = Math.min(width, x + crop.width) - left;
  const clampedHeight = Math.min(height, y + crop.height) - top;
  const side = Math.min(clampedWidth, clampedHeight);
  // NaN and Infinity - Infinity fail this comparison too
  if (!(Number.isFinite(x + y + crop.width + crop.height) && side > 0))
    throw fault('CROP', 'unable to crop the picture; the rectangle holds none of it', { width, height });
  return {
    x: left + (clampedWidth - side) / 2,
    y: top + (clampedHeight - side) / 2,
    width: side,
    height: side,
  };
}
