/** The same picture in every run: octaves of noise like skin and leaves, shapes with hard edges, and grain. */
export async function photograph(width: number, height: number): Promise<Blob> {
  const random = generator(20);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no canvas');
  context.imageSmoothingQuality = 'high';
  for (let octave = 0; octave < 9; octave++) {
    context.globalAlpha = octave === 0 ? 1 : 0.42;
    context.drawImage(noise(4 << octave, 3 << octave, random), 0, 0, width, height);
  }
  context.globalAlpha = 0.9;
  for (let shape = 0; shape < 600; shape++) {
    const size = width * 0.06 * random() ** 3;
    context.fillStyle = `hsl(${random() * 360} ${random() * 70}% ${random() * 90}%)`;
    context.beginPath();
    context.ellipse(random() * width, random() * height, size, size * random(), random() * 3, 0, 7);
    context.fill();
  }
  context.globalAlpha = 0.06;
  context.fillStyle = context.createPattern(noise(512, 512, random), 'repeat') ?? 'grey';
  context.fillRect(0, 0, width, height);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
}

function noise(width: number, height: number, random: () => number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const pixels = new ImageData(width, height);
  for (let at = 0; at < pixels.data.length; at++) pixels.data[at] = at % 4 === 3 ? 255 : random() * 256;
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  return canvas;
}

/** mulberry32 */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let value = Math.imul(seed ^ (seed >>> 15), seed | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}
