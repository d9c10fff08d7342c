import { type Canvas, context2d, createCanvas, freeCanvas, type ToBlob, toBlob } from './canvas.ts';
import { stripMetadata } from './strip-metadata.ts';

export type EncodedType = 'image/webp' | 'image/jpeg' | 'image/png';

export interface EncodedPicture {
  readonly type: EncodedType;
  readonly blob: Blob;
}

export const ALL_TYPES: readonly EncodedType[] = ['image/webp', 'image/jpeg', 'image/png'];

/**
 * Encodes as WebP; where that is not wanted, or the browser answers with another type (WebKit: PNG, without an error), as
 * JPEG, or as PNG when a pixel is transparent.
 *
 * @param mayBeTransparent - `false` spares the look at the pixels.
 */
export async function encode(
  canvas: Canvas,
  quality: number,
  mayBeTransparent: boolean,
  types = ALL_TYPES,
  encodeCanvas: ToBlob = toBlob,
): Promise<EncodedPicture> {
  if (types.includes('image/webp')) {
    const webp = await encodeCanvas(canvas, 'image/webp', quality);
    if (webp.type === 'image/webp') return finish(webp);
  }
  const mustBePng = !types.includes('image/jpeg') || (mayBeTransparent && isTransparent(canvas));
  if (mustBePng && types.includes('image/png'))
    return finish(await encodeCanvas(canvas, 'image/png', quality));

  const flat = flatten(canvas);
  const jpeg = await encodeCanvas(flat, 'image/jpeg', quality);
  freeCanvas(flat);
  return finish(jpeg);
}

async function finish(blob: Blob): Promise<EncodedPicture> {
  if (!isEncodedType(blob.type)) throw new Error(`unable to encode the picture; "${blob.type}" came`);
  return { type: blob.type, blob: await stripMetadata(blob) };
}

function isEncodedType(type: string): type is EncodedType {
  return type === 'image/webp' || type === 'image/jpeg' || type === 'image/png';
}

function isTransparent(canvas: Canvas): boolean {
  const { data } = context2d(canvas).getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return true;
  return false;
}

/** On white, because JPEG turns transparent pixels black. */
function flatten(canvas: Canvas): Canvas {
  const flat = createCanvas(canvas.width, canvas.height);
  const context = context2d(flat);
  context.fillStyle = 'white';
  context.fillRect(0, 0, flat.width, flat.height);
  context.drawImage(canvas, 0, 0);
  return flat;
}
