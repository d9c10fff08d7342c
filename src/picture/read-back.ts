import { context2d, createCanvas } from './canvas.ts';

const SIDE = 32;
let verdict: boolean | undefined;

/** Whether the canvas gives back the pixels drawn on it: fingerprint protection whitens them or adds noise. */
export function canReadBack(): boolean {
  verdict ??= probe();
  return verdict;
}

function probe(): boolean {
  const context = context2d(createCanvas(SIDE, SIDE));
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      context.fillStyle = `rgb(${red(x)} ${green(y)} 90)`;
      context.fillRect(x, y, 1, 1);
    }
  }
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  for (let at = 0; at < data.length; at += 4) {
    const x = (at / 4) % SIDE;
    const y = Math.floor(at / 4 / SIDE);
    if (data[at] !== red(x) || data[at + 1] !== green(y) || data[at + 2] !== 90 || data[at + 3] !== 255)
      return false;
  }
  return true;
}

function red(x: number): number {
  return x * 8;
}

function green(y: number): number {
  return 255 - y * 8;
}
