import { type BlobReader, readBlob } from './blob-reader.ts';
import { corrupt, fault } from './fault.ts';
import { readGif } from './gif.ts';
import { type Orientation, type PictureHeader, swapsSides } from './header.ts';
import { readJpeg } from './jpeg.ts';
import { readPng } from './png.ts';
import { type PictureType, sniff } from './sniff.ts';
import { readWebp } from './webp.ts';

export interface PictureLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
}

/** What is known of a picture without decoding it. */
export interface PictureInfo {
  readonly type: PictureType;
  /** Pixels, after the orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** As EXIF counts them; 1 is upright. */
  readonly orientation: Orientation;
  readonly bytes: number;
  /** `true` when a pixel may be transparent. */
  readonly alpha: boolean;
}

const READERS: Readonly<Record<PictureType, (reader: BlobReader) => Promise<PictureHeader>>> = {
  'image/jpeg': readJpeg,
  'image/png': readPng,
  'image/webp': readWebp,
  'image/gif': readGif,
};

/**
 * Reads type, size and orientation from the header, and refuses what must never reach a decoder.
 *
 * @throws {PictureFault} `FILE_EMPTY`, `FILE_TOO_LARGE`, `FILE_TYPE`, `FILE_CORRUPT` or `FILE_TOO_MANY_PIXELS`, looked at in that order.
 * @example
 * const { width, height } = await inspect(file, { maxBytes: 20e6, maxPixels: 50e6 });
 */
export async function inspect(file: Blob, limits: PictureLimits, signal?: AbortSignal): Promise<PictureInfo> {
  signal?.throwIfAborted();
  checkBytes(file.size, limits.maxBytes);
  const reader = readBlob(file, signal);
  const sniffed = sniff(await reader.at(0, 1024));
  if ('found' in sniffed) throw wrongType(sniffed.found);

  const { type } = sniffed;
  const header = await READERS[type](reader);
  checkPixels(header, limits.maxPixels);
  const sides = swapsSides(header.orientation)
    ? { width: header.height, height: header.width }
    : { width: header.width, height: header.height };
  return { type, ...sides, orientation: header.orientation, bytes: file.size, alpha: header.alpha };
}

function checkBytes(bytes: number, maxBytes: number): void {
  if (bytes === 0) throw fault('FILE_EMPTY', 'unable to read the picture; the file is empty');
  if (bytes > maxBytes)
    throw fault('FILE_TOO_LARGE', `unable to take the picture; ${bytes} bytes are more than ${maxBytes}`, {
      bytes,
      maxBytes,
    });
}

function wrongType(found: string): Error {
  const what = found === 'unknown' ? 'it is not a picture' : `${found} is not accepted`;
  return fault('FILE_TYPE', `unable to take the file; ${what}`, { found });
}

function checkPixels({ width, height }: PictureHeader, maxPixels: number): void {
  if (width === 0 || height === 0) throw corrupt('its width or height is 0');
  if (width * height > maxPixels)
    throw fault(
      'FILE_TOO_MANY_PIXELS',
      `unable to take the picture; ${width} × ${height} pixels are more than ${maxPixels}`,
      { width, height, maxPixels },
    );
}
