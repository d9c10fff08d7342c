import { ascii, type BlobReader } from './blob-reader.ts';
import { exifOrientation } from './exif.ts';
import { corrupt } from './fault.ts';
import type { Orientation, PictureHeader } from './header.ts';

const HAS_ALPHA = 0x10;
const HAS_EXIF = 0x08;
const MAX_CHUNKS = 4096;

export async function readWebp(reader: BlobReader): Promise<PictureHeader> {
  const head = await reader.at(0, 30);
  if (head.byteLength < 30) throw corrupt('it ends before its size');
  switch (ascii(head, 12, 4)) {
    case 'VP8 ':
      return { ...lossySize(head), orientation: 1, alpha: false };
    case 'VP8L':
      return losslessHeader(head);
    case 'VP8X':
      return extendedHeader(reader, head);
    default:
      throw corrupt('it does not begin with a WebP chunk');
  }
}

/** RFC 6386, section 9.1: only a key frame carries the start code and the size. */
function lossySize(head: DataView): { width: number; height: number } {
  if (head.getUint8(20) & 1 || ascii(head, 23, 3) !== '\x9d\x01\x2a') throw corrupt('it has no key frame');
  return { width: head.getUint16(26, true) & 0x3fff, height: head.getUint16(28, true) & 0x3fff };
}

function losslessHeader(head: DataView): PictureHeader {
  if (head.getUint8(20) !== 0x2f) throw corrupt('its lossless signature is wrong');
  const bits = head.getUint32(21, true);
  return {
    width: (bits & 0x3fff) + 1,
    height: ((bits >>> 14) & 0x3fff) + 1,
    orientation: 1,
    alpha: (bits & (1 << 28)) !== 0,
  };
}

async function extendedHeader(reader: BlobReader, head: DataView): Promise<PictureHeader> {
  const flags = head.getUint8(20);
  return {
    width: uint24(head, 24) + 1,
    height: uint24(head, 27) + 1,
    orientation: flags & HAS_EXIF ? await chunkOrientation(reader) : 1,
    alpha: (flags & HAS_ALPHA) !== 0,
  };
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

async function chunkOrientation(reader: BlobReader): Promise<Orientation> {
  let at = 12;
  for (let chunk = 0; chunk < MAX_CHUNKS && at + 8 <= reader.size; chunk++) {
    const head = await reader.at(at, 8);
    const length = head.getUint32(4, true);
    if (ascii(head, 0, 4) === 'EXIF') return exifOrientation(await tiffBlock(reader, at + 8, length));
    at += 8 + length + (length & 1);
  }
  return 1;
}

/** Some writers keep JPEG's `Exif\0\0` in front of the TIFF block. */
async function tiffBlock(reader: BlobReader, at: number, length: number): Promise<DataView> {
  const block = await reader.at(at, length);
  if (ascii(block, 0, 6) !== 'Exif\0\0') return block;
  return new DataView(block.buffer, block.byteOffset + 6, block.byteLength - 6);
}
