import { corrupt } from './fault.ts';

/** Enough for the headers of nearly every picture in one read. */
const FIRST_CHUNK = 64 * 1024;
const NEXT_CHUNK = 4 * 1024;

/** Random access to a file by small slices, so that inspecting 20 MB does not load 20 MB. */
export interface BlobReader {
  readonly size: number;
  /** The bytes at `offset`; fewer than `length` where the file ends. */
  at(offset: number, length: number): Promise<DataView>;
}

export function readBlob(blob: Blob, signal?: AbortSignal): BlobReader {
  let start = 0;
  let chunk = new Uint8Array(0);

  return {
    size: blob.size,
    async at(offset, length) {
      signal?.throwIfAborted();
      offset = Math.min(offset, blob.size);
      const end = Math.min(offset + length, blob.size);
      if (offset < start || end > start + chunk.length) {
        const wanted = Math.max(length, offset === 0 ? FIRST_CHUNK : NEXT_CHUNK);
        chunk = await load(blob.slice(offset, offset + wanted));
        start = offset;
        signal?.throwIfAborted();
      }
      return new DataView(chunk.buffer, offset - start, end - offset);
    },
  };
}

async function load(slice: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await slice.arrayBuffer());
  } catch {
    throw corrupt('the file can no longer be read');
  }
}

/** `length` bytes as Latin-1, for magic words and chunk names. */
export function ascii(view: DataView, offset: number, length: number): string {
  let text = '';
  const end = Math.min(offset + length, view.byteLength);
  for (let at = offset; at < end; at++) text += String.fromCharCode(view.getUint8(at));
  return text;
}
