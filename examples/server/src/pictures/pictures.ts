import sharp, { type Sharp } from 'sharp';
import { ApiError } from '../errors.ts';
import { isPlainPicture, sniff } from './picture-container.ts';
import { type PictureType, pictureTypes } from './picture-types.ts';

const MAX_PIXELS = 40_000_000;
const MAX_SIDE = 8192;

// Only these decoders may ever see a client's bytes.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif'].map((format) => `VipsForeignLoad${format}Buffer`),
});
sharp.cache(false);

/** Checks stored bytes by what they are, and returns bytes that are safe to show: a whole picture without metadata. */
export async function inspectPicture(bytes: Buffer, declared: PictureType): Promise<Buffer> {
  if (sniff(bytes) !== declared) {
    throw new ApiError(422, 'CONTENT_MISMATCH', `unable to use the picture; its content is not ${declared}`);
  }
  await measure(bytes);
  const picture = openPicture(bytes);
  try {
    if (!isPlainPicture(bytes, declared)) {
      return await picture.autoOrient().toFormat(pictureTypes[declared].format, { quality: 90 }).toBuffer();
    }
    // A full decode into very little memory: a header alone does not make a picture.
    await picture.resize(8, 8, { fit: 'fill', fastShrinkOnLoad: false }).raw().toBuffer();
    return bytes;
  } catch {
    throw corrupt();
  }
}

/** Width and height as people see the picture, from its header alone. Refuses what would decode into too much. */
export async function measure(bytes: Buffer): Promise<{ width: number; height: number }> {
  const { width, height } = await readHeader(bytes);
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS) {
    throw new ApiError(422, 'TOO_MANY_PIXELS', `unable to use the picture; ${width}×${height} is too large`);
  }
  return { width, height };
}

/** The still picture, or the first one of several. */
export function openPicture(bytes: Buffer): Sharp {
  return sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error', pages: 1 });
}

async function readHeader(bytes: Buffer): Promise<{ width: number; height: number }> {
  try {
    return (await sharp(bytes, { limitInputPixels: false, pages: 1 }).metadata()).autoOrient;
  } catch {
    throw corrupt();
  }
}

export function corrupt(): ApiError {
  return new ApiError(422, 'CORRUPT_PICTURE', 'unable to use the picture; it is damaged');
}
