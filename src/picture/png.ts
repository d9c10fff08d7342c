import { ascii, type BlobReader } from './blob-reader.ts';
import { crc32 } from './crc32.ts';
import { exifOrientation } from './exif.ts';
import { corrupt } from './fault.ts';
import type { Orientation, PictureHeader } from './header.ts';

/** Bit depths each colour type allows (PNG, table 11.1). */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const MAX_SIDE = 0x7fffffff;

export async function readPng(reader: BlobReader): Promise<PictureHeader> {
  const { width, height, colour } = await readIhdr(reader);
  let alpha = colour === 4 || colour === 6;
  let orientation: Orientation = 1;
  let at = 33;
  while (at + 12 <= reader.size) {
    const head = await reader.at(at, 8);
    const length = head.getUint32(0);
    const name = ascii(head, 4, 4);
    if (name === 'IDAT') return { width, height, orientation, alpha };
    if (name === 'IEND') break;
    if (name === 'tRNS') alpha = true;
    if (name === 'eXIf') orientation = exifOrientation(await reader.at(at + 8, length));
    at += 12 + length;
  }
  throw corrupt('it ends before its pixels begin');
}

async function readIhdr(reader: BlobReader): Promise<{ width: number; height: number; colour: number }> {
  const head = await reader.at(8, 25);
  if (head.byteLength < 25 || head.getUint32(0) !== 13 || ascii(head, 4, 4) !== 'IHDR')
    throw corrupt('it does not begin with its PNG header');
  const checked = new Uint8Array(head.buffer, head.byteOffset + 4, 17);
  if (crc32(checked) !== head.getUint32(21)) throw corrupt('the checksum of its PNG header is wrong');

  const width = head.getUint32(8);
  const height = head.getUint32(12);
  const colour = head.getUint8(17);
  if (!DEPTHS[colour]?.includes(head.getUint8(16))) throw corrupt('PNG has no such colour type and depth');
  if (width > MAX_SIDE || height > MAX_SIDE) throw corrupt('PNG has no such size');
  return { width, height, colour };
}
