import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { phonePhoto } from '../support/photo.ts';
import { ReferenceServer } from '../support/reference-server.ts';
import { serveFolder } from '../support/static-site.ts';
import { pack, run } from './pack.ts';

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/getting-started.md'), 'utf8');

const backend = new ReferenceServer();
let folder: string;
let site: Awaited<ReturnType<typeof serveFolder>>;
let browser: Browser;

beforeAll(async () => {
  await backend.start();
  folder = mkdtempSync(join(tmpdir(), 'visavis-tiny-'));
  run(
    folder,
    'npm',
    'create',
    '--yes',
    'vite@9.3.0',
    'app',
    '--',
    '--template',
    'vanilla-ts',
    '--no-interactive',
  );
  const app = join(folder, 'app');
  const packed = pack();
  run(app, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', packed.tarball);
  packed.remove();
  const [, snippet = ''] = /^```ts\n(.*?)^```/ms.exec(guide) ?? [];
  writeFileSync(join(app, 'src/main.ts'), snippet.replace('http://localhost:3000', backend.url));
  run(app, 'npm', 'run', 'build');
  site = await serveFolder(join(app, 'dist'));
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
}, 300_000);

afterAll(async () => {
  await browser?.close();
  site?.close();
  await backend.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(userId: string): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(`${site.url}?as=${userId}`);
  await page.locator('#messages li').first().waitFor();
  return page;
}

it('[PK7] does in a new app what the getting-started guide says, worker included', async () => {
  const [maya, jonas] = await Promise.all([open('u1'), open('u2')]);

  await maya
    .locator('#file')
    .setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: await phonePhoto() });
  const theirs = jonas.locator('#theirs');
  await expect.poll(() => theirs.getAttribute('src'), { timeout: 20_000 }).toMatch(/\?v=1$/);
  await expect.poll(() => theirs.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(64);
  await expect.poll(() => maya.locator('#mine').getAttribute('src')).toMatch(/\?v=1$/);
  // The bundler found the worker: the picture was not encoded on the page.
  expect(maya.workers().map((worker) => worker.url())).toEqual([expect.stringMatching(/worker.*\.js$/)]);

  await maya.context().setOffline(true);
  await maya.locator('#text').fill('written in a tunnel');
  await maya.keyboard.press('Enter');
  await maya.context().setOffline(false);
  await expect
    .poll(() => jonas.locator('#messages li', { hasText: 'written in a tunnel' }).count(), {
      timeout: 40_000,
    })
    .toBe(1);
  await expect
    .poll(() => maya.locator('#messages li', { hasText: 'written in a tunnel' }).allTextContents())
    .toEqual([expect.stringMatching(/\((sent|seen)\)$/)]);
});
