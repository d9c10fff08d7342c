import type { BlobReader } from './blob-reader.ts';
import { corrupt } from './fault.ts';
import type { PictureHeader } from './header.ts';

const EXTENSION = 0x21;
const FRAME = 0x2c;

/** The larger of the screen and its first frame: some decoders grow the screen to the frame. */
export async function readGif(reader: BlobReader): Promise<PictureHeader> {
  const screen = await reader.at(0, 13);
  if (screen.byteLength < 13) throw corrupt('it ends before its size');
  const frame = await firstFrame(reader, 13 + colourTable(screen.getUint8(10)));
  const width = frame.getUint16(5, true);
  const height = frame.getUint16(7, true);
  if (width === 0 || height === 0) throw corrupt('its first frame has no size');
  return {
    width: Math.max(screen.getUint16(6, true), frame.getUint16(1, true) + width),
    height: Math.max(screen.getUint16(8, true), frame.getUint16(3, true) + height),
    orientation: 1,
    alpha: true,
  };
}

function colourTable(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

async function firstFrame(reader: BlobReader, from: number): Promise<DataView> {
  let at = from;
  while (at < reader.size) {
    const head = await reader.at(at, 10);
    const kind = head.getUint8(0);
    if (kind === FRAME && head.byteLength === 10) return head;
    if (kind !== EXTENSION) break;
    at = await afterSubBlocks(reader, at + 2);
  }
  throw corrupt('it has no frame');
}

async function afterSubBlocks(reader: BlobReader, from: number): Promise<number> {
  let at = from;
  while (at < reader.size) {
    const length = (await reader.at(at, 1)).getUint8(0);
    at += 1 + length;
    if (length === 0) return at;
  }
  throw corrupt('it ends inside an extension');
}
