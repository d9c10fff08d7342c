import { FileError, VisavisError } from '../errors.ts';
import type { CropRect, EncodedPicture, PictureInfo } from '../models.ts';

type PictureModule = typeof import('../picture/picture.ts');
type Renderer = ReturnType<PictureModule['createRenderer']>;

/** What a backend takes as a picture. */
export interface PictureRules {
  /** Types that may be sent: WebP where the browser can, else PNG for what is transparent, else JPEG. */
  readonly types: readonly EncodedPicture['type'][];
  /** Pixels a side of the picture. */
  readonly size: number;
  /** Pixels a side of the thumbnail. */
  readonly thumbSize: number;
  /** Whether a smaller picture is enlarged to `size`. */
  readonly isExact: boolean;
  /** Encoder quality above 0 and below 1. */
  readonly quality: number;
  /** Bytes that the picture may have; `null` where its size alone keeps it small. */
  readonly maxBytes: number | null;
}

/** How users' files become pictures. */
export interface PictureOptions {
  /** Pixels a side of the full picture. Default 256, or what the preset says. */
  readonly size?: number;
  /** Pixels a side of the thumbnail. Default 64, or what the preset says. */
  readonly thumbSize?: number;
  /** Encoder quality above 0 and below 1. Default 0.82, or what the preset says. */
  readonly quality?: number;
  /** Largest file that is opened, in bytes. Default 30 MB. */
  readonly maxBytes?: number;
  /** Largest picture that is decoded, in pixels. Default 50 million. */
  readonly maxPixels?: number;
  /** `fast` trades sharpness for half of the time. Default `lanczos`. */
  readonly filter?: 'lanczos' | 'fast';
  /** Where `worker.js` of this package is served, when not beside the bundle; `false` runs on the page. */
  readonly worker?: string | URL | false;
}

/** Reads and encodes picture files. All of it is loaded on first use. */
export interface ImageEncoder {
  /** Starts loading, so that the first picture does not wait for code. */
  warm(): void;
  inspect(file: Blob, signal?: AbortSignal): Promise<PictureInfo>;
  compress(
    file: Blob,
    crop: CropRect | undefined,
    onInspected: () => void,
    signal?: AbortSignal,
  ): Promise<readonly [EncodedPicture, EncodedPicture]>;
  dispose(): void;
}

export function createImageEncoder(rules: PictureRules, options: PictureOptions): ImageEncoder {
  const { types, isExact } = rules;
  const { size, thumbSize, quality } = { ...rules, ...options };
  const { filter = 'lanczos' } = options;
  const limits = { maxBytes: options.maxBytes ?? 30_000_000, maxPixels: options.maxPixels ?? 50_000_000 };
  let loading: Promise<{ module: PictureModule; renderer: Renderer }> | undefined;

  async function load() {
    const module = await import('../picture/picture.ts');
    const { worker } = options;
    const renderer = module.createRenderer(
      worker === false ? { worker: false } : worker === undefined ? {} : { workerUrl: worker },
    );
    return { module, renderer };
  }

  function loaded() {
    loading ??= load().catch((cause: unknown) => {
      // A deploy or a lost connection took the chunk away: the next call tries again.
      loading = undefined;
      throw unavailable(cause);
    });
    return loading;
  }

  return {
    warm: () =>
      void loaded().then(
        ({ renderer }) => renderer.warm(),
        () => {},
      ),
    async inspect(file, signal) {
      signal?.throwIfAborted();
      const { module } = await loaded();
      return typed(() => module.inspect(file, limits, signal), signal);
    },
    async compress(file, crop, onInspected, signal) {
      signal?.throwIfAborted();
      const { module, renderer } = await loaded();
      return typed(async () => {
        renderer.warm();
        const info = await module.inspect(file, limits, signal);
        onInspected();
        const { width, height } = crop ?? info;
        const side = isExact ? size : Math.max(1, Math.min(size, Math.floor(Math.min(width, height))));
        const sizes = [side, Math.min(side, thumbSize)];
        const job = { sizes, types, quality, filter, ...(crop ? { crop } : {}) };
        const [avatar, thumb] = await renderer.render(file, info, job, signal);
        if (!avatar || !thumb) throw new TypeError('the renderer made fewer pictures than it was asked for');
        return [
          { ...(await module.fit(avatar, rules.maxBytes, signal)), kind: 'avatar' },
          { ...thumb, kind: 'thumb' },
        ] as const;
      }, signal);
    },
    dispose: () =>
      void loading?.then(
        ({ renderer }) => renderer.dispose(),
        () => {},
      ),
  };
}

/** The picture code runs in its own bundle and worker, so its refusals come as plain data. */
async function typed<T>(run: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await run();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (!isFault(error)) throw unavailable(error);
    if (error.code === 'CROP') throw new TypeError(error.message);
    throw new FileError(error.code, error.message, error.details);
  }
}

function unavailable(cause: unknown): VisavisError {
  return new VisavisError(
    'ENCODER_UNAVAILABLE',
    'unable to open the picture; the picture code cannot be loaded or failed',
    { cause, retryable: true },
  );
}

type Fault = import('../picture/fault.ts').PictureFault;

function isFault(error: unknown): error is Fault {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'PictureFault';
}
