import sharp from 'sharp';
import type { ImageEncoder, PictureRules } from '../../src/avatar/encoder.ts';
import type { EncodedPicture } from '../../src/models.ts';

/** Stands in for the picture code where there is no browser: real pictures, in the preferred type of the backend. */
export function sharpEncoder({ types: [type = 'image/jpeg'], size, thumbSize }: PictureRules): ImageEncoder {
  const encode = async (file: Blob, kind: EncodedPicture['kind'], side: number): Promise<EncodedPicture> => {
    const bytes = await sharp(await file.arrayBuffer())
      .resize(side, side)
      .toFormat(type === 'image/webp' ? 'webp' : type === 'image/png' ? 'png' : 'jpeg')
      .toBuffer();
    return { kind, size: side, type, blob: new Blob([new Uint8Array(bytes)], { type }) };
  };
  return {
    warm() {},
    inspect: async (file) => ({ type: 'image/png', width: 400, height: 400, bytes: file.size }),
    async compress(file, _crop, onInspected) {
      onInspected();
      return [await encode(file, 'avatar', Math.min(size, 256)), await encode(file, 'thumb', thumbSize)];
    },
    dispose() {},
  };
}

let hue = 0;

/** A picture file of a colour of its own. */
export async function colouredFile(): Promise<File> {
  hue = (hue + 47) % 256;
  const background = { r: hue, g: 255 - hue, b: 128 };
  const bytes = await sharp({ create: { width: 300, height: 300, channels: 3, background } })
    .png()
    .toBuffer();
  return new File([new Uint8Array(bytes)], 'me.png', { type: 'image/png' });
}

/** The middle of the picture at an address, as `[red, green, blue]`, and its size. */
export async function look(url: string): Promise<{ width: number; height: number; colour: number[] }> {
  const response = await fetch(url);
  const { data, info } = await sharp(await response.arrayBuffer())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const middle = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * 3;
  return { width: info.width, height: info.height, colour: [...data.subarray(middle, middle + 3)] };
}
