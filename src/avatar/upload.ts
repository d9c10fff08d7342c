import { type ErrorCode, FileError, HttpError, UploadError, VisavisError } from '../errors.ts';
import type { AvatarFact, UserFact } from '../facts.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { raceAbort } from '../lib/wait.ts';
import type { CropRect, EncodedPicture, Presigned, UploadStage } from '../models.ts';
import type { CompleteInput } from '../protocol/route.ts';
import type { Http } from '../transport/http.ts';
import type { PutFile } from '../transport/put.ts';
import type { ImageEncoder } from './encoder.ts';

/** The picture, and its thumbnail. */
export type Pictures = readonly [EncodedPicture, EncodedPicture];

/** One upload: what ends it, and whom to tell. */
export interface Sending {
  readonly signal: AbortSignal;
  onProgress(stage: UploadStage, loaded: number, total?: number): void;
}

/** What a way of uploading may use. */
export interface UploadSettings<Routes> {
  readonly routes: Routes;
  readonly userId: string;
  readonly http: Http;
  readonly putFile: PutFile;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Milliseconds without progress until a put counts as stalled. */
  readonly stallMs: number;
  /** Whether storage addresses may be plain `http:` on hosts other than loopback. */
  readonly insecure: boolean;
}

/** How pictures get to one kind of backend; what is absent that kind does not have. */
export interface Uploader {
  send(pictures: Pictures, sending: Sending): Promise<AvatarFact>;
  presign?(pictures: readonly EncodedPicture[], signal: AbortSignal | undefined): Promise<Presigned>;
  complete?(uploads: CompleteInput['uploads'], signal: AbortSignal | undefined): Promise<AvatarFact>;
  /** Shows an earlier picture again. */
  restore?(name: string, signal: AbortSignal): Promise<AvatarFact>;
  /** What reads of profiles say, without what is older than the latest confirmed upload. */
  readonly newer?: (facts: readonly UserFact[]) => readonly UserFact[];
  /** Such addresses, `null` for none: kept from page to page where users are remembered. */
  outdated?: readonly (string | null)[];
}

export interface UploadRun extends Sending {
  readonly encoder: Pick<ImageEncoder, 'compress'>;
  readonly file: Blob;
  readonly crop: CropRect | undefined;
  /** The pictures exist: show them. */
  onEncoded(pictures: Pictures): void;
  readonly send: Uploader['send'];
}

/** inspect → compress → send. Throws a `FileError`, an `UploadError` or the signal's reason. */
export async function runUpload(run: UploadRun): Promise<AvatarFact> {
  const { encoder, file, crop, signal, onProgress } = run;
  onProgress('inspect', 0);
  const pictures = await inStage('compress', () =>
    raceAbort(
      encoder.compress(file, crop, () => onProgress('compress', 0), signal),
      signal,
    ),
  );
  onProgress('compress', 1);
  run.onEncoded(pictures);
  return run.send(pictures, run);
}

/** Tells in which stage a step failed; file errors, wrong arguments and the caller's abort pass as they are. */
export async function inStage<T>(stage: UploadStage, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const told =
      !(error instanceof VisavisError) || error instanceof FileError || error instanceof UploadError;
    throw told ? error : uploadError(stage, error);
  }
}

export function uploadError(
  stage: UploadStage,
  cause: VisavisError,
  code = codeOf(stage, cause),
): UploadError {
  const why = cause.message.replace(/^unable to [^;]*; /, '');
  return new UploadError(code, stage, `unable to upload the picture; ${why}`, {
    cause,
    retryable: code !== 'UPLOAD_SUPERSEDED' && cause.retryable,
  });
}

function codeOf(stage: UploadStage, cause: VisavisError): ErrorCode {
  if (cause instanceof HttpError && cause.serverCode === 'SUPERSEDED') return 'UPLOAD_SUPERSEDED';
  return cause.code === 'TIMEOUT' && stage === 'put' ? 'UPLOAD_STALLED' : 'UPLOAD_FAILED';
}

const extensions = { 'image/webp': 'webp', 'image/jpeg': 'jpg', 'image/png': 'png' } as const;

export function filenameOf({ kind, type }: Pick<EncodedPicture, 'kind' | 'type'>): string {
  return `${kind}.${extensions[type]}`;
}
