import { crc32 } from '../../src/picture/crc32.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

export function bytes(...parts: readonly (string | readonly number[] | Uint8Array)[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? latin1(part) : [...part])));
}

export function latin1(text: string): number[] {
  return [...text].map((char) => char.charCodeAt(0));
}

export function u16(value: number): number[] {
  return [value >>> 8, value & 0xff];
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

/** A TIFF block with an orientation, a camera name and a place in its GPS directory. */
export function tiff(orientation: number, little = false): Bytes {
  const short = (value: number): number[] => (little ? u16(value).reverse() : u16(value));
  const long = (value: number): number[] => (little ? u32(value).reverse() : u32(value));
  const entry = (tag: number, type: number, count: number, value: number[]): number[] => [
    ...short(tag),
    ...short(type),
    ...long(count),
    ...value,
  ];
  const gps = 8 + 2 + 3 * 12 + 4;
  return bytes(
    little ? 'II' : 'MM',
    short(42),
    long(8),
    short(3),
    entry(0x010f, 2, 4, latin1('Cam\0')),
    entry(0x0112, 3, 1, [...short(orientation), 0, 0]),
    entry(0x8825, 4, 1, long(gps)),
    long(0),
    short(1),
    entry(0x0001, 2, 2, latin1('N\0\0\0')),
    long(0),
    'GPSCANARY',
  );
}

export function segment(
  marker: number,
  ...body: readonly (string | readonly number[] | Uint8Array)[]
): Bytes {
  const content = bytes(...body);
  return bytes([0xff, marker], u16(content.length + 2), content);
}

export function exifSegment(orientation: number, little = false): Bytes {
  return segment(0xe1, 'Exif\0\0', tiff(orientation, little));
}

/** Puts segments right behind SOI, where cameras put theirs. */
export function withSegments(jpeg: Uint8Array, ...segments: readonly Uint8Array[]): Bytes {
  return bytes(jpeg.subarray(0, 2), ...segments, jpeg.subarray(2));
}

/** A JPEG as far as its first scan: enough to be inspected, nothing to decode. */
export function jpegHeader(width: number, height: number, ...before: readonly Uint8Array[]): Bytes {
  return bytes(
    [0xff, 0xd8],
    ...before,
    segment(0xc0, [8], u16(height), u16(width), [1, 1, 0x11, 0]),
    segment(0xda, [1, 1, 0, 0, 63, 0]),
    [0, 0xff, 0xd9],
  );
}

export function pngChunk(name: string, body: Uint8Array | readonly number[] = []): Bytes {
  const checked = bytes(name, body);
  return bytes(u32(body.length), checked, u32(crc32(checked)));
}

export const PNG_SIGNATURE = bytes([0x89], 'PNG\r\n\x1a\n');

export function ihdr(width: number, height: number, depth = 8, colour = 6): Bytes {
  return pngChunk('IHDR', bytes(u32(width), u32(height), [depth, colour, 0, 0, 0]));
}

/** An 8-bit RGBA PNG whose data is stored, not compressed; `extra` chunks go before the pixels. */
export function png(width: number, height: number, rgba: Uint8Array, ...extra: readonly Uint8Array[]): Bytes {
  const rows: number[] = [];
  for (let y = 0; y < height; y++) rows.push(0, ...rgba.subarray(y * width * 4, (y + 1) * width * 4));
  return bytes(
    PNG_SIGNATURE,
    ihdr(width, height),
    ...extra,
    pngChunk('IDAT', zlibStored(Uint8Array.from(rows))),
    pngChunk('IEND'),
  );
}

function zlibStored(raw: Uint8Array): Bytes {
  const blocks: number[] = [0x78, 0x01];
  for (let at = 0; at < raw.length; at += 0xffff) {
    const block = raw.subarray(at, at + 0xffff);
    const last = at + 0xffff >= raw.length ? 1 : 0;
    blocks.push(
      last,
      block.length & 0xff,
      block.length >>> 8,
      ~block.length & 0xff,
      (~block.length >>> 8) & 0xff,
    );
    for (const byte of block) blocks.push(byte);
  }
  let a = 1;
  let b = 0;
  for (const byte of raw) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return bytes(blocks, u16(b), u16(a));
}

export function riff(...chunks: readonly Uint8Array[]): Bytes {
  const body = bytes('WEBP', ...chunks);
  return bytes('RIFF', u32(body.length).reverse(), body);
}

export function riffChunk(name: string, body: Uint8Array | readonly number[]): Bytes {
  return bytes(name, u32(body.length).reverse(), body, body.length % 2 ? [0] : []);
}

export function vp8x(width: number, height: number, flags: number): Bytes {
  const side = (value: number): number[] =>
    u32(value - 1)
      .reverse()
      .slice(0, 3);
  return riffChunk('VP8X', bytes([flags, 0, 0, 0], side(width), side(height)));
}

export function gif(
  screen: readonly [number, number],
  frame: readonly [number, number, number, number],
): Bytes {
  const short = (value: number): number[] => u16(value).reverse();
  return bytes(
    'GIF89a',
    short(screen[0]),
    short(screen[1]),
    [0x80, 0, 0],
    [0, 0, 0, 255, 255, 255],
    [0x21, 0xfe, 3],
    'abc',
    [0],
    [0x2c],
    ...frame.map(short),
    [0, 2, 2, 0x4c, 0x01, 0, 0x3b],
  );
}

/** The names of a file's segments or chunks, to see what is left in it. */
export function parts(file: Uint8Array): string[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const name = (at: number): string => String.fromCharCode(...file.subarray(at, at + 4));
  const names: string[] = [];
  if (file[0] === 0xff) {
    for (let at = 2; at + 4 <= file.length; at += 2 + view.getUint16(at + 2)) {
      names.push(view.getUint8(at + 1).toString(16));
      if (view.getUint8(at + 1) === 0xda) break;
    }
  } else if (name(0) === 'RIFF') {
    for (let at = 12; at + 8 <= file.length; ) {
      names.push(name(at));
      const length = view.getUint32(at + 4, true);
      at += 8 + length + (length % 2);
    }
  } else {
    for (let at = 8; at + 12 <= file.length; at += 12 + view.getUint32(at)) names.push(name(at + 4));
  }
  return names;
}
