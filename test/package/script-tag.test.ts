import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { type Packed, pack } from './pack.ts';

const policy = "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'";

/** Runs in the page, before and after the script tag. */
const before = `globalThis.before = new Set(Object.getOwnPropertyNames(globalThis));
  globalThis.violations = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
    violations.push([violatedDirective, blockedURI, sample].join(' ')));`;

const after = `globalThis.added = Object.getOwnPropertyNames(globalThis)
  .filter((name) => !before.has(name) && !['before', 'violations', 'added'].includes(name));`;

const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript' };

let packed: Packed;
let server: Server;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  packed = pack();
  const files: Readonly<Record<string, () => string>> = {
    '/index.html': () =>
      `<!doctype html><title>t</title>${['before', 'visavis.global', 'after'].map((name) => `<script src="/${name}.js"></script>`).join('')}`,
    '/before.js': () => before,
    '/after.js': () => after,
    '/visavis.global.js': () => packed.read('dist/visavis.global.js'),
    '/picture.js': () => packed.read('dist/picture.js'),
    '/worker.js': () => packed.read('dist/worker.js'),
  };
  server = createServer((request, response) => {
    const path = request.url ?? '';
    response.setHeader('content-security-policy', policy);
    response.setHeader('content-type', types[path.split('.').at(-1) ?? ''] ?? 'text/plain');
    response.statusCode = files[path] ? 200 : 404;
    response.end(files[path]?.());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
  page = await browser.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`);
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  packed?.remove();
});

describe('The script-tag file, under a strict content security policy', () => {
  it('[PK5] defines Visavis and no other global', async () => {
    expect(await page.evaluate('added')).toEqual(['Visavis']);
    expect(await page.evaluate('Object.keys(Visavis).sort()')).toContain('createClient');
  });

  it('[PK5] checks answers without evaluating text', async () => {
    const name = await page.evaluate(`(async () => {
      const answer = { id: 1, display_name: 'Ada', avatar_url: null, avatar_version: 3 };
      const fetch = async () => new Response(JSON.stringify(answer));
      const client = Visavis.createClient({ baseUrl: '/', userId: 1, fetch });
      const { name, initials } = await client.users.get(1);
      client.dispose();
      return name + ' ' + initials;
    })()`);
    expect(name).toBe('Ada A');
  });

  it('[PK5] encodes a picture in its worker', async () => {
    const workers: string[] = [];
    page.on('worker', (worker) => workers.push(worker.url()));
    const pictures = await page.evaluate(`(async () => {
      const canvas = new OffscreenCanvas(400, 300);
      canvas.getContext('2d').fillRect(0, 0, 200, 300);
      const file = await canvas.convertToBlob({ type: 'image/jpeg' });
      const client = Visavis.createClient({ baseUrl: '/', userId: 1 });
      const pictures = await client.avatar.compress(file);
      client.dispose();
      return pictures.map(({ kind, size, type }) => [kind, size, type].join(' '));
    })()`);
    expect(pictures).toEqual(['avatar 256 image/webp', 'thumb 64 image/webp']);
    expect(workers).toEqual([expect.stringMatching(/\/worker\.js$/)]);
  });

  it('[PK5] breaks no rule of that policy on the way', async () => {
    expect(await page.evaluate('violations')).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
