import type { Canvas } from './canvas.ts';
import { type CropRect, squareCrop } from './crop.ts';
import { drawSizes } from './draw.ts';
import { ALL_TYPES, type EncodedType, encode } from './encode.ts';
import type { PictureInfo } from './inspect.ts';
import { canReadBack } from './read-back.ts';
import { type Decoded, decodeScaledJpeg } from './scaled-decode.ts';
import { decodeWhole } from './whole-decode.ts';

export interface RenderOptions {
  /** In pixels of the upright picture; the centred square when absent. */
  readonly crop?: CropRect;
  /** Sides of the square outputs, in pixels. */
  readonly sizes: readonly number[];
  /** Types that may come out: WebP where it can, else PNG where a pixel is transparent, else JPEG. Default: all three. */
  readonly types?: readonly EncodedType[];
  /** 0 to 1, default 0.82. At 1 WebP is lossless and large. */
  readonly quality?: number;
  /** `fast` leaves the resizing to drawImage. Default `lanczos`. */
  readonly filter?: 'lanczos' | 'fast';
}

export interface RenderedPicture {
  readonly size: number;
  readonly type: EncodedType;
  readonly blob: Blob;
}

const DEFAULT_QUALITY = 0.82;

/** Decodes once, crops, resizes and encodes every size; runs in the worker and on the page alike. */
export async function renderPicture(
  file: Blob,
  info: PictureInfo,
  options: RenderOptions,
  signal?: AbortSignal,
): Promise<RenderedPicture[]> {
  const { sizes, types = ALL_TYPES, quality = DEFAULT_QUALITY, filter = 'lanczos' } = options;
  const sharp = filter === 'lanczos' && canReadBack();
  const wanted = Math.max(...sizes) * (sharp ? 2 : 1);
  const decoded = await decode(file, info, squareCrop(options.crop, info.width, info.height), wanted);
  let canvases: Map<number, Canvas>;
  try {
    signal?.throwIfAborted();
    const crop = decodedCrop(decoded, info, options.crop);
    canvases = drawSizes(decoded, crop, { sizes, sharp, opaque: !info.alpha });
  } finally {
    decoded.close();
  }
  return Promise.all(
    sizes.map(async (size) => {
      const canvas = canvases.get(size) as Canvas; // drawSizes() makes one per size
      const encoded = await encode(canvas, quality, info.alpha, types);
      return { size, ...encoded };
    }),
  );
}

async function decode(file: Blob, info: PictureInfo, crop: CropRect, wanted: number): Promise<Decoded> {
  if (info.type !== 'image/jpeg') return decodeWhole(file, info);
  const n = Math.max(1, Math.ceil((8 * wanted) / crop.width));
  return (await decodeScaledJpeg(file, info, n)) ?? (await decodeWhole(file, info));
}

/** The crop on the decoded picture, whose size is the truth where a header told another. */
function decodedCrop(decoded: Decoded, info: PictureInfo, wanted: CropRect | undefined): CropRect {
  const { scale, offsetX, offsetY } = decoded;
  const [width, height] = scale === 1 ? [decoded.width, decoded.height] : [info.width, info.height];
  const crop = squareCrop(wanted, width, height);
  return {
    x: crop.x * scale + offsetX,
    y: crop.y * scale + offsetY,
    width: crop.width * scale,
    height: crop.height * scale,
  };
}
