import sharp from 'sharp';
import { ApiError } from '../errors.ts';
import { sniff } from './picture-container.ts';
import { corrupt, measure, openPicture } from './pictures.ts';
import type { FileType } from './uploads.ts';

/** What a whole file may be; of a moving one the first picture is taken. */
export const sourceTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;
export type SourceType = (typeof sourceTypes)[number];

export interface RenderedPicture {
  /** WebP. */
  files: Record<FileType, Buffer>;
  source: { type: SourceType; size: number; width: number; height: number };
}

/** Sides in pixels. */
export const sides = { avatar: 256, medium: 150, thumb: 64 };

const PATIENCE_SECONDS = 20;

/**
 * Makes every size of a picture from a file whose name and declared type do not count: upright, a square from its
 * middle, and without a byte of what came with it.
 */
export async function renderSizes(bytes: Buffer, accepted: readonly SourceType[]): Promise<RenderedPicture> {
  const type = sniff(bytes);
  if (type === undefined || !accepted.includes(type)) {
    const names = accepted.map((name) => name.slice('image/'.length)).join(', ');
    throw new ApiError(415, 'UNSUPPORTED_TYPE', `unable to use the picture; it must be one of ${names}`);
  }
  const source = { type, size: bytes.length, ...(await measure(bytes)) };
  try {
    const upright = openPicture(bytes).autoOrient().timeout({ seconds: PATIENCE_SECONDS });
    const { data, info } = await upright
      .resize(sides.avatar, sides.avatar, { fit: 'cover' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const encode = (side: number) =>
      sharp(data, { raw: info }).resize(side, side).webp({ quality: 85 }).toBuffer();
    const [avatar, medium, thumb] = await Promise.all([
      encode(sides.avatar),
      encode(sides.medium),
      encode(sides.thumb),
    ]);
    return { files: { avatar, medium, thumb }, source };
  } catch {
    throw corrupt();
  }
}

/** A published picture in the size that only some have stored. */
export function shrinkToMedium(bytes: Buffer): Promise<Buffer> {
  const medium = openPicture(bytes).timeout({ seconds: PATIENCE_SECONDS });
  return medium.resize(sides.medium, sides.medium, { fit: 'cover' }).toBuffer();
}
