import type { PictureInfo } from './inspect.ts';
import type { RenderedPicture, RenderOptions } from './render.ts';
import { WorkerClient, WorkerLost } from './worker-client.ts';
import { importWorker } from './worker-file.ts';

export interface RendererOptions {
  /** Where `worker.js` lies, when it was moved; of the page's own origin. */
  readonly workerUrl?: string | URL;
  /** `false` renders on the page. Default `true`. */
  readonly worker?: boolean;
  /** How long one picture may take in the worker before the page does it. Default 20,000. */
  readonly timeoutMs?: number;
}

export interface Renderer {
  /** Starts the worker ahead of the first picture, e.g. when a file dialog opens. */
  warm(): void;
  /**
   * Square outputs in the order of `options.sizes`, without any metadata. One picture at a time.
   *
   * @throws {PictureFault} `FILE_CORRUPT` when it cannot be decoded, `CROP`; the signal's reason as it is.
   */
  render(
    file: Blob,
    info: PictureInfo,
    options: RenderOptions,
    signal?: AbortSignal,
  ): Promise<RenderedPicture[]>;
  /** Ends the worker; what is under way rejects with an `AbortError`. */
  dispose(): void;
}

/**
 * Renders in a module worker, or on the page where none can be had.
 *
 * @example
 * const renderer = createRenderer();
 * const [large, small] = await renderer.render(file, await inspect(file, limits), { sizes: [256, 64] });
 */
export function createRenderer(options: RendererOptions = {}): Renderer {
  const client =
    options.worker === false ? undefined : new WorkerClient(options.workerUrl, options.timeoutMs ?? 20_000);
  const underWay = new Set<AbortController>();
  let startable = client !== undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let disposed = false;

  async function renderOnce(
    file: Blob,
    info: PictureInfo,
    wanted: RenderOptions,
    signal: AbortSignal,
  ): Promise<RenderedPicture[]> {
    signal.throwIfAborted();
    if (client && startable) {
      startable = await client.start().then(
        () => true,
        () => false,
      );
      signal.throwIfAborted();
    }
    if (client && startable) {
      try {
        return await client.render({ file, info, options: wanted }, signal);
      } catch (error) {
        if (!(error instanceof WorkerLost)) throw error;
      }
    }
    const { renderPicture } = await importWorker();
    signal.throwIfAborted();
    return renderPicture(file, info, wanted, signal);
  }

  return {
    warm() {
      if (client && startable && !disposed) client.start().catch(() => {});
    },

    async render(file, info, wanted, signal) {
      if (disposed) throw disposal();
      signal?.throwIfAborted();
      checkSizes(wanted.sizes);
      const abort = new AbortController();
      const forward = (): void => abort.abort(signal?.reason);
      signal?.addEventListener('abort', forward);
      underWay.add(abort);
      const job = turn.then(() => renderOnce(file, { ...info }, plain(wanted), abort.signal));
      turn = job.catch(() => {});
      try {
        return await Promise.race([job, rejection(abort.signal)]);
      } finally {
        signal?.removeEventListener('abort', forward);
        underWay.delete(abort);
      }
    },

    dispose() {
      disposed = true;
      for (const abort of underWay) abort.abort(disposal());
      client?.stop();
    },
  };
}

/** A copy that `postMessage` takes, also of a framework's reactive proxies. */
function plain({ crop, sizes, types, quality, filter }: RenderOptions): RenderOptions {
  return {
    sizes: [...sizes],
    ...(crop && { crop: { x: crop.x, y: crop.y, width: crop.width, height: crop.height } }),
    ...(types && { types: [...types] }),
    ...(quality !== undefined && { quality }),
    ...(filter && { filter }),
  };
}

/** So that an abort is felt at once, also while waiting for a turn or on a decode on the page. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function disposal(): DOMException {
  return new DOMException('the renderer was disposed', 'AbortError');
}

function checkSizes(sizes: readonly number[]): void {
  const sound =
    sizes.length > 0 && sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= 4096);
  if (!sound) throw new TypeError('unable to render the picture; sizes must be whole numbers from 1 to 4096');
}
