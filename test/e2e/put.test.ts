import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { chromiumArgs } from '../support/chromium.ts';
import { ReferenceServer } from '../support/reference-server.ts';

const server = new ReferenceServer();
let browser: Browser;
let page: Page;

beforeAll(async () => {
  await server.start();
  browser = await chromium.launch({ executablePath: inject('chromium'), args: chromiumArgs });
  page = await browser.newPage();
  await page.goto(`${server.url}/?as=u2`);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** Uploads a drawn picture as u1, aborted after `abortMs` if given; tells how it ended and how far it came. */
async function upload(abortMs?: number) {
  const token = await server.login('u1');
  return page.evaluate(
    async ({ token, abortMs }) => {
      const { Visavis } = window as unknown as { Visavis: typeof import('../../src/index.ts') };
      const client = Visavis.createClient({
        baseUrl: '/',
        userId: 'u1',
        getToken: () => token,
        stallMs: 300,
        random: () => 0,
      });
      const canvas = new OffscreenCanvas(600, 600);
      canvas.getContext('2d')?.fillRect(0, 0, 300, 300);
      const file = await canvas.convertToBlob();
      const sent: number[] = [];
      const controller = new AbortController();
      const onProgress = ({ stage, loaded }: { stage: string; loaded: number }) => {
        if (stage !== 'put') return;
        sent.push(loaded);
        if (abortMs !== undefined) setTimeout(() => controller.abort('mine'), abortMs);
      };
      const end = await client.avatar.upload(file, { signal: controller.signal, onProgress }).then(
        ({ version }) => ({ version }),
        (error) => (error === 'mine' ? { error } : { error: error.code, stage: error.stage }),
      );
      client.dispose();
      return { end, sent };
    },
    { token, abortMs },
  );
}

it('[E18] a storage host that stops moving ends as stalled, and an abort ends its traffic', async () => {
  const ended: string[] = [];
  page.on('requestfailed', (request) => ended.push(request.failure()?.errorText ?? ''));
  await page.route('**/storage/**', () => {});
  expect((await upload()).end).toEqual({ error: 'UPLOAD_STALLED', stage: 'put' });
  ended.length = 0;
  expect((await upload(50)).end).toEqual({ error: 'mine' });
  await expect.poll(() => ended).toEqual(['net::ERR_ABORTED', 'net::ERR_ABORTED']);
  await page.unroute('**/storage/**');
});

it('[E19] a refusal that a page may not read gets new tickets, once', async () => {
  let presigns = 0;
  let refused = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/presign')) presigns += 1;
  });
  await page.route('**/storage/**', (route) => {
    if (presigns > 1) return route.continue();
    refused += 1;
    return route.abort('failed');
  });
  const { end, sent } = await upload();
  expect(end).toEqual({ version: 1 });
  expect(presigns).toBe(2);
  expect(refused).toBeGreaterThan(0);
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect(sent.at(-1)).toBeGreaterThan(0);
});
