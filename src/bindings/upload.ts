import type { Avatar, AvatarClient, CropRect, Live, PictureInfo, UploadProgress } from '../index.ts';

/** Where choosing and publishing the own picture stands. */
export type AvatarUploadState =
  | { readonly status: 'idle' }
  /** The file can become a picture; the user may frame it. */
  | { readonly status: 'cropping'; readonly file: Blob; readonly info: PictureInfo }
  | { readonly status: 'working'; readonly progress: UploadProgress }
  | { readonly status: 'done'; readonly avatar: Avatar }
  /** With what `client.avatar` rejected. */
  | { readonly status: 'failed'; readonly error: unknown };

/** What can be done about the own picture. Each ends what ran before; what comes of it is told by the state. */
export interface AvatarUploadCommands {
  /** Reads the file's header: `cropping`, or `failed` for a file that cannot become a picture. */
  pick(file: Blob): void;
  /** Publishes the picked file: this part of it, in natural pixels, else the largest centred square. */
  crop(part?: CropRect): void;
  /** Publishes a file without asking for a crop. */
  upload(file: Blob, part?: CropRect): void;
  /** Does once more what failed. */
  retry(): void;
  /** Ends what is under way, and goes back to `idle`. */
  cancel(): void;
}

export interface AvatarUploadMachine extends Live<AvatarUploadState>, AvatarUploadCommands {}

const idle: AvatarUploadState = { status: 'idle' };
const start: UploadProgress = { stage: 'inspect', loaded: 0, total: 1, fraction: 0 };

/** idle → cropping → working → done or failed: one picture at a time. */
export function createAvatarUpload({ avatar }: Pick<AvatarClient, 'avatar'>): AvatarUploadMachine {
  const listeners = new Set<() => void>();
  let state = idle;
  let running = new AbortController();
  let again = () => {};

  function become(next: AvatarUploadState) {
    state = next;
    for (const listener of [...listeners]) listener();
  }

  function end(): AbortController {
    running.abort();
    running = new AbortController();
    return running;
  }

  function begin(
    work: (signal: AbortSignal, tell: (next: AvatarUploadState) => void) => Promise<AvatarUploadState>,
  ) {
    const { signal } = end();
    const tell = (next: AvatarUploadState) => {
      if (!signal.aborted) become(next);
    };
    again = () => begin(work);
    work(signal, tell).then(tell, (error: unknown) => tell({ status: 'failed', error }));
  }

  function upload(file: Blob, crop?: CropRect) {
    begin(async (signal, tell) => {
      tell({ status: 'working', progress: start });
      const onProgress = (progress: UploadProgress) => tell({ status: 'working', progress });
      return { status: 'done', avatar: await avatar.upload(file, { crop, signal, onProgress }) };
    });
  }

  const getSnapshot = () => state;
  return {
    getSnapshot,
    getServerSnapshot: getSnapshot,
    subscribe(listener) {
      const own = () => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    pick(file) {
      avatar.warm();
      begin(async (signal) => ({ status: 'cropping', file, info: await avatar.inspect(file, { signal }) }));
    },
    crop(part) {
      if (state.status === 'cropping') upload(state.file, part);
    },
    upload,
    retry() {
      if (state.status === 'failed') again();
    },
    cancel() {
      end();
      become(idle);
    },
  };
}
