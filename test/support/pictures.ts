import { type Bytes, exifSegment, withSegments } from './picture-bytes.ts';
import type { Raster } from './reference-lanczos.ts';

export type Context = OffscreenCanvasRenderingContext2D;

export function painted(width: number, height: number, paint: (context: Context) => void): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser has no 2d canvas');
  paint(context);
  return canvas;
}

export async function encoded(canvas: OffscreenCanvas, type: string, quality = 0.95): Promise<Bytes> {
  const blob = await canvas.convertToBlob({ type, quality });
  if (blob.type !== type) throw new Error(`asked for ${type}, got ${blob.type}`);
  return new Uint8Array(await blob.arrayBuffer());
}

/** Smooth, and different in every corner and along every edge, so that no turn and no mirror looks like another. */
export function paintCorners(context: Context, width: number, height: number): void {
  const across = context.createLinearGradient(0, 0, width, 0);
  across.addColorStop(0, 'rgb(20 20 40)');
  across.addColorStop(1, 'rgb(220 20 40)');
  context.fillStyle = across;
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = 'lighter';
  const down = context.createLinearGradient(0, 0, 0, height);
  down.addColorStop(0, 'rgb(0 0 0)');
  down.addColorStop(1, 'rgb(0 210 90)');
  context.fillStyle = down;
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = 'source-over';
  context.fillStyle = 'white';
  context.fillRect(width / 8, height / 8, width / 4, height / 6);
}

/** How a stored picture of `width` × `height` is laid upright, per EXIF orientation. */
function upright(orientation: number, width: number, height: number): DOMMatrix {
  const matrices: Record<number, number[]> = {
    1: [1, 0, 0, 1, 0, 0],
    2: [-1, 0, 0, 1, width, 0],
    3: [-1, 0, 0, -1, width, height],
    4: [1, 0, 0, -1, 0, height],
    5: [0, 1, 1, 0, 0, 0],
    6: [0, 1, -1, 0, height, 0],
    7: [0, -1, -1, 0, height, width],
    8: [0, -1, 1, 0, 0, width],
  };
  return new DOMMatrix(matrices[orientation]);
}

/** The pixels a camera held this way would have stored. */
export function stored(picture: OffscreenCanvas, orientation: number): OffscreenCanvas {
  const turned = orientation >= 5;
  const width = turned ? picture.height : picture.width;
  const height = turned ? picture.width : picture.height;
  return painted(width, height, (context) => {
    context.setTransform(upright(orientation, width, height).inverse());
    context.drawImage(picture, 0, 0);
  });
}

export async function cameraJpeg(picture: OffscreenCanvas, orientation: number): Promise<Blob> {
  const jpeg = await encoded(stored(picture, orientation), 'image/jpeg');
  return new Blob([withSegments(jpeg, exifSegment(orientation))]);
}

/** Octaves of noise and shapes, the same in every run: as hard to scale as a photograph. */
export function paintDetail(context: Context, width: number, height: number): void {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed / 0x80000000;
  };
  context.fillStyle = 'rgb(120 110 100)';
  context.fillRect(0, 0, width, height);
  for (let octave = 2; octave <= 128; octave *= 2) {
    const side = Math.max(width, height) / octave;
    for (let count = octave * octave * 0.7; count > 0; count--) {
      context.fillStyle = `hsl(${random() * 360} ${20 + random() * 60}% ${20 + random() * 60}% / 0.5)`;
      context.beginPath();
      context.ellipse(
        random() * width,
        random() * height,
        side * random(),
        side * random(),
        random() * 3,
        0,
        7,
      );
      context.fill();
    }
  }
}

export async function pixelsOf(blob: Blob): Promise<Raster> {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  const canvas = painted(width, height, (context) => context.drawImage(bitmap, 0, 0));
  bitmap.close();
  const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
  return { data, width, height };
}

/** The colour of one pixel, as `[red, green, blue, alpha]`. */
export function colourAt({ data, width }: Raster, x: number, y: number): number[] {
  return Array.from({ length: 4 }, (_, channel) => data[(y * width + x) * 4 + channel] ?? -1);
}

/** The mean difference of two pictures of one size, in 1/255. */
export function difference(a: Raster, b: Raster): number {
  if (a.width !== b.width || a.height !== b.height) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let at = 0; at < a.data.length; at++) sum += Math.abs((a.data[at] ?? 0) - (b.data[at] ?? 0));
  return sum / a.data.length;
}
