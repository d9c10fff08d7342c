/**
 * A grey 32 × 16 JPEG, left half black, stored with orientation 6: upright it is 16 × 32 with the
 * black half on top. Written by hand because a canvas would need longer than decoding it.
 */
export function probeJpeg(): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...[0xff, 0xd8],
    ...[0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0],
    ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0],
    ...[0xff, 0xdb, 0, 67, 0, ...new Array<number>(64).fill(127)],
    ...[0xff, 0xc0, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0],
    ...[0xff, 0xc4, 0, 21, 0x00, 1, 1, ...new Array<number>(14).fill(0), 0, 4],
    ...[0xff, 0xc4, 0, 20, 0x10, 1, ...new Array<number>(15).fill(0), 0],
    ...[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
    ...[0x9c, 0x50, 0x27, 0x14, 0x0f],
    ...[0xff, 0xd9],
  ]);
}
