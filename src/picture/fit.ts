import { fault } from './fault.ts';
import { inspect } from './inspect.ts';
import type { RenderedPicture } from './render.ts';
import { stripMetadata } from './strip-metadata.ts';

/**
 * The picture, or one of at most `maxBytes` in its place. What does that is loaded when it is needed.
 *
 * @throws {PictureFault} `FILE_TOO_LARGE` when it cannot be brought under them.
 */
export async function fit(
  picture: RenderedPicture,
  maxBytes: number | null,
  signal?: AbortSignal,
): Promise<RenderedPicture> {
  if (maxBytes === null || picture.blob.size <= maxBytes) return picture;
  const { compress } = await import('./compress.ts');
  const blob = await stripMetadata(await compress(picture.blob, maxBytes, signal));
  const { width, bytes } = await inspect(blob, {
    maxBytes: Number.POSITIVE_INFINITY,
    maxPixels: Number.POSITIVE_INFINITY,
  });
  if (bytes > maxBytes) {
    throw fault('FILE_TOO_LARGE', `unable to shrink the picture; ${bytes} bytes are more than ${maxBytes}`, {
      bytes,
      maxBytes,
    });
  }
  return { size: width, type: picture.type, blob };
}
