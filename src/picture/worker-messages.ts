import type { PictureFault } from './fault.ts';
import type { PictureInfo } from './inspect.ts';
import type { RenderedPicture, RenderOptions } from './render.ts';

/** The worker takes messages only under this name, so that importing its file elsewhere does nothing. */
export const WORKER_NAME = 'visavis-picture';

export interface RenderRequest {
  readonly id: number;
  readonly file: Blob;
  readonly info: PictureInfo;
  readonly options: RenderOptions;
}

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'rendered'; readonly id: number; readonly pictures: RenderedPicture[] }
  | { readonly kind: 'refused'; readonly id: number; readonly fault: PictureFault }
  /** The worker cannot do it, the page perhaps can. */
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };
