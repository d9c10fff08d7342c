import { offered, ResponseError, UploadError } from '../errors.ts';
import type { AvatarFact } from '../facts.ts';
import type { Clock } from '../lib/clock.ts';
import { guard } from '../lib/emitter.ts';
import type { Logger } from '../lib/logger.ts';
import type {
  Avatar,
  CropRect,
  EncodedPicture,
  PastPicture,
  PictureInfo,
  Presigned,
  UploadProgress,
  UploadStage,
  WaitOptions,
} from '../models.ts';
import type { CompleteInput, RoutesWith } from '../protocol/route.ts';
import type { Http } from '../transport/http.ts';
import type { ImageEncoder } from './encoder.ts';
import { createProgress } from './progress.ts';
import { type Pictures, runUpload, type Uploader } from './upload.ts';

/** Options of {@link AvatarApi.compress}. */
export interface CompressOptions extends WaitOptions {
  /** The part to keep, in oriented natural pixels. Default: the largest centred square. */
  readonly crop?: CropRect | undefined;
}

/** Options of {@link AvatarApi.upload}. */
export interface UploadOptions extends CompressOptions {
  /** Told at every step; no field of the report ever goes back. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/** The signed-in user's own picture. */
export interface AvatarApi {
  /**
   * Publishes a picture: inspect → crop and compress → presign → put → complete; without presign where the backend takes
   * the picture itself.
   *
   * The user's snapshot shows the new picture as soon as it is encoded and the published one once that is decoded;
   * after a failure or an abort it shows the latest confirmed one. A second upload supersedes the first.
   *
   * @param file - a JPEG, PNG, WebP or GIF picture; its content decides, not its name.
   * @returns the published picture.
   * @throws {@link FileError} when the file cannot become a picture; nothing was sent.
   * @throws {@link UploadError} with its `stage` when a step failed, or `UPLOAD_SUPERSEDED` when a newer change won.
   * @throws TypeError for a file that is no `Blob` or a crop outside of the picture.
   * @example
   * const avatar = await client.avatar.upload(input.files[0], { onProgress: ({ fraction }) => bar.value = fraction });
   */
  upload(file: Blob, options?: UploadOptions): Promise<Avatar>;
  /**
   * Deletes the picture; without one it succeeds too. Initials show at once.
   *
   * @throws {@link UploadError} `UPLOAD_SUPERSEDED` when an upload was started meanwhile.
   * @throws {@link VisavisError} `UNSUPPORTED` when the backend cannot, see `client.capabilities.deleteAvatar`.
   */
  delete(options?: WaitOptions): Promise<void>;
  /** Reads a file's header: type, pixels, bytes. Throws as {@link AvatarApi.upload} does. */
  inspect(file: Blob, options?: WaitOptions): Promise<PictureInfo>;
  /** Crops and encodes without sending: the full picture and the thumbnail. Throws as {@link AvatarApi.upload} does. */
  compress(file: Blob, options?: CompressOptions): Promise<readonly EncodedPicture[]>;
  /** Asks the backend where to put pictures; `UNSUPPORTED` where it takes them itself. */
  presign(pictures: readonly EncodedPicture[], options?: WaitOptions): Promise<Presigned>;
  /** Publishes pictures that were put: `kind`, `key` and `url` of their tickets; `UNSUPPORTED` as for `presign()`. */
  complete(uploads: CompleteInput['uploads'], options?: WaitOptions): Promise<Avatar>;
  /**
   * The pictures the user has had, newest first.
   *
   * @throws {@link VisavisError} `UNSUPPORTED` when the backend keeps none, see `client.capabilities.avatarHistory`.
   */
  history(options?: WaitOptions): Promise<readonly PastPicture[]>;
  /**
   * Shows an earlier picture again.
   *
   * @param picture - one of {@link AvatarApi.history}.
   * @throws {@link VisavisError} `UNSUPPORTED` when the backend cannot, see `client.capabilities.restoreAvatar`.
   */
  restore(picture: Pick<PastPicture, 'name'>, options?: WaitOptions): Promise<Avatar>;
  /** Loads the picture code and starts its worker; call it when a file picker opens. */
  warm(): void;
}

/** A local picture, or `null` for initials, shown until the backend has answered. */
export type ShowPreview = (avatar: Avatar | null, onGone: () => void) => { confirm(): void; revert(): void };

export interface AvatarSettings {
  readonly userId: string;
  readonly http: Http;
  readonly routes: RoutesWith<never>;
  readonly uploader: Uploader;
  readonly encoder: ImageEncoder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends everything, with its reason, when the client is disposed. */
  readonly life: AbortSignal;
  readonly preview: ShowPreview;
  /** Takes in what the backend confirmed and returns it as it is shown. */
  publish(fact: AvatarFact): Avatar | null;
  /** The latest confirmed picture. */
  confirmed(): Avatar | null;
  /** Reads the own profile again. */
  reread(): Promise<void>;
}

/** Longer than a page takes to put the published picture in the preview's place. */
const revokeDelayMs = 1_000;

export function createAvatarApi(settings: AvatarSettings): AvatarApi & { dispose(): void } {
  const { userId, http, routes, uploader, encoder, clock, life } = settings;
  const within = (signal: AbortSignal | undefined) => (signal ? AbortSignal.any([life, signal]) : life);
  let running: { readonly abort: AbortController; readonly doing: string; stage: UploadStage } | undefined;

  /**
   * Of two changes of the same picture the later started one wins; a delete that is sent once more would delete what was
   * put there since.
   */
  function begin(doing: string, stage: UploadStage, outer: AbortSignal | undefined) {
    running?.abort.abort(
      new UploadError(
        'UPLOAD_SUPERSEDED',
        running.stage,
        `unable to ${running.doing} the picture; a later change took its place`,
      ),
    );
    const own = { abort: new AbortController(), doing, stage };
    running = own;
    const signal = AbortSignal.any([within(outer), own.abort.signal]);
    const end = () => {
      if (running === own) running = undefined;
    };
    return { own, signal, end };
  }

  function showEncoded([full, thumb]: Pictures) {
    const url = URL.createObjectURL(full.blob);
    const thumbUrl = URL.createObjectURL(thumb.blob);
    return settings.preview(Object.freeze({ url, thumbUrl, version: null }), () => {
      clock.schedule(() => {
        URL.revokeObjectURL(url);
        URL.revokeObjectURL(thumbUrl);
      }, revokeDelayMs);
    });
  }

  async function upload(
    file: Blob,
    { crop, signal: outer, onProgress }: UploadOptions = {},
  ): Promise<Avatar> {
    requireBlob(file);
    life.throwIfAborted();
    outer?.throwIfAborted();
    const { own, signal, end } = begin('upload', 'inspect', outer);
    const report = createProgress(onProgress ?? (() => {}));
    let preview: ReturnType<ShowPreview> | undefined;
    try {
      const fact = await runUpload({
        encoder,
        send: uploader.send,
        file,
        crop,
        signal,
        onProgress(stage, loaded, total) {
          own.stage = stage;
          guard(() => report(stage, loaded, total), settings.logger);
        },
        onEncoded: (encoded) => {
          preview = showEncoded(encoded);
        },
      });
      const avatar = shown(settings.publish(fact));
      preview?.confirm();
      return avatar;
    } catch (error) {
      preview?.revert();
      // What was given up may have arrived all the same.
      if (own.stage === 'put' || own.stage === 'complete') void settings.reread().catch(() => {});
      throw error;
    } finally {
      end();
    }
  }

  return {
    upload,
    async delete({ signal: outer } = {}) {
      const route = offered(routes.deleteAvatar, 'delete the picture');
      outer?.throwIfAborted();
      const { signal, end } = begin('delete', 'complete', outer);
      const preview = settings.preview(null, () => {});
      try {
        settings.publish(await http.call(route, { userId }, { signal }));
        // "There is none" carries no version: only a read tells whether that is newer than what is held.
        if (settings.confirmed() !== null) await settings.reread().catch(() => {});
        preview.confirm();
      } catch (error) {
        preview.revert();
        throw error;
      } finally {
        end();
      }
    },
    async inspect(file, { signal } = {}) {
      requireBlob(file);
      return encoder.inspect(file, within(signal));
    },
    async compress(file, { crop, signal } = {}) {
      requireBlob(file);
      return encoder.compress(file, crop, () => {}, within(signal));
    },
    presign: async (pictures, { signal } = {}) =>
      offered(uploader.presign, 'presign the upload')(pictures, signal),
    async complete(uploads, { signal } = {}) {
      return shown(
        settings.publish(await offered(uploader.complete, 'complete the upload')(uploads, signal)),
      );
    },
    history: async ({ signal } = {}) =>
      http.call(offered(routes.history, 'list earlier pictures'), { userId }, { signal }),
    async restore({ name }, { signal: outer } = {}) {
      const restore = offered(uploader.restore, 'restore the picture');
      const { signal, end } = begin('restore', 'complete', outer);
      try {
        return shown(settings.publish(await restore(name, signal)));
      } finally {
        end();
      }
    },
    warm: encoder.warm,
    dispose() {
      encoder.dispose();
    },
  };
}

function shown(avatar: Avatar | null): Avatar {
  if (avatar) return avatar;
  throw new ResponseError('unable to complete the upload; the answer has no picture', []);
}

function requireBlob(file: unknown): asserts file is Blob {
  if (!(file instanceof Blob)) throw new TypeError('unable to read the picture; it is not a File or Blob');
}
