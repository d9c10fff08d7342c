import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { chromiumArgs } from '../support/chromium.ts';
import { phonePhoto, quarters } from '../support/photo.ts';
import { ReferenceServer } from '../support/reference-server.ts';
import { Window } from './window.ts';

const other = ['yellow', 'blue', 'green', 'red'] as const;
const jpeg = (buffer: Buffer, name = 'IMG_0042.jpg') => ({ name, mimeType: 'image/jpeg', buffer });

let browser: Browser;
let server: ReferenceServer;
let contexts: BrowserContext[] = [];
let photo: Buffer;
let otherPhoto: Buffer;

beforeAll(async () => {
  [photo, otherPhoto] = await Promise.all([phonePhoto(), phonePhoto(other)]);
  browser = await chromium.launch({ executablePath: inject('chromium'), args: chromiumArgs });
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = new ReferenceServer();
  await server.start();
});
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
  await server.stop();
});

async function context() {
  const made = await browser.newContext();
  contexts.push(made);
  return made;
}

/** u1 in two tabs of one browser, u2 in another. */
async function threeWindows() {
  const mine = await context();
  const first = await Window.open(mine, server.url, 'u1');
  const second = await Window.open(mine, server.url, 'u1');
  const theirs = await Window.open(await context(), server.url, 'u2');
  return { first, second, theirs, all: [first, second, theirs] };
}

describe('one picture, everywhere', () => {
  it('[E1] shows a photo in every window, upright, keeps no metadata of it, and no file once it is deleted', async () => {
    const { first, second, theirs, all } = await threeWindows();
    await first.choose(jpeg(photo));
    await first.shows(quarters);
    await second.shows(quarters);
    for (const window of all) await window.shows(quarters, window.row('u1'));
    expect(await theirs.quarters()).toEqual(['initials']);

    const stored = await storedPictures();
    expect(stored.map(({ width }) => width).sort()).toEqual([256, 64]);
    for (const { width, height, format, exif, icc, xmp, iptc, bytes } of stored) {
      expect({ format, square: width === height }).toEqual({ format: 'webp', square: true });
      expect({ exif, icc, xmp, iptc }).toEqual({
        exif: undefined,
        icc: undefined,
        xmp: undefined,
        iptc: undefined,
      });
      expect(bytes.toString('latin1')).not.toMatch(/Exif|SecretModel|ICCP|XMP /);
    }
    await first.byTestId('delete').click();
    await first.byTestId('delete-confirm').click();
    await expect.poll(async () => (await storedPictures()).length).toBe(0);
    expect(all.flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  it('[E2] keeps the old picture on screen until the new one has decoded', async () => {
    const { first, theirs } = await threeWindows();
    await first.choose(jpeg(photo));
    await theirs.shows(quarters, theirs.row('u1'));

    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    await theirs.page.route('**/files/**', async (route) => {
      asked += 1;
      await held;
      await route.continue();
    });
    await first.choose(jpeg(otherPhoto));
    await first.shows(other);
    await expect.poll(() => asked).toBeGreaterThan(0);
    expect(await theirs.quarters(theirs.row('u1'))).toEqual(quarters);
    release();
    await theirs.shows(other, theirs.row('u1'));
  });

  it('[E3] is not moved by an old event that arrives late', async () => {
    const { first } = await threeWindows();
    const frames: string[] = [];
    const late = await context();
    let inject = (_: string) => {};
    await late.routeWebSocket(/socket\.io/, (socket) => {
      const upstream = socket.connectToServer();
      upstream.onMessage((message) => {
        if (typeof message === 'string' && message.includes('user:avatar:updated')) frames.push(message);
        socket.send(message);
      });
      inject = (message) => socket.send(message);
    });
    const theirs = await Window.open(late, server.url, 'u2');
    await first.choose(jpeg(photo));
    await theirs.shows(quarters, theirs.row('u1'));
    await first.choose(jpeg(otherPhoto));
    await theirs.shows(other, theirs.row('u1'));
    expect(frames).toHaveLength(2);
    inject(frames[0] ?? '');
    inject(frames[0] ?? '');
    await theirs.page.waitForTimeout(500);
    expect(await theirs.quarters(theirs.row('u1'))).toEqual(other);
    expect(theirs.complaints).toEqual([]);
  });

  it('[E5] converges after the server was killed and started again', async () => {
    const { first, second, theirs } = await threeWindows();
    await first.choose(jpeg(photo));
    await theirs.shows(quarters, theirs.row('u1'));
    // The others are away while the picture changes.
    await theirs.page.context().setOffline(true);
    await server.kill();
    await server.start();
    await first.isLive();
    await first.choose(jpeg(otherPhoto));
    await first.shows(other);
    await second.shows(other);
    expect(await theirs.quarters(theirs.row('u1'))).toEqual(quarters);
    await theirs.page.context().setOffline(false);
    await theirs.isLive();
    await theirs.shows(other, theirs.row('u1'));
  });

  it.each([
    [
      'an SVG under a JPEG name',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    ],
    ['an empty file', Buffer.alloc(0)],
    ['a truncated photo', 'truncated'],
    ['text', Buffer.from('not a picture at all')],
  ])('[E7] refuses %s with clear words and sends nothing', async (_, content) => {
    const window = await Window.open(await context(), server.url, 'u1');
    const sent: string[] = [];
    window.page.on('request', (request) => {
      if (request.url().includes('/avatar/')) sent.push(request.url());
    });
    const buffer = content === 'truncated' ? photo.subarray(0, 20_000) : Buffer.from(content);
    await window.byTestId('file-input').setInputFiles(jpeg(buffer));
    const confirm = window.byTestId('crop-confirm');
    const error = window.byTestId('error');
    await expect.poll(async () => (await error.isVisible()) || (await confirm.isVisible())).toBe(true);
    if (!(await error.isVisible())) await confirm.click();
    await expect.poll(() => error.isVisible()).toBe(true);
    expect((await error.textContent())?.length).toBeGreaterThan(20);
    expect(sent).toEqual([]);
    expect(await window.quarters()).toEqual(['initials']);
  });
});

/** What lies in the server's object store. */
async function storedPictures() {
  const folder = join(server.folder, 'objects');
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const pictures = await Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const bytes = await readFile(join(entry.parentPath, entry.name));
        const metadata = await sharp(bytes)
          .metadata()
          .catch(() => undefined);
        return metadata ? [{ ...metadata, bytes }] : [];
      }),
  );
  return pictures.flat();
}
