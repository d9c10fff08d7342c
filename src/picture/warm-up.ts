import { context2d, createCanvas, toBlob } from './canvas.ts';
import { lanczos } from './lanczos.ts';
import { canReadBack } from './read-back.ts';
import { scalesUpright } from './scaled-decode.ts';

const SIDE = 64;

/** Asks the probes and runs the hot loops once before a picture comes: cold code costs 40 ms. */
export async function warmUp(): Promise<void> {
  canReadBack();
  const pixels = { data: new Uint8ClampedArray(SIDE * SIDE * 4).fill(128), width: SIDE, height: SIDE };
  for (const opaque of [true, false])
    lanczos(pixels, { x: 0, y: 0, width: SIDE, height: SIDE }, SIDE / 2, opaque);
  await scalesUpright();
  const canvas = createCanvas(8, 8);
  context2d(canvas).fillRect(0, 0, 8, 8);
  await toBlob(canvas, 'image/webp', 0.8);
}
