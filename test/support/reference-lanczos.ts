/** Straight RGBA. */
export interface Raster {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** Lanczos3 by the textbook in doubles, one output pixel after the other: slow, and of no other use than to compare with. */
export function referenceLanczos(
  source: Raster,
  area: { x: number; y: number; width: number; height: number },
  size: number,
): Float64Array {
  const across = Array.from({ length: size }, (_, at) => taps(area.x, area.width, source.width, size, at));
  const down = Array.from({ length: size }, (_, at) => taps(area.y, area.height, source.height, size, at));
  const rows = new Map<number, Float64Array>();
  const out = new Float64Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (const [from, weight] of down[y] ?? []) {
      let row = rows.get(from);
      if (row === undefined) {
        row = narrow(source, from, across);
        rows.set(from, row);
      }
      for (let at = 0; at < size * 3; at++)
        out[y * size * 3 + at] = (out[y * size * 3 + at] ?? 0) + weight * (row[at] ?? 0);
    }
  }
  return out.map((value) => Math.min(255, Math.max(0, value)));
}

/** Peak signal-to-noise ratio over red, green and blue, in dB. */
export function psnr(pixels: Raster, reference: ArrayLike<number>): number {
  let error = 0;
  const count = pixels.width * pixels.height;
  for (let pixel = 0; pixel < count; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const difference = (pixels.data[pixel * 4 + channel] ?? 0) - (reference[pixel * 3 + channel] ?? 0);
      error += difference * difference;
    }
  }
  return 10 * Math.log10((255 * 255 * count * 3) / Math.max(error, 1e-9));
}

type Taps = [from: number, weight: number][];

function taps(start: number, span: number, limit: number, size: number, at: number): Taps {
  const scale = span / size;
  const stretch = Math.max(1, scale);
  const centre = start + (at + 0.5) * scale - 0.5;
  const found: Taps = [];
  for (let from = Math.ceil(centre - 3 * stretch); from <= centre + 3 * stretch; from++)
    if (from >= 0 && from < limit) found.push([from, kernel((from - centre) / stretch)]);
  const sum = found.reduce((total, [, weight]) => total + weight, 0);
  return found.map(([from, weight]) => [from, weight / sum]);
}

function kernel(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= 3) return 0;
  return (Math.sin(Math.PI * x) / (Math.PI * x)) * (Math.sin((Math.PI * x) / 3) / ((Math.PI * x) / 3));
}

function narrow(source: Raster, y: number, across: readonly Taps[]): Float64Array {
  const row = new Float64Array(across.length * 3);
  across.forEach((found, x) => {
    for (const [from, weight] of found)
      for (let channel = 0; channel < 3; channel++)
        row[x * 3 + channel] =
          (row[x * 3 + channel] ?? 0) + weight * (source.data[(y * source.width + from) * 4 + channel] ?? 0);
  });
  return row;
}
