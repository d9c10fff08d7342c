import type { CropRect } from './crop.ts';

/** Straight (not premultiplied) RGBA. */
export interface Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

interface Weights {
  /** First source pixel of each output pixel. */
  readonly starts: Int32Array;
  readonly values: Float32Array;
  /** Weights per output pixel. */
  readonly taps: number;
}

const LOBES = 3;

// `as number` below: every index is inside its array by construction, which the compiler cannot see.

/** Resizes a square `area` (fractions allowed) of `source` to `size` × `size` with separable Lanczos3. */
export function lanczos(source: Pixels, area: CropRect, size: number): Pixels {
  const across = weigh(area.x, area.width, source.width, size);
  const down = weigh(area.y, area.height, source.height, size);
  return { data: vertical(horizontal(source, across, size), down, size), width: size, height: size };
}

function weigh(from: number, span: number, limit: number, size: number): Weights {
  const scale = span / size;
  const stretch = Math.max(1, scale);
  const reach = LOBES * stretch;
  const taps = Math.min(limit, Math.ceil(reach * 2) + 1);
  const starts = new Int32Array(size);
  const values = new Float32Array(size * taps);

  for (let index = 0; index < size; index++) {
    const centre = from + (index + 0.5) * scale - 0.5;
    const start = Math.max(0, Math.min(limit - taps, Math.ceil(centre - reach)));
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const value = kernel((start + tap - centre) / stretch);
      values[index * taps + tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < taps; tap++) values[index * taps + tap] = (values[index * taps + tap] ?? 0) / sum;
    starts[index] = start;
  }
  return { starts, values, taps };
}

function kernel(x: number): number {
  if (x === 0) return 1;
  if (x <= -LOBES || x >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}

/** Narrows every row; leaves premultiplied floats, so that transparent pixels lend no colour. */
function horizontal({ data, width, height }: Pixels, weights: Weights, size: number): Float32Array {
  const { starts, values, taps } = weights;
  const out = new Float32Array(height * size * 4);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size; x++) {
      let from = (y * width + (starts[x] as number)) * 4;
      let red = 0;
      let green = 0;
      let blue = 0;
      let alpha = 0;
      for (let at = x * taps, end = at + taps; at < end; at++, from += 4) {
        const cover = (values[at] as number) * (data[from + 3] as number);
        red += cover * (data[from] as number);
        green += cover * (data[from + 1] as number);
        blue += cover * (data[from + 2] as number);
        alpha += cover;
      }
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
      out[to + 3] = alpha;
      to += 4;
    }
  }
  return out;
}

function vertical(rows: Float32Array, weights: Weights, size: number): Uint8ClampedArray<ArrayBuffer> {
  const { starts, values, taps } = weights;
  const out = new Uint8ClampedArray(size * size * 4);
  const stride = size * 4;
  const line = new Float32Array(stride);
  for (let y = 0; y < size; y++) {
    line.fill(0);
    for (let tap = 0; tap < taps; tap++) {
      const weight = values[y * taps + tap] as number;
      const row = ((starts[y] as number) + tap) * stride;
      for (let at = 0; at < stride; at++)
        line[at] = (line[at] as number) + weight * (rows[row + at] as number);
    }
    for (let at = 0; at < stride; at += 4) {
      const alpha = line[at + 3] as number;
      if (alpha <= 0) continue;
      const to = y * stride + at;
      out[to] = (line[at] as number) / alpha;
      out[to + 1] = (line[at + 1] as number) / alpha;
      out[to + 2] = (line[at + 2] as number) / alpha;
      out[to + 3] = alpha;
    }
  }
  return out;
}
