export interface Weights {
  /** First source pixel of each output pixel. */
  readonly starts: Int32Array;
  /** `taps` weights per output pixel, whose sum is 1. */
  readonly values: Float64Array;
  readonly taps: number;
}

const LOBES = 3;

/** Lanczos3 along one side: `span` of the `limit` source pixels, beginning at `from`, become `size`. */
export function lanczosWeights(from: number, span: number, limit: number, size: number): Weights {
  const scale = span / size;
  const stretch = Math.max(1, scale);
  const reach = LOBES * stretch;
  const taps = Math.min(limit, Math.ceil(reach * 2) + 1);
  const starts = new Int32Array(size);
  const values = new Float64Array(size * taps);

  for (let index = 0; index < size; index++) {
    const centre = from + (index + 0.5) * scale - 0.5;
    const start = Math.max(0, Math.min(limit - taps, Math.ceil(centre - reach)));
    const own = values.subarray(index * taps, (index + 1) * taps);
    for (let tap = 0; tap < taps; tap++) own[tap] = kernel((start + tap - centre) / stretch);
    const sum = own.reduce((total, value) => total + value, 0);
    for (let tap = 0; tap < taps; tap++) own[tap] = (own[tap] ?? 0) / sum;
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
