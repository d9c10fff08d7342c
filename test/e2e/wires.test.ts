import { type Browser, type BrowserContext, chromium } from 'playwright';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { meet, type Person, person } from '../server/chat-support.ts';
import { chromiumArgs } from '../support/chromium.ts';
import type { LiteralServer } from '../support/literal/literal-server.ts';
import { startMedia } from '../support/literal/media.ts';
import { nearestQuarter, phonePhoto, quarters } from '../support/photo.ts';
import { ReferenceServer } from '../support/reference-server.ts';
import { WirePage, type WireSettings } from './wire-page.ts';

let browser: Browser;
let server: ReferenceServer;
let contexts: BrowserContext[] = [];
let literals: LiteralServer[] = [];
let photo: Buffer;
let maya: Person;
let jonas: Person;

beforeAll(async () => {
  server = new ReferenceServer();
  await server.start();
  [maya, jonas] = [await person(server, 'u1'), await person(server, 'u2')];
  await meet(maya, jonas);
  photo = await phonePhoto(quarters, 3000, 60);
  browser = await chromium.launch({ executablePath: inject('chromium'), args: chromiumArgs });
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
beforeEach(async () => {
  await maya.delete('/api/users/me/avatar');
});
afterEach(async () => {
  await Promise.all([...contexts, ...literals].map((each) => each.close()));
  contexts = [];
  literals = [];
});

/** A page in a browser profile of its own, or in that of another. */
async function open(
  preset: string,
  { token }: Pick<Person, 'token'>,
  settings: Partial<WireSettings> & { readonly beside?: WirePage } = {},
): Promise<WirePage> {
  const { beside, userId = token === jonas.token ? 'u2' : 'u1', ...rest } = settings;
  const context = beside?.page.context() ?? (await browser.newContext({ bypassCSP: true }));
  if (!beside) contexts.push(context);
  return WirePage.open(context, server.url, { preset, userId, token, ...rest });
}

async function literal<S extends LiteralServer>(starting: Promise<S>): Promise<S> {
  const started = await starting;
  literals.push(started);
  return started;
}

/** Three letters alone turn up by chance in so many bytes. */
const hasExif = (bytes: Buffer) => bytes.includes('Exif\0\0') || bytes.includes('SecretModel');

/** What a picture file is: its size, its corners' colours, and whether it says more than it shows. */
async function looksLike(bytes: Buffer) {
  const { width, height, orientation, exif, icc, xmp } = await sharp(bytes).metadata();
  const { data } = await sharp(bytes)
    .resize(2, 2, { fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const colours = [0, 1, 2, 3].map((i) =>
    nearestQuarter(data[i * 3] ?? 0, data[i * 3 + 1] ?? 0, data[i * 3 + 2] ?? 0),
  );
  const tells = hasExif(bytes) || [exif, icc, xmp].some((block) => block !== undefined);
  return { width, height, colours, isUpright: (orientation ?? 1) === 1, tells };
}

describe('a photo of 12 megapixels through media', () => {
  it('[E20] goes up in less than 800 KB, upright, without EXIF or place', async () => {
    const backend = await literal(startMedia());
    expect(photo.length).toBeGreaterThan(3_000_000);
    expect(await looksLike(photo)).toMatchObject({
      width: 4000,
      height: 3000,
      isUpright: false,
      tells: true,
    });
    const me = await open(
      'media',
      { token: backend.issue(1) },
      { baseUrl: backend.url, userId: '1', isConnected: false },
    );
    const { end } = await me.upload(photo);
    expect(end).toMatch(`${backend.url}/api/users/media/`);
    const [sent] = backend.requests.filter(({ method }) => method === 'POST');
    console.log(`${photo.length} bytes of photo went up in ${sent?.body.length} bytes`);
    expect(sent?.body.length).toBeLessThan(800_000);
    expect(sent?.body.length).toBeGreaterThan(100_000);
    expect(hasExif(photo)).toBe(true);
    expect(sent && hasExif(sent.body)).toBe(false);
    const stored = await fetch(end);
    const file = await looksLike(Buffer.from(await stored.arrayBuffer()));
    expect(file).toMatchObject({ colours: [...quarters], isUpright: true, tells: false });
    expect(await me.shown('1')).toEqual([...quarters]);
  });
});

describe('one picture on three wires', () => {
  it('[E21] uploaded by media in one window shows live in those of presigned and uploadRoute', async () => {
    const me = await open('media', maya);
    const others = [
      await open('presigned', jonas),
      await open('uploadRoute', jonas),
      await open('profilePicture', jonas),
    ];
    for (const window of others) expect(await window.shown()).toBe('initials');
    const sentAt = Date.now();
    const { end } = await me.upload(photo);
    expect(end).toMatch(/^http/);
    for (const window of [me, ...others]) await expect.poll(() => window.shown()).toEqual([...quarters]);
    console.log(`shown by all four wires ${Date.now() - sentAt} ms after the file was picked`);
    const stored = await looksLike(Buffer.from(await (await fetch(end)).arrayBuffer()));
    expect(stored).toMatchObject({ colours: [...quarters], isUpright: true, tells: false });
    await maya.delete('/api/users/me/avatar');
    for (const window of [me, ...others]) await expect.poll(() => window.shown()).toBe('initials');
  });

  it('[E22] is learnt from the rows of the chat where the wire has no profile and nothing was heard', async () => {
    await (await open('media', maya)).upload(photo);
    const late = await open('uploadRoute', jonas, { isConnected: false });
    expect(await late.shown()).toBe('initials');
    await late.openInbox();
    await expect.poll(() => late.shown()).toEqual([...quarters]);
  });
});

describe('a picture that is sent as a form', () => {
  /** A browser whose line takes so many bytes a second. */
  async function slow(bytesPerSecond: number) {
    const backend = await literal(startMedia());
    const me = await open(
      'media',
      { token: backend.issue(1) },
      { baseUrl: backend.url, userId: '1', isConnected: false },
    );
    const session = await me.page.context().newCDPSession(me.page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: bytesPerSecond,
    });
    const uploads = () => backend.requests.filter(({ method }) => method === 'POST');
    return { me, uploads };
  }

  it('[E23] tells how far it is, in steps that never go back', async () => {
    const { me, uploads } = await slow(250_000);
    const { end, progress } = await me.upload(photo);
    expect(end).toMatch(/^http/);
    const sent = progress.filter(({ stage }) => stage === 'put');
    const steps = sent.map(({ loaded }) => loaded);
    console.log(`told of ${sent.at(-1)?.total} bytes: ${steps.join(', ')}`);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(new Set(steps).size).toBeGreaterThan(3);
    expect(steps.at(-1)).toBe(sent.at(-1)?.total);
    expect(uploads()).toHaveLength(1);
  });

  it('[E24] is cut off by an abort: nothing arrives, and the picture from before shows', async () => {
    const { me, uploads } = await slow(100_000);
    const failed: string[] = [];
    me.page.on('requestfailed', (request) => {
      if (request.method() === 'POST') failed.push(request.failure()?.errorText ?? '');
    });
    const { end, progress } = await me.upload(photo, 1);
    expect(end).toBe('mine');
    await expect.poll(() => failed).toEqual(['net::ERR_ABORTED']);
    const last = progress.at(-1);
    expect(last?.loaded).toBeLessThan(last?.total ?? 0);
    expect(uploads()).toEqual([]);
    expect(await me.shown('1')).toBe('initials');
  });
});

describe('signing out', () => {
  it('[TB11] takes what local storage remembers of users from all tabs, and nothing of it comes back', async () => {
    const first = await open('profilePicture', maya);
    const second = await open('profilePicture', maya, { beside: first });
    const { end } = await first.upload(photo);
    await expect.poll(() => second.shown()).toEqual([...quarters]);
    await expect.poll(() => second.kept()).toContain(new URL(end).pathname);
    await second.signOut();
    await expect.poll(() => first.kept()).toBe('[]');
    // What still comes in is for nobody.
    await maya.delete('/api/users/me/avatar');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([await first.kept(), await second.kept()]).toEqual(['[]', '[]']);
    const next = await open('profilePicture', jonas, { beside: first, isConnected: false });
    expect(await next.shown('u2')).toBe('initials');
  });
});
