import { ascii } from './blob-reader.ts';

/** The types that are taken; the content decides, never the name. */
export type PictureType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif';

type Sniffed = { readonly type: PictureType } | { readonly found: string };

const REFUSED: readonly (readonly [magic: string, found: string])[] = [
  ['\xff\x0a', 'JPEG XL'],
  ['\0\0\0\x0cJXL ', 'JPEG XL'],
  ['\xff\x4f\xff\x51', 'JPEG 2000'],
  ['\0\0\0\x0cjP', 'JPEG 2000'],
  ['II\xbc', 'JPEG XR'],
  ['II\x2a\0', 'TIFF'],
  ['MM\0\x2a', 'TIFF'],
  ['II\x2b\0', 'TIFF'],
  ['MM\0\x2b', 'TIFF'],
  ['\0\0\x01\0', 'ICO'],
  ['\0\0\x02\0', 'ICO'],
  ['BM', 'BMP'],
  ['8BPS', 'Photoshop'],
  ['%PDF-', 'PDF'],
  ['\x1f\x8b', 'gzip'],
  ['PK\x03\x04', 'ZIP'],
  ['\xabKTX', 'KTX'],
];

/** Decides by the first kilobyte. */
export function sniff(head: DataView): Sniffed {
  const bytes = ascii(head, 0, 1024);
  const type = acceptedType(bytes);
  return type ? { type } : { found: refusedKind(bytes) };
}

function acceptedType(bytes: string): PictureType | undefined {
  if (bytes.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (bytes.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (bytes.startsWith('RIFF') && bytes.startsWith('WEBP', 8)) return 'image/webp';
  if (bytes.startsWith('GIF87a') || bytes.startsWith('GIF89a')) return 'image/gif';
  return undefined;
}

function refusedKind(bytes: string): string {
  if (bytes.startsWith('ftyp', 4)) return mediaBrand(bytes.slice(8, 12));
  const known = REFUSED.find(([magic]) => bytes.startsWith(magic));
  return known?.[1] ?? markup(bytes);
}

function mediaBrand(brand: string): string {
  if (brand === 'avif' || brand === 'avis') return 'AVIF';
  return /^(he[iv][a-z]|m[is]f1)$/.test(brand) ? 'HEIC' : 'video';
}

/** Also UTF-16, with or without its byte order mark. */
function markup(bytes: string): string {
  const text = bytes
    .replace(/^(\xff\xfe|\xfe\xff|\xef\xbb\xbf)/, '')
    .replaceAll('\0', '')
    .trimStart();
  if (!/^<[?!a-z]/i.test(text)) return 'unknown';
  if (/<svg[\s>]/i.test(text)) return 'SVG';
  return /^<(!doctype html|html|head|body|script)/i.test(text) ? 'HTML' : 'XML';
}
