import type { CropRect } from './crop.ts';
import { lanczosWeights } from './lanczos-weights.ts';
import { resampleAlpha } from './resample-alpha.ts';
import { resampleOpaque } from './resample-opaque.ts';

/** Straight (not premultiplied) RGBA. */
export interface Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/**
 * Resizes a square `area` (fractions allowed) of `source` to `size` × `size` with separable Lanczos3.
 *
 * @param opaque - Every pixel is; takes the faster way.
 */
export function lanczos(source: Pixels, area: CropRect, size: number, opaque: boolean): Pixels {
  const across = lanczosWeights(area.x, area.width, source.width, size);
  const down = lanczosWeights(area.y, area.height, source.height, size);
  const resample = opaque ? resampleOpaque : resampleAlpha;
  return { data: resample(source, across, down, size), width: size, height: size };
}
