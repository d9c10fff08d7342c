import { ascii } from './blob-reader.ts';

/** Chunks a still picture needs; all others (ICC, EXIF, XMP, text, times) go. */
const PNG_KEPT = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
const JPEG_DROPPED = (marker: number): boolean =>
  (marker >= 0xe1 && marker <= 0xef && marker !== 0xee) || marker === 0xfe;
const SOS = 0xda;

type Bytes = Uint8Array<ArrayBuffer>;

/** Drops what the browser's encoder adds (Chromium: a 450-byte sRGB profile); the pixels stay as they are. */
export async function stripMetadata(blob: Blob): Promise<Blob> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return new Blob(strip(bytes, blob.type), { type: blob.type });
}

function strip(bytes: Bytes, type: string): Bytes[] {
  if (type === 'image/webp') return stripWebp(bytes);
  if (type === 'image/png') return stripPng(bytes);
  return stripJpeg(bytes);
}

function stripWebp(bytes: Bytes): Bytes[] {
  const view = new DataView(bytes.buffer);
  const pixels: Bytes[] = [];
  let extended: Bytes | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length + (length & 1);
    const name = ascii(view, at, 4);
    if (name === 'VP8X') extended = bytes.slice(at, end);
    if (name === 'ALPH' || name === 'VP8 ' || name === 'VP8L') pixels.push(bytes.subarray(at, end));
    at = end;
  }
  if (extended) extended[8] = 0x10; // of its flags only alpha is left
  const chunks = pixels.length > 1 && extended ? [extended, ...pixels] : pixels;
  const head = bytes.slice(0, 12);
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 4);
  new DataView(head.buffer).setUint32(4, size, true);
  return [head, ...chunks];
}

function stripPng(bytes: Bytes): Bytes[] {
  const view = new DataView(bytes.buffer);
  const parts = [bytes.subarray(0, 8)];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (PNG_KEPT.has(ascii(view, at + 4, 4))) parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts;
}

function stripJpeg(bytes: Bytes): Bytes[] {
  const view = new DataView(bytes.buffer);
  const parts = [bytes.subarray(0, 2)];
  let at = 2;
  while (at + 4 <= bytes.length && view.getUint8(at + 1) !== SOS) {
    const end = at + 2 + view.getUint16(at + 2);
    if (!JPEG_DROPPED(view.getUint8(at + 1))) parts.push(bytes.subarray(at, end));
    at = end;
  }
  parts.push(bytes.subarray(at));
  return parts;
}
