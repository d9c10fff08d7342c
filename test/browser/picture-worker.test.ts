import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRenderer, inspect, type PictureInfo, type Renderer } from '../../src/picture/picture.ts';
import { difference, encoded, paintDetail, painted, pixelsOf } from '../support/pictures.ts';

type RendererOptions = Parameters<typeof createRenderer>[0];

const sourceUrl = new URL('../../src/picture/worker.ts', import.meta.url).href;
const urls: string[] = [];
const renderers: Renderer[] = [];
let file: Blob;
let info: PictureInfo;

beforeAll(async () => {
  const canvas = painted(2000, 1500, (context) => paintDetail(context, 2000, 1500));
  file = new Blob([await encoded(canvas, 'image/jpeg')]);
  info = await inspect(file, { maxBytes: 50_000_000, maxPixels: 50_000_000 });
});

afterEach(() => {
  for (const renderer of renderers.splice(0)) renderer.dispose();
  for (const url of urls.splice(0)) URL.revokeObjectURL(url);
});

function renderer(options?: RendererOptions): Renderer {
  const made = createRenderer(options);
  renderers.push(made);
  return made;
}

function script(code: string): string {
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  urls.push(url);
  return url;
}

/** The real worker, which tells `channel` of its messages. */
function overheard(channel: string, before = '', after = ''): string {
  return script(`
    const channel = new BroadcastChannel(${JSON.stringify(channel)});
    const post = self.postMessage.bind(self);
    self.postMessage = (message) => { channel.postMessage(message.kind); post(message); };
    ${before}
    await import(${JSON.stringify(sourceUrl)});
    ${after}`);
}

function listen(channel: string): { heard: unknown[]; close(): void } {
  const heard: unknown[] = [];
  const listener = new BroadcastChannel(channel);
  listener.addEventListener('message', ({ data }) => heard.push(data));
  return { heard, close: () => listener.close() };
}

async function fine(rendering: ReturnType<Renderer['render']>): Promise<void> {
  const [large, small] = await rendering;
  expect(large).toMatchObject({ size: 128, type: 'image/webp' });
  expect(small).toMatchObject({ size: 32, type: 'image/webp' });
}

const sizes = [128, 32];

test('renders in the worker, and equally on the page', async () => {
  const { heard, close } = listen('usual');
  const inWorker = await renderer({ workerUrl: overheard('usual') }).render(file, info, { sizes });
  await expect.poll(() => heard).toEqual(['ready', 'rendered']);
  const onPage = await renderer({ worker: false }).render(file, info, { sizes });
  for (const [at, picture] of inWorker.entries()) {
    const twin = onPage[at];
    if (twin === undefined) throw new Error('the page made fewer pictures');
    expect(difference(await pixelsOf(picture.blob), await pixelsOf(twin.blob))).toBe(0);
  }
  close();
});

test('starts its own worker file unless told otherwise, once', async () => {
  const Real = globalThis.Worker;
  const heard: unknown[] = [];
  globalThis.Worker = class extends Real {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      heard.push(options?.type);
      this.addEventListener('message', ({ data }) => heard.push(data.kind));
    }
  };
  try {
    const usual = renderer();
    usual.warm();
    usual.warm();
    await fine(usual.render(file, info, { sizes }));
    await fine(usual.render(file, info, { sizes }));
  } finally {
    globalThis.Worker = Real;
  }
  expect(heard).toEqual(['module', 'ready', 'rendered', 'rendered']);
});

test('renders many at once, each with its own answer', async () => {
  const shared = renderer();
  const wanted = Array.from({ length: 12 }, (_, at) => 20 + at);
  const made = await Promise.all(wanted.map((size) => shared.render(file, info, { sizes: [size] })));
  expect(made.map(([picture]) => picture?.size)).toEqual(wanted);
});

test('one refused picture leaves the others alone', async () => {
  const shared = renderer();
  const broken = file.slice(0, file.size >> 1);
  const outcomes = await Promise.allSettled([
    shared.render(file, info, { sizes }),
    shared.render(broken, info, { sizes }),
    shared.render(file, info, { sizes }),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('takes options that cannot be cloned, as frameworks wrap them', async () => {
  const crop = new Proxy({ x: 0, y: 0, width: 100, height: 100 }, {});
  await fine(renderer().render(file, new Proxy(info, {}), { sizes: new Proxy(sizes, {}), crop }));
});

test('importing the worker file on a page starts nothing', async () => {
  const { heard, close } = listen('other');
  const worker = new Worker(overheard('other', '', `channel.postMessage('imported')`), {
    type: 'module',
    name: 'not-ours',
  });
  await expect.poll(() => heard.length).toBeGreaterThan(0);
  expect(heard).toEqual(['imported']);
  worker.terminate();
  close();
});

describe('the page renders', () => {
  test.each<[string, () => RendererOptions]>([
    ['when no worker is wanted', () => ({ worker: false })],
    ['when the worker file is missing', () => ({ workerUrl: '/nowhere/worker.js' })],
    ['when the worker file is no script', () => ({ workerUrl: script('<!doctype html>') })],
    ['when the worker may not be started', () => ({ workerUrl: 'https://elsewhere.invalid/worker.js' })],
    ['when the worker never starts', () => ({ workerUrl: script(''), timeoutMs: 300 })],
    [
      'when the worker never answers',
      () => ({ workerUrl: script(`postMessage({ kind: 'ready' })`), timeoutMs: 300 }),
    ],
    [
      'when the worker dies at work',
      () => ({
        workerUrl: script(`onmessage = () => { throw new Error('dead') }; postMessage({ kind: 'ready' })`),
      }),
    ],
    [
      'when the worker lacks what it needs',
      () => ({
        workerUrl: script(`self.OffscreenCanvas = undefined; await import(${JSON.stringify(sourceUrl)})`),
      }),
    ],
  ])('%s', async (_, options) => {
    const failing = renderer(options());
    failing.warm();
    await fine(failing.render(file, info, { sizes }));
    await fine(failing.render(file, info, { sizes }));
  });

  test('not when the worker says that the picture is broken', async () => {
    const fault = {
      name: 'PictureFault',
      code: 'FILE_CORRUPT',
      message: 'unable to x; y',
      details: { a: 1 },
    };
    const workerUrl = script(`
      onmessage = ({ data }) => postMessage({ kind: 'refused', id: data.id, fault: ${JSON.stringify(fault)} });
      postMessage({ kind: 'ready' });`);
    const error: unknown = await renderer({ workerUrl })
      .render(file, info, { sizes })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject(fault);
  });
});

describe('where the page is strict', () => {
  /** Renders in a frame of our own origin under a policy; tells what came and whether it came from a worker. */
  async function renderUnder(policy: string): Promise<{ sizes: number[]; workers: number }> {
    const frame = document.createElement('iframe');
    const pictureUrl = new URL('../../src/picture/picture.ts', import.meta.url).href;
    frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}">
      <script type="module" nonce="n">
        self.__vitest_browser_runner__ = { wrapDynamicImport: (load) => load() }; // vitest rewrites import()
        let workers = 0;
        const Real = Worker;
        self.Worker = class extends Real { constructor(...all) { super(...all); this.addEventListener('message', () => workers++, { once: true }); } };
        const { createRenderer } = await import(${JSON.stringify(pictureUrl)});
        onmessage = async ({ data: { file, info } }) => {
          try {
            const made = await createRenderer({ workerUrl: ${JSON.stringify(sourceUrl)} }).render(file, info, { sizes: [128, 32] });
            parent.postMessage({ sizes: made.map(({ size }) => size), workers }, '*');
          } catch (error) { parent.postMessage({ error: String(error) }, '*'); }
        };
        parent.postMessage('up', '*');
      </script>`;
    const outcome = new Promise<{ sizes: number[]; workers: number }>((resolve) => {
      const hear = ({ source, data }: MessageEvent): void => {
        if (source !== frame.contentWindow) return;
        if (data === 'up') frame.contentWindow?.postMessage({ file, info }, '*');
        else {
          window.removeEventListener('message', hear);
          resolve(data);
        }
      };
      window.addEventListener('message', hear);
    });
    document.body.append(frame);
    const told = await outcome;
    frame.remove();
    return told;
  }

  const scripts = `default-src 'none'; script-src 'self' 'nonce-n'; connect-src 'self' ws:; img-src 'self' blob:`;

  test('uses the worker that the policy allows', async () => {
    expect(await renderUnder(`${scripts}; worker-src 'self'`)).toEqual({ sizes, workers: 1 });
  });

  test('renders on the page when the policy forbids workers', async () => {
    expect(await renderUnder(`${scripts}; worker-src 'none'`)).toEqual({ sizes, workers: 0 });
  });

  const trusted = `${scripts}; worker-src 'self'; require-trusted-types-for 'script'`;

  test('uses the worker under trusted types, by a policy of its own', async () => {
    expect(await renderUnder(trusted)).toEqual({ sizes, workers: 1 });
    expect(await renderUnder(`${trusted}; trusted-types visavis`)).toEqual({ sizes, workers: 1 });
  });

  test('renders on the page where trusted types leave out its policy', async () => {
    expect(await renderUnder(`${trusted}; trusted-types other`)).toEqual({ sizes, workers: 0 });
  });

  test('uses the worker where policies are listed but not enforced', async () => {
    const listed = `${scripts}; worker-src 'self'; trusted-types other`;
    expect(await renderUnder(listed)).toEqual({ sizes, workers: 1 });
  });
});

describe('an abort', () => {
  test('before the start rejects with its own reason, and the file is not touched', async () => {
    const reason = { mine: true };
    const untouched = new Proxy(file, {
      get: () => {
        throw new Error('touched');
      },
    });
    for (const worker of [true, false]) {
      const rendering = renderer({ worker }).render(untouched, info, { sizes }, AbortSignal.abort(reason));
      await expect(rendering).rejects.toBe(reason);
    }
  });

  test.each([true, false])(
    'at once rejects with its own reason; the next picture is rendered (worker: %s)',
    async (worker) => {
      const shared = renderer({ worker });
      const abort = new AbortController();
      const reason = new Error('mine');
      const rendering = shared.render(file, info, { sizes }, abort.signal);
      abort.abort(reason);
      await expect(rendering).rejects.toBe(reason);
      await fine(shared.render(file, info, { sizes }));
    },
  );

  test('at work ends the worker; the picture that waits gets a fresh one', async () => {
    const { heard, close } = listen('ended');
    // it dawdles over the first picture, as over a large one
    const workerUrl = overheard(
      'ended',
      `addEventListener('message', (event) => {
         if (event.data.options.quality !== 0.5) return;
         event.stopImmediatePropagation();
         channel.postMessage('at work');
         setTimeout(() => channel.postMessage('still there'), 600);
       });`,
    );
    const shared = renderer({ workerUrl });
    const abort = new AbortController();
    const rendering = shared.render(file, info, { sizes, quality: 0.5 }, abort.signal);
    await expect.poll(() => heard).toEqual(['ready', 'at work']);
    const waiting = shared.render(file, info, { sizes });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(heard).toEqual(['ready', 'at work']);
    abort.abort('enough');
    await expect(rendering).rejects.toBe('enough');
    await fine(waiting);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(heard).toEqual(['ready', 'at work', 'ready', 'rendered']);
    close();
  });

  test('of one leaves the others alone', async () => {
    const shared = renderer();
    const abort = new AbortController();
    const outcomes = Promise.allSettled([
      shared.render(file, info, { sizes }, abort.signal),
      shared.render(file, info, { sizes }),
      shared.render(file, info, { sizes }, abort.signal),
      shared.render(file, info, { sizes }),
    ]);
    abort.abort();
    expect((await outcomes).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });

  test('after the end changes nothing', async () => {
    const abort = new AbortController();
    const shared = renderer();
    await fine(shared.render(file, info, { sizes }, abort.signal));
    abort.abort();
    await fine(shared.render(file, info, { sizes }));
  });

  test('is what dispose does to everything under way and to come', async () => {
    const shared = renderer();
    const rendering = [shared.render(file, info, { sizes }), shared.render(file, info, { sizes })];
    const outcomes = Promise.allSettled(rendering);
    shared.dispose();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    await expect(shared.render(file, info, { sizes })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
