import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspect } from '../../src/picture/picture.ts';
import {
  bytes,
  exifSegment,
  gif,
  ihdr,
  jpegHeader,
  latin1,
  PNG_SIGNATURE,
  pngChunk,
  riff,
  riffChunk,
  segment,
  tiff,
  u16,
  vp8x,
} from '../support/picture-bytes.ts';

const limits = { maxBytes: 2_000_000, maxPixels: 50_000_000 };
const idat = pngChunk('IDAT', [0]);

function look(file: Uint8Array<ArrayBuffer>, signal?: AbortSignal) {
  return inspect(new Blob([file], { type: 'image/jpeg' }), limits, signal);
}

function utf16(text: string, little: boolean, mark: boolean): Uint8Array<ArrayBuffer> {
  const codes = [...(mark ? '\ufeff' : ''), ...text].map((char) => u16(char.charCodeAt(0)));
  return bytes(...codes.map((pair) => (little ? pair.reverse() : pair)));
}

describe('a JPEG', () => {
  test('has the size its frame header says', async () => {
    expect(await look(jpegHeader(640, 480))).toEqual({
      type: 'image/jpeg',
      width: 640,
      height: 480,
      orientation: 1,
      bytes: jpegHeader(640, 480).length,
      alpha: false,
    });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('reports orientation %i and upright sides', async (orientation) => {
    for (const little of [true, false]) {
      const info = await look(jpegHeader(640, 480, exifSegment(orientation, little)));
      const upright = orientation < 5 ? { width: 640, height: 480 } : { width: 480, height: 640 };
      expect(info).toMatchObject({ orientation, ...upright });
    }
  });

  test('is read when its frame header lies 600 KB deep', async () => {
    const filler = Array.from({ length: 10 }, () => segment(0xe2, new Uint8Array(60_000)));
    expect(await look(jpegHeader(33, 22, ...filler))).toMatchObject({ width: 33, height: 22 });
  });

  test('is measured without loading the file', async () => {
    const filler = Array.from({ length: 20 }, () => segment(0xe2, new Uint8Array(65_000)));
    let loaded = 0;
    const file = new Blob([jpegHeader(33, 22, ...filler)]);
    const slice = file.slice.bind(file);
    file.slice = (start = 0, end = file.size, type) => {
      loaded += Math.min(end, file.size) - start;
      return slice(start, end, type);
    };
    await inspect(file, limits);
    expect(loaded).toBeLessThan(200_000);
  });

  test('is not mistaken for the preview inside its EXIF block, nor for a picture behind it', async () => {
    const preview = segment(0xe1, 'Exif\0\0', tiff(6), jpegHeader(16, 12));
    const file = bytes(jpegHeader(640, 480, preview), jpegHeader(9000, 9000));
    expect(await look(file)).toMatchObject({ width: 480, height: 640, orientation: 6 });
  });

  test('may carry much behind its end', async () => {
    for (const length of [1, 65_534, 65_535, 65_536, 200_000])
      expect(await look(bytes(jpegHeader(640, 480), new Uint8Array(length)))).toMatchObject({ width: 640 });
  });

  test('may be progressive, padded with 0xFF and carry stray bytes between segments', async () => {
    const file = bytes(
      [0xff, 0xd8, 0xff, 0xff, 0xff],
      segment(0xe0, 'JFIF\0').subarray(1),
      [0, 1, 2, 0xff, 0x00],
      segment(0xc4, new Uint8Array(20)),
      segment(0xc2, [8], u16(10), u16(20), [1, 1, 0x11, 0]),
      segment(0xda, [1, 1, 0, 0, 0, 0]),
      [0xff, 0xd9],
    );
    expect(await look(file)).toMatchObject({ width: 20, height: 10 });
  });

  test.each([
    ['no frame', bytes([0xff, 0xd8], segment(0xda, [0, 0, 0]))],
    ['only its start', bytes([0xff, 0xd8, 0xff])],
    ['a cut frame header', jpegHeader(640, 480).subarray(0, 8)],
    ['two sizes', jpegHeader(640, 480, segment(0xc0, [8, 0, 1, 0, 1, 1, 1, 0x11, 0]))],
    ['a segment of length 1', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 1], jpegHeader(1, 1))],
    ['no end, whatever its preview has', jpegHeader(640, 480, segment(0xe1, [0xff, 0xd9])).subarray(0, -2)],
    ['no end in 300 KB', bytes(jpegHeader(640, 480).subarray(0, -2), new Uint8Array(300_000))],
    ['height 0', jpegHeader(640, 0)],
    ['width 0', jpegHeader(0, 480)],
    ['garbage without end', bytes([0xff, 0xd8, 0xff, 0xff], new Uint8Array(100_000))],
  ])('with %s is corrupt', async (_, file) => {
    await expect(look(bytes(file))).rejects.toMatchObject({ name: 'PictureFault', code: 'FILE_CORRUPT' });
  });

  test.each([
    ['cut', segment(0xe1, 'Exif\0\0MM\0\x2a')],
    ['looped', segment(0xe1, 'Exif\0\0MM\0\x2a\xff\xff\xff\xff', new Uint8Array(30))],
    ['of orientation 9', exifSegment(9)],
    ['of orientation 0', exifSegment(0)],
    ['not TIFF', segment(0xe1, 'Exif\0\0', new Uint8Array(40))],
    ['XMP', segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', new Uint8Array(40))],
  ])('with an EXIF block that is %s lies upright', async (_, exif) => {
    expect(await look(jpegHeader(4, 3, exif))).toMatchObject({ orientation: 1, width: 4, height: 3 });
  });
});

describe('a PNG', () => {
  test('has the size and alpha its header says', async () => {
    expect(await look(bytes(PNG_SIGNATURE, ihdr(7, 5), idat))).toMatchObject({
      type: 'image/png',
      width: 7,
      height: 5,
      alpha: true,
    });
    expect(await look(bytes(PNG_SIGNATURE, ihdr(7, 5, 8, 2), idat))).toMatchObject({ alpha: false });
  });

  test('may be transparent by tRNS and turned by eXIf', async () => {
    const file = bytes(PNG_SIGNATURE, ihdr(7, 5, 8, 2), pngChunk('tRNS', new Uint8Array(6)), idat);
    expect(await look(file)).toMatchObject({ alpha: true });
    const turned = bytes(PNG_SIGNATURE, ihdr(7, 5), pngChunk('eXIf', tiff(6)), idat);
    expect(await look(turned)).toMatchObject({ width: 5, height: 7, orientation: 6 });
  });

  test.each([
    ['a wrong header checksum', bytes(PNG_SIGNATURE, ihdr(7, 5).fill(9, 21), idat)],
    ['colour type 1', bytes(PNG_SIGNATURE, ihdr(7, 5, 8, 1), idat)],
    ['16-bit palette', bytes(PNG_SIGNATURE, ihdr(7, 5, 16, 3), idat)],
    ['depth 0', bytes(PNG_SIGNATURE, ihdr(7, 5, 0, 2), idat)],
    ['no pixels', bytes(PNG_SIGNATURE, ihdr(7, 5), pngChunk('IEND'))],
    ['width 0', bytes(PNG_SIGNATURE, ihdr(0, 5), idat)],
    ['another first chunk', bytes(PNG_SIGNATURE, pngChunk('CgBI', new Uint8Array(13)), ihdr(7, 5), idat)],
    ['nothing behind its signature', PNG_SIGNATURE],
  ])('with %s is corrupt', async (_, file) => {
    await expect(look(file)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });
});

describe('a GIF', () => {
  test('has the size of its screen, or of a first frame that reaches further', async () => {
    expect(await look(gif([10, 8], [0, 0, 10, 8]))).toMatchObject({
      type: 'image/gif',
      width: 10,
      height: 8,
    });
    expect(await look(gif([10, 8], [5, 0, 10, 20]))).toMatchObject({ width: 15, height: 20 });
  });

  test.each([
    ['an empty first frame', gif([10, 8], [0, 0, 0, 8])],
    ['no frame', bytes('GIF89a', [1, 0, 1, 0, 0, 0, 0, 0x3b])],
    ['only its signature', bytes('GIF89a')],
    ['an endless comment', bytes('GIF89a', [1, 0, 1, 0, 0, 0, 0, 0x21, 0xfe, 200, 1])],
  ])('with %s is corrupt', async (_, file) => {
    await expect(look(file)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });
});

describe('a WebP', () => {
  const lossy = riffChunk('VP8 ', bytes([0, 0, 0, 0x9d, 1, 0x2a, 0x40, 0xc1, 0xf0, 0x00], new Uint8Array(8)));

  test('has its size in a lossy, a lossless or an extended header', async () => {
    expect(await look(riff(lossy))).toMatchObject({
      type: 'image/webp',
      width: 320,
      height: 240,
      alpha: false,
    });
    const lossless = riffChunk('VP8L', bytes([0x2f, 0x3f, 0xc1, 0x3b, 0x10], new Uint8Array(8)));
    expect(await look(riff(lossless))).toMatchObject({ width: 320, height: 240, alpha: true });
    expect(await look(riff(vp8x(320, 240, 0x10), lossy))).toMatchObject({
      width: 320,
      height: 240,
      alpha: true,
    });
  });

  test.each([
    ['bare', tiff(8)],
    ['behind a JPEG prefix', bytes('Exif\0\0', tiff(8))],
  ])('is turned by an EXIF chunk %s', async (_, exif) => {
    const file = riff(vp8x(320, 240, 0x08), lossy, riffChunk('EXIF', exif));
    expect(await look(file)).toMatchObject({ width: 240, height: 320, orientation: 8 });
  });

  test.each([
    ['nothing inside', riff()],
    ['an unknown first chunk', riff(riffChunk('JUNK', new Uint8Array(20)))],
    ['no key frame', riff(riffChunk('VP8 ', new Uint8Array(20)))],
    ['a wrong lossless signature', riff(riffChunk('VP8L', new Uint8Array(20)))],
    ['only JSON inside', bytes('RIFF....WEBP{"a":1}')],
  ])('with %s is corrupt', async (_, file) => {
    await expect(look(file)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });
});

describe('a file of another type', () => {
  test.each([
    ['SVG', bytes('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['SVG', bytes('\xef\xbb\xbf\n <?xml version="1.0"?><!-- x --><svg onload="alert(1)">')],
    ['SVG', bytes('<!DOCTYPE svg PUBLIC "x"><svg >')],
    ['SVG', utf16('<svg >', true, true)],
    ['SVG', utf16('<svg >', false, true)],
    ['SVG', utf16('<?xml version="1.0"?><svg >', true, false)],
    ['SVG', utf16('  <svg >', false, false)],
    ['gzip', bytes([0x1f, 0x8b, 8, 0])],
    ['HTML', bytes('<!DOCTYPE html><p>')],
    ['HTML', bytes('<script>alert(1)</script>')],
    ['XML', bytes('<?xml version="1.0"?><a/>')],
    ['PDF', bytes('%PDF-1.7')],
    ['HEIC', bytes([0, 0, 0, 24], 'ftypheic')],
    ['HEIC', bytes([0, 0, 0, 24], 'ftypmif1')],
    ['AVIF', bytes([0, 0, 0, 24], 'ftypavif')],
    ['video', bytes([0, 0, 0, 24], 'ftypisom')],
    ['JPEG XL', bytes([0xff, 0x0a, 1, 2])],
    ['JPEG XL', bytes([0, 0, 0, 12], 'JXL \r\n')],
    ['JPEG 2000', bytes([0, 0, 0, 12], 'jP  \r\n')],
    ['ICO', bytes([0, 0, 1, 0, 1, 0])],
    ['BMP', bytes('BM', [0, 0])],
    ['TIFF', bytes('II*\0')],
    ['TIFF', bytes('MM\0*')],
    ['ZIP', bytes('PK\x03\x04')],
    ['unknown', bytes([0])],
    ['unknown', bytes('GIF88a')],
    ['unknown', bytes(latin1('\x89PNG\n\r\x1a\n'), new Uint8Array(40))],
    ['unknown', bytes('hello')],
  ])('is refused as %s', async (found, file) => {
    await expect(look(file)).rejects.toMatchObject({ code: 'FILE_TYPE', details: { found } });
  });
});

describe('a mutilated file', () => {
  const samples = [
    jpegHeader(640, 480, exifSegment(6), segment(0xe2, new Uint8Array(300))),
    bytes(PNG_SIGNATURE, ihdr(7, 5), pngChunk('eXIf', tiff(6)), idat),
    gif([10, 8], [0, 0, 10, 8]),
    riff(vp8x(320, 240, 0x08), riffChunk('VP8 ', new Uint8Array(20)), riffChunk('EXIF', tiff(8))),
  ];

  test('is taken or refused with a fault, whatever byte is wrong', async () => {
    const change = fc.tuple(fc.nat(400), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(400),
        async (sample, changes, cut) => {
          const file = sample.slice();
          for (const [at, value] of changes) file[at % file.length] = value;
          const taken = look(cut < file.length ? file.slice(0, file.length - cut) : file);
          const error: unknown = await taken.then(
            () => undefined,
            (reason: unknown) => reason,
          );
          if (error !== undefined) expect(error).toMatchObject({ name: 'PictureFault' });
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('limits', () => {
  test('refuse an empty file', async () => {
    await expect(inspect(new Blob([]), limits)).rejects.toMatchObject({ code: 'FILE_EMPTY' });
  });

  test('take the last byte allowed and refuse one more, before looking at the type', async () => {
    const file = new Blob([jpegHeader(4, 3)]);
    await expect(inspect(file, { ...limits, maxBytes: file.size })).resolves.toBeTruthy();
    await expect(inspect(file, { ...limits, maxBytes: file.size - 1 })).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
      details: { bytes: file.size, maxBytes: file.size - 1 },
    });
    await expect(inspect(new Blob(['<svg>']), { ...limits, maxBytes: 2 })).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
    });
  });

  test('take the last pixel allowed and refuse one more, in every format', async () => {
    await expect(look(jpegHeader(10_000, 5_000))).resolves.toBeTruthy();
    const bombs = [
      jpegHeader(10_001, 5_000),
      bytes(PNG_SIGNATURE, ihdr(0x7fffffff, 0x7fffffff), idat),
      riff(vp8x(16_384, 16_384, 0), riffChunk('VP8 ', new Uint8Array(20))),
      gif([65_535, 65_535], [0, 0, 1, 1]),
      gif([1, 1], [0, 0, 65_535, 65_535]),
    ];
    for (const bomb of bombs)
      await expect(look(bomb)).rejects.toMatchObject({ code: 'FILE_TOO_MANY_PIXELS' });
  });
});

describe('a fault', () => {
  test('says what it was unable to do and why, as an Error', async () => {
    const error: unknown = await look(bytes('%PDF-1.7')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'PictureFault',
      message: 'unable to take the file; PDF is not accepted',
    });
  });

  test('is FILE_CORRUPT when the file can no longer be read', async () => {
    const file = new Blob([jpegHeader(4, 3)]);
    file.slice = () => Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error('gone')) });
    await expect(inspect(file, limits)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });
});

describe('an abort', () => {
  test('before the start rejects with its own reason', async () => {
    const reason = { mine: true };
    await expect(look(jpegHeader(4, 3), AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('between two slices rejects with its own reason', async () => {
    const abort = new AbortController();
    const reason = new Error('mine');
    const looking = look(
      jpegHeader(4, 3, ...Array(9).fill(segment(0xe2, new Uint8Array(60_000)))),
      abort.signal,
    );
    abort.abort(reason);
    await expect(looking).rejects.toBe(reason);
  });
});
