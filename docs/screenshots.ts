import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import sharp from 'sharp';
import type * as visavis from '../src/index.ts';
import { chromiumArgs, findChromium } from '../test/support/chromium.ts';
import { drawPortrait, type Look, looks } from './portrait.ts';

declare const Visavis: typeof visavis;

// Pictures of the example pages for README and docs: their real server, an empty folder, portraits drawn by code. They
// look alike, so each stands for some.

const root = resolve(import.meta.dirname, '..');
const images = join(root, 'docs/images');
const dataFolder = mkdtempSync(join(tmpdir(), 'visavis-screenshots-'));
const me = 'u1';

const shots = [
  { name: 'desktop-light', app: '/', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'desktop-dark', app: '/react/', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'phone-light', app: '/vue/', width: 390, height: 844, colorScheme: 'light' },
  { name: 'phone-dark', app: '/', width: 390, height: 844, colorScheme: 'dark' },
] as const;

const messengers = [
  { name: 'messenger-desktop-light', app: '/react/', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'messenger-desktop-dark', app: '/', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'messenger-phone-dark', app: '/vue/', width: 390, height: 844, colorScheme: 'dark' },
] as const;

const server = spawn(process.execPath, ['examples/server/src/main.ts'], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, PORT: '0', VISAVIS_DATA: dataFolder, VISAVIS_UPLOADS_PER_MINUTE: '100' },
});
let browser: Browser | undefined;
try {
  const url = await addressOf();
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
  mkdirSync(images, { recursive: true });
  const studio = await browser.newPage();
  await studio.goto(url);
  for (const [userId, look] of Object.entries(looks)) await publish(studio, userId, look);
  for (const shot of shots) await shoot(browser, url, shot);
  await shootCrop(browser, url);
  await shootDevtools(browser, url);
  for (const look of messengers) await shootMessenger(browser, url, look);
} finally {
  await browser?.close();
  server.kill('SIGTERM');
  await new Promise((done) => server.once('exit', done));
  rmSync(dataFolder, { recursive: true, force: true });
}

/** From the line the server prints when it listens. */
function addressOf(): Promise<string> {
  return new Promise((found, reject) => {
    server.once('exit', (code) => reject(new Error(`unable to start the server; it ended with ${code}`)));
    server.stdout.on('data', (text) => {
      const url = /https?:\/\/\S+/.exec(String(text))?.[0];
      if (url) found(url);
    });
  });
}

/** Uploads a portrait as that person, by the SDK that the page has loaded. */
async function publish(page: Page, userId: string, look: Look): Promise<void> {
  const picture = await portrait(page, look);
  await page.evaluate(
    async ([userId, picture]) => {
      const login = await fetch('/dev/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ userId }),
      });
      const { token } = await login.json();
      const client = Visavis.createClient({ baseUrl: '/', userId, getToken: () => token });
      await client.avatar.upload(new Blob([Uint8Array.from(atob(picture), (char) => char.charCodeAt(0))]));
      client.dispose();
    },
    [userId, picture] as const,
  );
}

/** A JPEG in base64. */
function portrait(page: Page, look: Look): Promise<string> {
  return page.evaluate(drawPortrait, look);
}

async function open(
  browser: Browser,
  url: string,
  { app, width, height, colorScheme }: Omit<(typeof shots)[number], 'name'>,
) {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme,
    deviceScaleFactor: width < 500 ? 2 : 1.5,
    isMobile: width < 500,
    hasTouch: width < 500,
    reducedMotion: 'reduce',
  });
  await page.goto(`${url}${app}?as=${me}`);
  await page.locator('[data-testid=status][data-status=live]').waitFor();
  await page.waitForLoadState('networkidle');
  return page;
}

/** With a palette: a third of the bytes, and nothing that one could see is lost. */
async function keep(name: string, picture: Buffer): Promise<void> {
  await sharp(picture)
    .png({ palette: true, effort: 10 })
    .toFile(join(images, `${name}.png`));
}

async function shoot(
  browser: Browser,
  url: string,
  { name, ...look }: (typeof shots)[number],
): Promise<void> {
  const page = await open(browser, url, look);
  await keep(name, await page.screenshot());
  await page.close();
}

/** The cropper, with a picture that nobody has published. */
async function shootCrop(browser: Browser, url: string): Promise<void> {
  const page = await open(browser, url, { app: '/vue/', width: 1280, height: 900, colorScheme: 'light' });
  const buffer = Buffer.from(
    await portrait(page, { ...looks.u1, background: ['#f3c98b', '#c2643f'], wide: true }),
    'base64',
  );
  await page.getByTestId('file-input').setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer });
  await page.getByTestId('crop-dialog').waitFor();
  await page.waitForTimeout(500);
  await keep('crop', await page.screenshot());
  await page.close();
}

/** The panel with what comes over the wire. */
async function shootDevtools(browser: Browser, url: string): Promise<void> {
  const page = await open(browser, url, { app: '/', width: 1280, height: 900, colorScheme: 'light' });
  await page.getByTestId('devtools-toggle').click();
  await keep('devtools', await page.getByTestId('devtools').screenshot());
  await page.close();
}

/** A conversation, while the other side types. */
async function shootMessenger(
  browser: Browser,
  url: string,
  { name, ...look }: (typeof messengers)[number],
): Promise<void> {
  const context = await browser.newContext();
  const theirs = await context.newPage();
  await theirs.goto(`${url}/?as=u2#c=c1`);
  await theirs.locator('[data-testid=status][data-status=live]').waitFor();
  const page = await open(browser, url, look);
  await page.locator('[data-conversation-id=c1]').click();
  await page.getByTestId('message').first().waitFor();
  await page.waitForLoadState('networkidle');
  await theirs.getByTestId('composer').pressSequentially('Hm');
  await page.getByText('Jonas Okafor is typing…').waitFor();
  await keep(name, await page.screenshot());
  await page.close();
  await context.close();
}
