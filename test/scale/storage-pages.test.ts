import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { Window } from '../e2e/window.ts';
import { Bucket } from '../support/bucket.ts';
import { chromiumArgs } from '../support/chromium.ts';
import { phonePhoto, quarters } from '../support/photo.ts';
import { ReferenceServer } from '../support/reference-server.ts';
import { Radosgw } from '../support/services/radosgw.ts';

const command = fileURLToPath(new URL('../../examples/server/src/prepare-bucket.ts', import.meta.url));
const run = promisify(execFile);

let store: Radosgw;
let browser: Browser;
let photo: { name: string; mimeType: string; buffer: Buffer };
beforeAll(async () => {
  store = await Radosgw.start();
  browser = await chromium.launch({ executablePath: inject('chromium'), args: chromiumArgs });
  photo = { name: 'IMG_0042.jpg', mimeType: 'image/jpeg', buffer: await phonePhoto(quarters, 600) };
});
afterAll(async () => {
  await browser?.close();
  await store?.stop();
});

/** Runs the command that prepares a bucket. */
async function prepare(env: Record<string, string>, ...args: string[]) {
  const { stdout } = await run(process.execPath, [command, ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  const { CORSRules } = JSON.parse(stdout);
  return CORSRules;
}

let buckets = 0;

/** The example with a bucket of its own that is prepared for its pages, u1's window, and what that sends to the store. */
async function open(method: 'PUT' | 'POST') {
  buckets += 1;
  const bucket = await Bucket.create(store, `pages-${buckets}`);
  onTestFinished(() => bucket.close());
  const env = { ...bucket.env, S3_UPLOAD_METHOD: method };
  const server = new ReferenceServer(env);
  await server.start();
  onTestFinished(() => server.stop());
  await prepare({ ...env, VISAVIS_PUBLIC_URL: server.url }, '--apply');
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const window = await Window.open(context, server.url, 'u1');
  const sent: { method: string; headers: Record<string, string> }[] = [];
  window.page.on('request', async (request) => {
    if (!request.url().startsWith(store.endpoint)) return;
    sent.push({ method: request.method(), headers: await request.allHeaders() });
  });
  return { window, bucket, sent, url: server.url };
}

test.each(['PUT', 'POST'] as const)(
  '[BK5] a photo sent by %s shows in every window, and can be deleted',
  async (method) => {
    const { window, bucket, sent, url } = await open(method);
    const other = await Window.open(window.page.context(), url, 'u2');
    await window.choose(photo);
    await window.shows(quarters);
    await other.shows(quarters, other.row('u1'));
    expect(sent.map((request) => request.method)).toEqual([method, method]);
    for (const { headers } of sent) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('cookie');
    }
    expect(Object.keys(await bucket.objects('avatars/'))).toHaveLength(2);
    await window.byTestId('delete').click();
    await window.byTestId('delete-confirm').click();
    await expect.poll(() => other.quarters(other.row('u1'))).toEqual(['initials']);
    await expect.poll(() => bucket.objects('avatars/')).toEqual({});
    expect([...window.complaints, ...other.complaints]).toEqual([]);
  },
);

test('[BK5] a repeat that is refused is a success when the first answer was lost', async () => {
  const { window, bucket, sent } = await open('PUT');
  let lost = 0;
  await window.page.route(`${store.endpoint}/**`, async (route) => {
    if (route.request().method() !== 'PUT' || lost === 2) return route.continue();
    lost += 1;
    await route.fetch();
    await route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' } });
  });
  await window.choose(photo);
  await expect.poll(async () => Object.keys(await bucket.objects('avatars/'))).toHaveLength(2);
  await window.shows(quarters);
  expect(lost).toBe(2);
  expect(sent.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT', 'PUT']);
  expect(window.faults).toEqual([]);
});

test('the command prints the rule of a bucket, adds it once, and leaves other rules alone', async () => {
  const bucket = await Bucket.create(store, 'rules');
  onTestFinished(() => bucket.close());
  const foreign = { ID: 'theirs', AllowedMethods: ['GET'], AllowedOrigins: ['https://theirs.example'] };
  await bucket.allow([foreign]);
  const env = {
    ...bucket.env,
    VISAVIS_PUBLIC_URL: 'https://api.example/',
    VISAVIS_ORIGINS: 'https://app.example',
  };
  const rule = {
    ID: 'visavis-uploads',
    AllowedOrigins: ['https://api.example', 'https://app.example'],
    AllowedMethods: ['PUT'],
    AllowedHeaders: ['content-type', 'if-none-match'],
    MaxAgeSeconds: 3600,
  };
  expect(await prepare(env)).toEqual([rule]);
  expect(await bucket.rules()).toMatchObject([foreign]);
  for (let time = 0; time < 2; time += 1) {
    expect(await prepare(env, '--apply')).toMatchObject([foreign, rule]);
  }
  expect(await bucket.rules()).toMatchObject([foreign, rule]);
});
