import { expect, test } from 'vitest';
import { stripMetadata } from '../../src/picture/strip-metadata.ts';
import {
  type Bytes,
  bytes,
  exifSegment,
  ihdr,
  jpegHeader,
  PNG_SIGNATURE,
  parts,
  pngChunk,
  riff,
  riffChunk,
  segment,
  tiff,
  vp8x,
} from '../support/picture-bytes.ts';

async function strip(file: Bytes, type: string): Promise<Bytes> {
  const blob = await stripMetadata(new Blob([file], { type }));
  expect(blob.type).toBe(type);
  return new Uint8Array(await blob.arrayBuffer());
}

const vp8 = riffChunk('VP8 ', [1, 2, 3]);
const alph = riffChunk('ALPH', [4, 5]);
const iccp = riffChunk('ICCP', new Uint8Array(456));

test('a WebP without alpha becomes the simple form', async () => {
  const exif = riffChunk('EXIF', tiff(6));
  const stripped = await strip(riff(vp8x(9, 9, 0x2c), iccp, vp8, exif, riffChunk('XMP ', [1])), 'image/webp');
  expect(stripped).toEqual(riff(vp8));
});

test('a WebP with alpha keeps it, and says so alone in its flags', async () => {
  const stripped = await strip(riff(vp8x(9, 9, 0x3c), iccp, alph, vp8), 'image/webp');
  expect(stripped).toEqual(riff(vp8x(9, 9, 0x10), alph, vp8));
});

test('a PNG keeps only what its pixels need', async () => {
  const kept = [PNG_SIGNATURE, ihdr(1, 1), pngChunk('PLTE', [0, 0, 0]), pngChunk('tRNS', [0])];
  const file = bytes(
    ...kept,
    pngChunk('iCCP', [1]),
    pngChunk('eXIf', tiff(1)),
    pngChunk('tEXt', [65]),
    pngChunk('IDAT', [0]),
    pngChunk('IEND'),
  );
  expect(await strip(file, 'image/png')).toEqual(bytes(...kept, pngChunk('IDAT', [0]), pngChunk('IEND')));
});

test('a JPEG loses its APP segments and comments, not its JFIF and Adobe marks', async () => {
  const jfif = segment(0xe0, 'JFIF\0');
  const adobe = segment(0xee, 'Adobe');
  const file = jpegHeader(
    4,
    3,
    jfif,
    exifSegment(6),
    segment(0xe2, 'ICC_PROFILE\0'),
    segment(0xfe, 'hi'),
    adobe,
  );
  const stripped = await strip(file, 'image/jpeg');
  expect(stripped).toEqual(jpegHeader(4, 3, jfif, adobe));
  expect(parts(stripped)).toEqual(['e0', 'ee', 'c0', 'da']);
});
