import type { Pixels } from './lanczos.ts';
import type { Weights } from './lanczos-weights.ts';

// `as number` below: every index is inside its array by construction, which the compiler cannot see.

/** Weights are integers of 14 fractional bits, values between the passes of 6: all sums fit 32 bits. */
const ONE = 1 << 14;

/** Integer arithmetic on three channels: 1.5 times as fast as floats on four. */
export function resampleOpaque(
  source: Pixels,
  across: Weights,
  down: Weights,
  size: number,
): Uint8ClampedArray<ArrayBuffer> {
  return vertical(horizontal(source, across, size), down, size);
}

function fixedPoint({ values, taps }: Weights): Int32Array {
  const fixed = Int32Array.from(values, (value) => Math.round(value * ONE));
  for (let first = 0; first < fixed.length; first += taps) {
    const own = fixed.subarray(first, first + taps);
    const heaviest = own.indexOf(Math.max(...own));
    // what rounding took from the sum goes to the largest, so that even areas stay as they are
    own[heaviest] = (own[heaviest] as number) + ONE - own.reduce((sum, value) => sum + value, 0);
  }
  return fixed;
}

function horizontal({ data, width, height }: Pixels, weights: Weights, size: number): Int16Array {
  const { starts, taps } = weights;
  const values = fixedPoint(weights);
  const out = new Int16Array(height * size * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size; x++) {
      let from = (y * width + (starts[x] as number)) * 4;
      let red = 128;
      let green = 128;
      let blue = 128;
      for (let at = x * taps, end = at + taps; at < end; at++) {
        const weight = values[at] as number;
        red = (red + Math.imul(weight, data[from] as number)) | 0;
        green = (green + Math.imul(weight, data[from + 1] as number)) | 0;
        blue = (blue + Math.imul(weight, data[from + 2] as number)) | 0;
        from = (from + 4) | 0;
      }
      out[to] = red >> 8;
      out[to + 1] = green >> 8;
      out[to + 2] = blue >> 8;
      to += 3;
    }
  }
  return out;
}

function vertical(rows: Int16Array, weights: Weights, size: number): Uint8ClampedArray<ArrayBuffer> {
  const { starts, taps } = weights;
  const values = fixedPoint(weights);
  const out = new Uint8ClampedArray(size * size * 4);
  const stride = size * 3;
  const line = new Int32Array(stride);
  let to = 0;
  for (let y = 0; y < size; y++) {
    line.fill(1 << 19);
    for (let tap = 0; tap < taps; tap++) {
      const weight = values[y * taps + tap] as number;
      const row = ((starts[y] as number) + tap) * stride;
      for (let at = 0; at < stride; at++)
        line[at] = ((line[at] as number) + Math.imul(weight, rows[row + at] as number)) | 0;
    }
    for (let at = 0; at < stride; at += 3) {
      out[to] = (line[at] as number) >> 20;
      out[to + 1] = (line[at + 1] as number) >> 20;
      out[to + 2] = (line[at + 2] as number) >> 20;
      out[to + 3] = 255;
      to += 4;
    }
  }
  return out;
}
