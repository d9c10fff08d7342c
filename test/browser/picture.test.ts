import { expect, test } from 'vitest';
import { createRenderer, inspect } from '../../src/picture/picture.ts';

test('renders a picture in the worker', async () => {
  const c = new OffscreenCanvas(4000, 3000);
  const g = c.getContext('2d');
  if (!g) throw new Error('no canvas');
  for (let i = 0; i < 3000; i++) { g.fillStyle = `hsl(${i * 7} 80% 50%)`; g.fillRect((i * 97) % 4000, (i * 61) % 3000, 90, 70); }
  const blob = await c.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  const info = await inspect(blob, { maxBytes: 20e6, maxPixels: 50e6 });
  console.log(JSON.stringify(info));
  for (const worker of [true, false]) for (const filter of ['lanczos', 'fast'] as const) {
    const r = createRenderer({ worker });
    r.warm();
    await new Promise((s) => setTimeout(s, 500));
    for (let i = 0; i < 3; i++) {
      const t = performance.now();
      const out = await r.render(blob, info, { sizes: [256, 64], filter });
      console.log(worker, filter, performance.now() - t, out.map((o) => [o.size, o.type, o.blob.size].join(' ')).join(' | '));
    }
    r.dispose();
  }
  const t = performance.now(); (await createImageBitmap(blob)).close(); console.log('floor', performance.now() - t);
  expect(1).toBe(1);
});
