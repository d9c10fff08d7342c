import { context2d, createCanvas } from './canvas.ts';
import type { PictureInfo } from './inspect.ts';
import { probeJpeg } from './probe-jpeg.ts';

/** An upright decoded picture, possibly smaller than the natural one. */
export interface Decoded {
  readonly source: CanvasImageSource;
  /** Pixels of `source`. */
  readonly width: number;
  readonly height: number;
  /** Source pixels per natural pixel. */
  readonly scale: number;
  /** Where natural 0 lies in the source: a mirrored side begins with its rounding rest. */
  readonly offsetX: number;
  readonly offsetY: number;
  close(): void;
}

/** Lets libjpeg scale by `n`/8 while it decodes; `undefined` when this browser cannot be trusted to do it upright. */
export async function decodeScaledJpeg(
  file: Blob,
  info: PictureInfo,
  n: number,
): Promise<Decoded | undefined> {
  if (n >= 8 || !(await scalesUpright())) return undefined;
  const frame = await decodeFrame(await file.arrayBuffer(), info.width, info.height, n).catch(
    () => undefined,
  );
  if (frame === undefined) return undefined;

  const width = Math.ceil((info.width * n) / 8);
  const height = Math.ceil((info.height * n) / 8);
  if (frame.displayWidth !== width || frame.displayHeight !== height) {
    frame.close();
    return undefined;
  }
  const mirroredX = [2, 3, 6, 7].includes(info.orientation);
  const mirroredY = [3, 4, 7, 8].includes(info.orientation);
  return {
    source: frame,
    width,
    height,
    scale: n / 8,
    offsetX: mirroredX ? width - (info.width * n) / 8 : 0,
    offsetY: mirroredY ? height - (info.height * n) / 8 : 0,
    close: () => frame.close(),
  };
}

async function decodeFrame(data: ArrayBuffer, width: number, height: number, n: number): Promise<VideoFrame> {
  const decoder = new ImageDecoder({
    data,
    type: 'image/jpeg',
    desiredWidth: Math.ceil((width * n) / 8),
    desiredHeight: Math.ceil((height * n) / 8),
    transfer: [data],
  });
  try {
    return (await decoder.decode()).image;
  } finally {
    decoder.close();
  }
}

let verdict: Promise<boolean> | undefined;

/** Whether `ImageDecoder` scales and `drawImage` honours the orientation of its frames; asked once. */
export function scalesUpright(): Promise<boolean> {
  verdict ??= probe().catch(() => false);
  return verdict;
}

async function probe(): Promise<boolean> {
  if (typeof ImageDecoder === 'undefined') return false;
  const frame = await decodeFrame(probeJpeg().buffer, 16, 32, 4);
  try {
    if (frame.displayWidth !== 8 || frame.displayHeight !== 16) return false;
    const context = context2d(createCanvas(2, 2));
    context.drawImage(frame, 1, 2, 6, 12, 0, 0, 2, 2);
    const { data } = context.getImageData(0, 0, 2, 2);
    const [topLeft = 255, topRight = 255, bottomLeft = 0, bottomRight = 0] = [0, 4, 8, 12].map(
      (at) => data[at],
    );
    return Math.max(topLeft, topRight) < 60 && Math.min(bottomLeft, bottomRight) > 100;
  } finally {
    frame.close();
  }
}
