// Both avatar sizes from a 12-megapixel JPEG in a real Chromium, beside what others do: time against a bare decode,
// how long the page stands still, memory, quality and bytes. `--48mp` takes a larger picture too; `--json` is for machines.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright';
import { chromiumArgs, findChromium } from '../test/support/chromium.ts';
import { peakMemory } from './chromium-memory.ts';
import { type Report, report, target } from './report.ts';

export interface Measured {
  readonly ms: number;
  readonly blockedMs: number;
  readonly bytes: readonly number[];
}

/** What `avatars/page.ts` puts on the page. */
export interface AvatarPage {
  readonly ways: readonly string[];
  upload(path: string, width: number, height: number): Promise<void>;
  warm(way: string): Promise<void>;
  measure(way: string, path: string): Promise<Measured>;
  decibels(way: string, path: string, quality: number): Promise<{ dB: number; bytes: number } | null>;
}

declare const page: AvatarPage;

interface Row {
  readonly picture: string;
  readonly way: string;
  readonly floor: number;
  readonly 'median ms': number;
  readonly '× floor': number;
  readonly 'page blocked ms': number;
  readonly 'peak MB': number | null;
  readonly 'dB at 256': number | null;
  readonly 'bytes at 256': number | null;
  readonly 'bytes at 64': number | null;
}

const ROUNDS = 11;
const MEMORY_ROUNDS = 3;
const FLOOR = 'bare createImageBitmap (floor)';
const PICTURES = { '12 MP': [4000, 3000], '48 MP': [8000, 6000] } as const;

const stored = new Map<string, Uint8Array>();
const server = await serve(await bundle());
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
try {
  report(await measureAll(browser));
} finally {
  await browser.close();
  server.close();
}

async function measureAll(on: Browser): Promise<Report> {
  const main = await open(on);
  await main.evaluate(() => page.upload('small.jpg', 64, 48));
  await main.evaluate(() => page.upload('square.jpg', 3000, 3000));
  const ways = await main.evaluate(() => page.ways);
  const quality = await qualities(main, ways);
  const rows: Row[] = [];
  const wanted = process.argv.includes('--48mp') ? (['12 MP', '48 MP'] as const) : (['12 MP'] as const);
  for (const picture of wanted) rows.push(...(await measurePicture(on, main, picture, ways, quality)));
  const equal = await bytesAtEqualQuality(main);
  return {
    env: environment(on),
    results: rows.map(({ floor: _, ...row }) => row),
    targets: targets(rows, equal),
  };
}

async function measurePicture(
  on: Browser,
  main: Page,
  picture: keyof typeof PICTURES,
  ways: readonly string[],
  quality: ReadonlyMap<string, number | null>,
): Promise<Row[]> {
  const path = `${picture.replace(' ', '-')}.jpg`;
  const [width, height] = PICTURES[picture];
  await main.evaluate(([to, w, h]) => page.upload(to, w, h), [path, width, height] as const);
  const measured = await interleaved(main, path, ways);
  const rows: Row[] = [];
  for (const way of ways) {
    const rounds = measured.get(way) ?? [];
    const floors = measured.get(FLOOR) ?? [];
    rows.push({
      picture,
      way,
      floor: median(floors.map(({ ms }) => ms)),
      'median ms': median(rounds.map(({ ms }) => ms)),
      '× floor': median(rounds.map(({ ms }, round) => ms / (floors[round]?.ms ?? Number.NaN))),
      'page blocked ms': median(rounds.map(({ blockedMs }) => blockedMs)),
      'peak MB': await memory(on, way, path),
      'dB at 256': quality.get(way) ?? null,
      'bytes at 256': rounds[0]?.bytes[0] ?? null,
      'bytes at 64': rounds[0]?.bytes[1] ?? null,
    });
  }
  return rows;
}

/** Every way once in each round, beginning with another one each time. */
async function interleaved(
  main: Page,
  path: string,
  ways: readonly string[],
): Promise<Map<string, Measured[]>> {
  const measured = new Map<string, Measured[]>(ways.map((way) => [way, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (let step = 0; step < ways.length; step++) {
      const way = ways[(round + 1 + step) % ways.length] ?? FLOOR;
      const result = await main.evaluate(([name, from]) => page.measure(name, from), [way, path] as const);
      if (round >= 0) measured.get(way)?.push(result);
    }
  }
  return measured;
}

/** Lossless, on a square picture, because not every way crops. */
async function qualities(main: Page, ways: readonly string[]): Promise<Map<string, number | null>> {
  const found = new Map<string, number | null>();
  for (const way of ways) found.set(way, (await decibels(main, way, 1))?.dB ?? null);
  return found;
}

function decibels(main: Page, way: string, quality: number) {
  return main.evaluate(([name, q]) => page.decibels(name, 'square.jpg', q), [way, quality] as const);
}

/** Our bytes at the lowest quality setting that is as near to the reference as compressorjs at 0.82, and its bytes. */
async function bytesAtEqualQuality(main: Page): Promise<{ ours: number; theirs: number } | null> {
  const theirs = await decibels(main, 'compressorjs', 0.82);
  if (theirs === null) return null;
  for (let quality = 0.3; quality < 1; quality += 0.02) {
    const ours = await decibels(main, 'visavis lanczos', quality);
    if (ours && ours.dB >= theirs.dB) return { ours: ours.bytes, theirs: theirs.bytes };
  }
  return null;
}

/** In a page of its own, whose memory nobody has used before. */
async function memory(on: Browser, way: string, path: string): Promise<number | null> {
  const peaks: number[] = [];
  for (let round = 0; round < MEMORY_ROUNDS; round++) {
    const fresh = await open(on);
    await fresh.evaluate((name) => page.warm(name), way);
    const peak = await peakMemory(on, () =>
      fresh.evaluate(([name, from]) => page.measure(name, from), [way, path] as const),
    );
    await fresh.context().close();
    if (peak === null) return null;
    peaks.push(peak);
  }
  return median(peaks);
}

function targets(rows: readonly Row[], equal: { ours: number; theirs: number } | null): Report['targets'] {
  const row = (way: string): Row | undefined => rows.find((one) => one.way === way);
  const fast = row('visavis fast');
  const sharp = row('visavis lanczos');
  const compression = row('browser-image-compression, page');
  const times = fast && compression ? compression['× floor'] / fast['× floor'] : null;
  return [
    target('fast, × bare decode', fast?.['× floor'] ?? null, '≤', 0.7),
    target('lanczos, × bare decode', sharp?.['× floor'] ?? null, '≤', 1.05),
    target('lanczos, dB against Lanczos3', sharp?.['dB at 256'] ?? null, '≥', 45),
    target('page blocked, ms (fast)', fast?.['page blocked ms'] ?? null, '≤', 10),
    target('page blocked, ms (lanczos)', sharp?.['page blocked ms'] ?? null, '≤', 10),
    target('peak memory, MB (fast)', fast?.['peak MB'] ?? null, '≤', 40),
    target('peak memory, MB (lanczos)', sharp?.['peak MB'] ?? null, '≤', 40),
    target('bytes at equal quality ÷ compressorjs', equal && equal.ours / equal.theirs, '≤', 1),
    target('fast, times as fast as browser-image-compression', times, '≥', 4),
  ];
}

function environment(on: Browser): Report['env'] {
  return {
    chromium: on.version(),
    node: process.version,
    cpu: `${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}`,
    rounds: ROUNDS,
    job: 'JPEG 4:2:0 → WebP 256 and 64, quality 0.82, centred square (browser-image-compression does not crop)',
    '× floor': 'median over the rounds of the ratio to the bare decode in the same round',
    'page blocked': 'median over the rounds of the longest gap of a 4 ms timer on the page',
    'peak MB': `rise of the renderer's resident memory (VmHWM) in a fresh page, median of ${MEMORY_ROUNDS}`,
    dB: 'lossless output of a 3000 × 3000 JPEG against Lanczos3 in doubles',
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

async function open(on: Browser): Promise<Page> {
  const context = await on.newContext();
  const opened = await context.newPage();
  await opened.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await opened.waitForFunction(() => 'page' in globalThis);
  return opened;
}

async function bundle(): Promise<Map<string, Uint8Array>> {
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: { page: here('avatars/page.ts'), worker: here('../src/picture/worker.ts') },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    outdir: '/',
    write: false,
    logLevel: 'error',
  });
  const library = await build({
    entryPoints: [here('node_modules/browser-image-compression/dist/browser-image-compression.js')],
    outfile: '/browser-image-compression.js',
    write: false,
    logLevel: 'error',
  });
  return new Map([...outputFiles, ...library.outputFiles].map(({ path, contents }) => [path, contents]));
}

async function serve(files: ReadonlyMap<string, Uint8Array>): Promise<Server> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '/';
    if (request.method === 'PUT') {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk);
      stored.set(path, Buffer.concat(chunks));
      response.end();
      return;
    }
    const script = files.get(path);
    response.setHeader(
      'content-type',
      path === '/' ? 'text/html' : script ? 'text/javascript' : 'image/jpeg',
    );
    response.end(
      script ?? stored.get(path) ?? '<!doctype html><script type="module" src="/page.js"></script>',
    );
  };
  const created = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve));
  return created;
}
