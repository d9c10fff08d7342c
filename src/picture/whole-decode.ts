import { freeCanvas } from './canvas.ts';
import { corrupt } from './fault.ts';
import type { PictureInfo } from './inspect.ts';
import { orient } from './orient.ts';
import { uprightByItself } from './orientation-probe.ts';
import type { Decoded } from './scaled-decode.ts';

/** Decodes at full size, upright, in any browser. */
export async function decodeWhole(file: Blob, info: PictureInfo): Promise<Decoded> {
  const bitmap = await decode(file);
  if (info.orientation === 1 || (await uprightByItself(info.type)))
    return natural(bitmap, bitmap.width, bitmap.height, () => bitmap.close());
  const canvas = orient(bitmap, info.orientation);
  bitmap.close();
  return natural(canvas, canvas.width, canvas.height, () => freeCanvas(canvas));
}

/** Rejections of the decoder mean a broken picture; a missing decoder does not. */
function decode(file: Blob): Promise<ImageBitmap> {
  return createImageBitmap(file).catch(() => {
    throw corrupt('the browser cannot decode it');
  });
}

function natural(source: CanvasImageSource, width: number, height: number, close: () => void): Decoded {
  return { source, width, height, scale: 1, offsetX: 0, offsetY: 0, close };
}
