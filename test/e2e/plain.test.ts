import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { flawsOf } from '../support/axe.ts';
import { chromiumArgs } from '../support/chromium.ts';
import { nearestQuarter, phonePhoto, quarters } from '../support/photo.ts';
import { ReferenceServer } from '../support/reference-server.ts';

const other = ['yellow', 'blue', 'green', 'red'] as const;
const jpeg = (buffer: Buffer) => ({ name: 'IMG_0042.jpg', mimeType: 'image/jpeg', buffer });

let browser: Browser;
/** One for all: each test is another person. */
let server: ReferenceServer;
let contexts: BrowserContext[] = [];
let photo: Buffer;
let otherPhoto: Buffer;

beforeAll(async () => {
  [photo, otherPhoto] = await Promise.all([phonePhoto(), phonePhoto(other)]);
  browser = await chromium.launch({ executablePath: inject('chromium'), args: chromiumArgs });
  server = new ReferenceServer();
  await server.start();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
});

/** A page of a window of its own, and whatever it complains of. */
async function open(path: string, prepare: (page: Page) => Promise<unknown> = async () => {}) {
  const context = await browser.newContext();
  contexts.push(context);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await prepare(page);
  await page.goto(server.url + path);
  return { page, complaints };
}

/** The colours of the four quarters of an image on screen; nothing for one that shows no picture. */
const colors = (image: Locator) =>
  image.evaluate((element: HTMLImageElement) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 4;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context || !element.complete || element.naturalWidth === 0) return [];
    context.drawImage(element, 0, 0, 4, 4);
    return [
      [1, 1],
      [2, 1],
      [1, 2],
      [2, 2],
    ].map(([x = 0, y = 0]) => [...context.getImageData(x, y, 1, 1).data]);
  });
async function shows(image: Locator, expected: readonly string[]) {
  await expect
    .poll(async () =>
      (await colors(image)).map(([red = 0, green = 0, blue = 0]) => nearestQuarter(red, green, blue)),
    )
    .toEqual(expected);
}

/** Where a person's picture is on the plain page: the element, and the image of their post. */
const places = (page: Page, userId: string) => [
  page.locator(`[data-testid=post] visavis-avatar[user-id=${userId}] img`),
  page.locator(`img[data-visavis-user=${userId}]`),
];
const portrait = (page: Page) => page.locator('.profile-picture-container > img');

describe('A page of HTML and the script tag alone', () => {
  it('[SC1] changes the picture here and everywhere else, under a strict policy and with the hash', async () => {
    const mine = await open('/plain/?as=u1');
    const theirs = await open('/plain/?as=u2');
    expect(await mine.page.locator('script').count()).toBe(1);
    expect(await mine.page.locator('script').getAttribute('integrity')).toMatch(/^sha384-/);

    await mine.page.getByTestId('file-input').setInputFiles(jpeg(photo));
    await shows(portrait(mine.page), quarters);
    for (const { page } of [mine, theirs]) {
      for (const place of places(page, 'u1')) await shows(place, quarters);
    }
    await mine.page.getByTestId('file-input').setInputFiles(jpeg(otherPhoto));
    for (const place of places(theirs.page, 'u1')) await shows(place, other);

    await mine.page.getByRole('button', { name: 'Delete' }).click();
    const face = theirs.page.locator('[data-testid=post] visavis-avatar[user-id=u1] [part~=face]');
    await expect.poll(() => face.getAttribute('part')).toBe('face showing-initials');
    await expect.poll(() => portrait(mine.page).getAttribute('src')).toBe('nobody.svg');
    expect([...mine.complaints, ...theirs.complaints]).toEqual([]);
  });

  it('[SC1] is not run when it is another file than the page was written for', async () => {
    const { page } = await open('/plain/?as=u1', (page) =>
      page.route('**/visavis.global.js', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: `${await response.text()}\n//` });
      }),
    );
    expect(await page.evaluate('typeof Visavis')).toBe('undefined');
    expect(await page.locator('[data-testid=post]').first().isVisible()).toBe(true);
  });

  it('[PC5] says by its attributes what is under way and what went wrong', async () => {
    const { page } = await open('/plain/?as=u3');
    const button = (name: string) => page.getByRole('button', { name });
    await page.getByTestId('file-input').setInputFiles(jpeg(Buffer.from('not a picture at all')));
    await expect.poll(() => page.getByText('Please choose a photo').isVisible()).toBe(true);
    await page.route('**/complete', () => {});
    await page.getByTestId('file-input').setInputFiles(jpeg(photo));
    await shows(portrait(page), quarters);
    expect([await button('Cancel').isVisible(), await button('Delete').isVisible()]).toEqual([true, false]);
    await button('Cancel').click();
    await expect.poll(() => portrait(page).getAttribute('src')).toBe('nobody.svg');
    await page.unroute('**/complete');
    await page.route('**/complete', (route) => route.fulfill({ status: 413, body: '{"error":"no"}' }));
    await page.getByTestId('file-input').setInputFiles(jpeg(photo));
    await expect.poll(() => page.getByText('That did not work').isVisible()).toBe(true);
    await page.unroute('**/complete');
    await button('Try again').click();
    await shows(portrait(page), quarters);
    await expect.poll(() => page.getByText('That did not work').isVisible()).toBe(false);
  });

  it('[EL5] has no flaw that axe knows, with initials and with pictures', async () => {
    const { page, complaints } = await open('/plain/?as=u4');
    await expect.poll(() => page.locator('[part~=showing-initials]').count()).toBeGreaterThan(5);
    expect(await flawsOf(page)).toEqual([]);
    await page.getByTestId('file-input').setInputFiles(jpeg(photo));
    await shows(portrait(page), quarters);
    expect(await flawsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe('A page that was written the old way', () => {
  /** What such a page does by hand: it uploads, tells itself by an event, and sets its images when it hears one. */
  const oldScript = `addEventListener('DOMContentLoaded', () => {
    const me = { id: new URLSearchParams(location.search).get('as'), token: document.querySelector('[name=visavis-token]').content };
    const image = Object.assign(document.createElement('img'), { id: 'old', alt: '' });
    const input = Object.assign(document.createElement('input'), { id: 'old-input', type: 'file' });
    document.querySelector('main').append(image, input);
    window.told = [];
    window.addEventListener('profile:updated', ({ detail }) => {
      told.push(detail);
      if (detail.userId !== me.id) return;
      image.src = detail.profilePicture + (detail.profilePicture.includes('?') ? '&' : '?') + 't=' + Date.now();
    });
    input.addEventListener('change', async () => {
      const body = new FormData();
      body.append('file', input.files[0]);
      const headers = { authorization: 'Bearer ' + me.token };
      const answer = await fetch('/api/upload/profile', { method: 'POST', body, headers });
      const { url } = await answer.json();
      const detail = { userId: me.id, profilePicture: url + '?t=' + Date.now(), name: 'By hand', username: 'hand' };
      window.dispatchEvent(new CustomEvent('profile:updated', { detail }));
    });
  });`;
  const openOld = (userId: string) => open(`/plain/?as=${userId}`, (page) => page.addInitScript(oldScript));
  const told = (page: Page) => page.evaluate<{ userId: unknown; profilePicture: string }[]>('told');

  it('[PE1] hears what the SDK learns, once', async () => {
    const old = await openOld('u5');
    const elsewhere = await open('/plain/?as=u5');
    await elsewhere.page.getByTestId('file-input').setInputFiles(jpeg(photo));
    await shows(old.page.locator('#old'), quarters);
    for (const place of places(old.page, 'u5')) await shows(place, quarters);
    await old.page.waitForTimeout(1_000);
    expect(await told(old.page)).toMatchObject([{ userId: 'u5', name: 'محمد علي', username: 'mohammed' }]);
    expect([...old.complaints, ...elsewhere.complaints]).toEqual([]);
  });

  it('[PE2] tells the SDK what it did itself, and nothing goes round in circles', async () => {
    const old = await openOld('u6');
    const theirs = await open('/plain/?as=u2');
    await old.page.locator('#old-input').setInputFiles(jpeg(photo));
    await shows(old.page.locator('#old'), quarters);
    await shows(portrait(old.page), quarters);
    for (const { page } of [old, theirs]) {
      for (const place of places(page, 'u6')) await shows(place, quarters);
    }
    // Names come from the backend, whatever the page said.
    await expect
      .poll(() => old.page.evaluate(`Visavis.client.users.live('u6').getSnapshot().name`))
      .toBe('Madonna');
    await old.page.waitForTimeout(1_000);
    const count = (await told(old.page)).length;
    // Its own, the live event that the upload brought, and the name that the backend set right.
    expect(count).toBeLessThanOrEqual(3);
    await old.page.waitForTimeout(1_000);
    expect((await told(old.page)).length).toBe(count);
    expect([...old.complaints, ...theirs.complaints]).toEqual([]);
  });
});
