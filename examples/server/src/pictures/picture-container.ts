import type { PictureType } from './picture-types.ts';

const pngChunks = new Set([
  'IHDR',
  'PLTE',
  'IDAT',
  'IEND',
  'tRNS',
  'gAMA',
  'cHRM',
  'sRGB',
  'iCCP',
  'pHYs',
  'sBIT',
  'bKGD',
]);
const webpChunks = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ICCP']);
// JFIF, quantisation, frame, Huffman, restart interval, scan, Adobe; ICC profiles are checked by their name.
const jpegSegments = new Set([0xe0, 0xdb, 0xc0, 0xc1, 0xc2, 0xc4, 0xdd, 0xda, 0xee]);

const ascii = (bytes: Buffer, from: number, to: number) => bytes.toString('latin1', from, to);

/** What the first bytes say a file is; names and headers do not count. */
export function sniff(bytes: Buffer): PictureType | 'image/gif' | undefined {
  if (ascii(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (ascii(bytes, 0, 3) === '\xff\xd8\xff') return 'image/jpeg';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'image/webp';
  if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return 'image/gif';
  return undefined;
}

/**
 * True when the file is a picture and nothing else: no EXIF, XMP, IPTC, comment, animation or unknown part, and
 * no byte after its end. An allow list, so that what nobody thought of counts as unclean.
 */
export function isPlainPicture(bytes: Buffer, type: PictureType): boolean {
  if (type === 'image/png') return isPlainPng(bytes);
  if (type === 'image/webp') return isPlainWebp(bytes);
  return isPlainJpeg(bytes);
}

function isPlainPng(bytes: Buffer): boolean {
  let at = 8;
  while (at + 12 <= bytes.length) {
    const name = ascii(bytes, at + 4, at + 8);
    if (!pngChunks.has(name)) return false;
    at += 12 + bytes.readUInt32BE(at);
    if (name === 'IEND') return at === bytes.length;
  }
  return false;
}

function isPlainWebp(bytes: Buffer): boolean {
  if (bytes.readUInt32LE(4) + 8 !== bytes.length) return false;
  let at = 12;
  while (at + 8 <= bytes.length) {
    if (!webpChunks.has(ascii(bytes, at, at + 4))) return false;
    const size = bytes.readUInt32LE(at + 4);
    at += 8 + size + (size % 2);
  }
  return at === bytes.length;
}

function isPlainJpeg(bytes: Buffer): boolean {
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xd9) return at + 2 === bytes.length;
    const isIcc = marker === 0xe2 && ascii(bytes, at + 4, at + 15) === 'ICC_PROFILE';
    if (!jpegSegments.has(marker) && !isIcc) return false;
    at += 2 + bytes.readUInt16BE(at + 2);
    if (marker === 0xda) at = endOfScan(bytes, at);
  }
  return bytes.length === at + 2 && bytes[at] === 0xff && bytes[at + 1] === 0xd9;
}

/** In scan data 0xff is followed by zero or a restart marker; anything else ends the scan. */
function endOfScan(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at !== -1) {
    const next = bytes[at + 1] ?? 0xd9;
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at;
    at = bytes.indexOf(0xff, at + 2);
  }
  return bytes.length;
}
