// Whether a page paints before the SDK is there, and how long its start keeps the page busy. The same pages with the SDK,
// with the SDK a second late, and without it, in turn; cache off, real Chromium, the reference server.

import { cpus } from 'node:os';
import { type Browser, chromium, type Route } from 'playwright';
import { chromiumArgs, findChromium } from '../test/support/chromium.ts';
import { ReferenceServer } from '../test/support/reference-server.ts';
import { quantile } from './end-to-end.ts';
import { report, target } from './report.ts';

const rounds = 9;
const lateMs = 1_000;

const pages: readonly (readonly [name: string, path: string, attribute: string])[] = [
  ['plain, <script defer>', '/plain/?as=u1', 'defer'],
  ['plain, <script async>', '/plain/?as=u1', 'async'],
  ['plain, <script> in the head', '/plain/?as=u1', ''],
  ['plain, <script> at the end', '/plain/?as=u1', 'end'],
  ['vanilla, defer and a module', '/?as=u1', 'defer'],
];
const ways = ['with', 'late', 'without'] as const;
type Way = (typeof ways)[number];

const server = new ReferenceServer();
await server.start();
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
try {
  const seen = new Map<string, { paint: number; longest: number }[]>();
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, path, attribute] of pages) {
      for (const way of ways) {
        const load = await open(browser, path, attribute, way);
        if (round >= 0) seen.set(`${name} ${way}`, [...(seen.get(`${name} ${way}`) ?? []), load]);
      }
    }
  }
  const median = (name: string, way: Way, of: 'paint' | 'longest') =>
    quantile(
      (seen.get(`${name} ${way}`) ?? []).map((load) => load[of]),
      0.5,
    );
  report({
    env: { node: process.version, chromium: browser.version(), cpus: cpus().length, rounds },
    results: pages.map(([name]) => ({
      page: name,
      'first paint, ms': median(name, 'with', 'paint'),
      'with the SDK a second late': median(name, 'late', 'paint'),
      'without the SDK': median(name, 'without', 'paint'),
      'longest task, ms': median(name, 'with', 'longest'),
      'without the SDK, ms': median(name, 'without', 'longest'),
    })),
    targets: pages
      .filter(([, , attribute]) => attribute !== '')
      .map(([name]) =>
        target(
          `${name}: first paint with the SDK a second late, ms`,
          median(name, 'late', 'paint'),
          '≤',
          lateMs,
        ),
      ),
  });
} finally {
  await browser.close();
  await server.stop();
}

async function open(
  opened: Browser,
  path: string,
  attribute: string,
  way: Way,
): Promise<{ paint: number; longest: number }> {
  const context = await opened.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  await page.route('**/visavis.global.js', async (route) => {
    if (way === 'without') return route.abort();
    if (way === 'late') await new Promise((done) => setTimeout(done, lateMs));
    return route.continue();
  });
  if (path.startsWith('/plain')) await page.route('**/plain/?as=*', (route) => rewrite(route, attribute));
  await page.goto(new URL(path, server.url).href, { waitUntil: 'load' });
  await page.waitForTimeout(500);
  const load = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    longest: Math.max(0, ...(Reflect.get(globalThis, 'tasks') as number[])),
  }));
  await context.close();
  return load;
}

/** The page with its tag loaded in another way. */
async function rewrite(route: Route, attribute: string): Promise<void> {
  const response = await route.fetch();
  const html = await response.text();
  const [tag = ''] = /<script\s+defer[^>]*><\/script>/.exec(html) ?? [];
  const other = tag.replace('defer', attribute === 'end' ? '' : attribute);
  const body =
    attribute === 'end'
      ? html.replace(tag, '').replace('</body>', `${other}</body>`)
      : html.replace(tag, other);
  await route.fulfill({ response, body });
}
