import { ascii, type BlobReader } from './blob-reader.ts';
import { exifOrientation } from './exif.ts';
import { corrupt } from './fault.ts';
import type { Orientation, PictureHeader } from './header.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const EXIF = 'Exif\0\0';
/** Decoders skip stray bytes between segments; past this many it is no JPEG. */
const MAX_GARBAGE = 64 * 1024;
const TAIL = 64 * 1024;

/** Walks the segments up to the first scan: previews inside EXIF and pictures after EOI (MPF, gain maps) are never reached. */
export async function readJpeg(reader: BlobReader): Promise<PictureHeader> {
  let size: { width: number; height: number } | undefined;
  let orientation: Orientation | undefined;
  let garbage = 0;
  let at = 2;

  while (at + 1 < reader.size) {
    const head = await reader.at(at, 4);
    const marker = head.getUint8(1);
    if (head.getUint8(0) !== 0xff || marker === 0x00) {
      if (++garbage > MAX_GARBAGE) throw corrupt('it has no JPEG segments');
      at += 1;
      continue;
    }
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (standsAlone(marker)) {
      at += 2;
      continue;
    }
    if (marker === SOI || marker === EOI) break;
    if (marker === SOS) {
      if (size === undefined || !(await hasEnd(reader, at))) break;
      return { ...size, orientation: orientation ?? 1, alpha: false };
    }

    if (head.byteLength < 4) break;
    const length = head.getUint16(2);
    if (length < 2) throw corrupt('a JPEG segment has no length');
    if (isFrame(marker)) {
      if (size !== undefined) throw corrupt('it declares its size twice');
      size = await frameSize(reader, at);
    } else if (marker === APP1 && orientation === undefined) {
      orientation = await segmentOrientation(reader, at + 4, length - 2);
    }
    at += 2 + length;
  }
  throw corrupt('it ends before its pixels do');
}

/**
 * Whether EOI follows the first scan, whose data cannot contain it. Chromium refuses a cut JPEG, Firefox and WebKit
 * would show its rest grey. Sought from the end, where it nearly always is.
 */
async function hasEnd(reader: BlobReader, scan: number): Promise<boolean> {
  for (let end = reader.size; end > scan; end -= TAIL) {
    const from = Math.max(scan, end - TAIL);
    const tail = await reader.at(from, end - from + 1);
    for (let at = tail.byteLength - 2; at >= 0; at--)
      if (tail.getUint8(at) === 0xff && tail.getUint8(at + 1) === EOI) return true;
  }
  return false;
}

function standsAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

/** SOF0 to SOF15 without DHT, JPG and DAC, which share the range. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

async function frameSize(reader: BlobReader, at: number): Promise<{ width: number; height: number }> {
  const frame = await reader.at(at, 9);
  if (frame.byteLength < 9) throw corrupt('it ends before its size');
  return { height: frame.getUint16(5), width: frame.getUint16(7) };
}

async function segmentOrientation(
  reader: BlobReader,
  at: number,
  length: number,
): Promise<Orientation | undefined> {
  const segment = await reader.at(at, length);
  if (ascii(segment, 0, EXIF.length) !== EXIF) return undefined;
  return exifOrientation(new DataView(segment.buffer, segment.byteOffset + 6, segment.byteLength - 6));
}
