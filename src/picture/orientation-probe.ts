import type { PictureType } from './sniff.ts';

/** 2 × 1 pixels stored with EXIF orientation 6: a decoder that honours it answers 1 × 2. */
const PROBES: Readonly<Partial<Record<PictureType, string>>> = {
  'image/png':
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEABgAAAAAAANZnS2kAAAALSURBVHicY2D4DwABAgEAQr68aAAAAABJRU5ErkJggg==',
  'image/webp':
    'UklGRk4AAABXRUJQVlA4WAoAAAAIAAAAAQAAAAAAVlA4TA4AAAAvAQAAAAcQEf0PRET/A0VYSUYaAAAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA=',
};

const verdicts = new Map<PictureType, Promise<boolean>>();

/** Whether `createImageBitmap` applies the orientation of this type (Chromium: JPEG and PNG yes, WebP no); asked once. */
export function uprightByItself(type: PictureType): Promise<boolean> {
  const known = verdicts.get(type);
  if (known) return known;
  const verdict = probe(PROBES[type]);
  verdicts.set(type, verdict);
  return verdict;
}

async function probe(base64: string | undefined): Promise<boolean> {
  if (base64 === undefined) return true;
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const upright = bitmap.width === 1;
  bitmap.close();
  return upright;
}
