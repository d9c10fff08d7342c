import type { Pixels } from './lanczos.ts';
import type { Weights } from './lanczos-weights.ts';

// `as number` below: every index is inside its array by construction, which the compiler cannot see.

/** Weighs premultiplied colours, so that transparent pixels lend none. */
export function resampleAlpha(
  source: Pixels,
  across: Weights,
  down: Weights,
  size: number,
): Uint8ClampedArray<ArrayBuffer> {
  return vertical(horizontal(source, across, size), down, size);
}

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
