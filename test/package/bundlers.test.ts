import {
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import * as esbuild from 'esbuild';
import { type Browser, chromium } from 'playwright';
import { rollup } from 'rollup';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import webpack from 'webpack';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { phonePhoto } from '../support/photo.ts';
import { serveFolder } from '../support/static-site.ts';
import { pack, run } from './pack.ts';

const app = `
  import { createClient } from 'visavis';
  const client = createClient({ baseUrl: location.origin, userId: 'u1' });
  globalThis.encode = async () => {
    const photo = await (await fetch('/photo.jpg')).blob();
    return (await client.avatar.compress(photo)).map(({ size, type }) => size + ' ' + type);
  };`;

/** The same on a backend that takes few bytes; what it is asked for comes back as text. */
const shrinkingApp = `
  import { createClient, definePreset, media } from 'visavis';
  const preset = definePreset({ extends: media, picture: { maxBytes: 20_000 } });
  const client = createClient({ baseUrl: location.origin, userId: 'u1', preset });
  globalThis.encode = async () => {
    const photo = await (await fetch('/photo.jpg')).blob();
    const [{ blob }] = await client.avatar.compress(photo);
    return [blob.type, blob.size <= 20_000, blob.size > 10_000];
  };`;

/** Each writes `app.js` and what it needs into the folder. */
const bundlers: Readonly<Record<string, (entry: string, out: string) => Promise<unknown>>> = {
  Vite: (entry, out) =>
    build({
      root: join(entry, '..'),
      base: './',
      logLevel: 'error',
      build: { outDir: out, rollupOptions: { input: entry, output: { entryFileNames: 'app.js' } } },
    }),
  'webpack 5': (entry, out) =>
    new Promise<void>((done, fail) => {
      const output = { path: out, filename: 'app.js', module: true };
      webpack({ mode: 'production', entry, output, experiments: { outputModule: true } }, (error, stats) =>
        error || stats?.hasErrors() ? fail(error ?? new Error(stats?.toString('errors-only'))) : done(),
      );
    }),
  async Rollup(entry, out) {
    const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true }), commonjs()] });
    await bundle.write({ dir: out, format: 'es' });
  },
  esbuild: (entry, out) =>
    esbuild.build({ entryPoints: [entry], bundle: true, splitting: true, format: 'esm', outdir: out }),
};
/** These two leave `new URL('./worker.js', import.meta.url)` as it stands: the file is copied beside the bundle. */
const leavesWorker = new Set(['Rollup', 'esbuild']);

let folder: string;
let site: Awaited<ReturnType<typeof serveFolder>> | undefined;
let browser: Browser;
let photo: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'visavis-bundlers-'));
  const packed = pack();
  copyFileSync(packed.tarball, join(folder, 'visavis.tgz'));
  packed.remove();
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  run(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', './visavis.tgz');
  writeFileSync(join(folder, 'app.js'), app);
  photo = await phonePhoto();
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
}, 300_000);

afterAll(async () => {
  await browser?.close();
  site?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the page made of a photo, and the workers it made it with. */
async function encodeIn(out: string) {
  writeFileSync(join(out, 'index.html'), '<!doctype html><script type="module" src="app.js"></script>');
  writeFileSync(join(out, 'photo.jpg'), photo);
  site?.close();
  site = await serveFolder(out);
  const page = await browser.newPage();
  await page.goto(site.url);
  await page.waitForFunction('globalThis.encode');
  const pictures = await page.evaluate('encode()');
  const workers = page.workers().map((worker) => new URL(worker.url()).pathname);
  await page.close();
  return { pictures, workers };
}

describe.each(Object.entries(bundlers))('Bundled by %s', (name, bundle) => {
  it('[PK8] the package encodes pictures in its worker', async () => {
    const out = join(folder, name.replace(' ', ''));
    mkdirSync(out);
    await bundle(join(folder, 'app.js'), out);
    if (leavesWorker.has(name))
      cpSync(join(folder, 'node_modules/visavis/dist/worker.js'), join(out, 'worker.js'));
    expect(await encodeIn(out)).toEqual({
      pictures: ['256 image/webp', '64 image/webp'],
      workers: [expect.stringMatching(/\.js$/)],
    });
    const code = globSync('**/*.js', { cwd: out })
      .map((file) => readFileSync(join(out, file), 'utf8'))
      .join();
    const words = [
      '/api/upload/profile',
      'upload-picture',
      'default-avatar',
      'users/media/',
      'visavis:users',
      'chat:send',
    ];
    expect(code.includes('/api/users/me/avatar/presign')).toBe(true);
    expect(words.filter((unused) => code.includes(unused))).toEqual([]);
  });

  it('[PK8] a picture with too many bytes is shrunk', async () => {
    const out = join(folder, `${name.replace(' ', '')}-shrinking`);
    const entry = join(folder, 'shrinking', 'app.js');
    mkdirSync(join(folder, 'shrinking'), { recursive: true });
    mkdirSync(out);
    writeFileSync(entry, shrinkingApp);
    await bundle(entry, out);
    expect((await encodeIn(out)).pictures).toEqual(['image/jpeg', true, true]);
  });
});

it('[PK8] where nobody copied the worker, pictures are encoded on the page', async () => {
  const out = join(folder, 'without');
  mkdirSync(out);
  await bundlers.esbuild?.(join(folder, 'app.js'), out);
  expect(await encodeIn(out)).toEqual({ pictures: ['256 image/webp', '64 image/webp'], workers: [] });
});
