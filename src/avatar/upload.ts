import { type ErrorCode, FileError, HttpError, NetworkError, UploadError, VisavisError } from '../errors.ts';
import type { AvatarFact } from '../facts.ts';
import { isLoopback } from '../lib/avatar-url.ts';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { raceAbort, wait } from '../lib/wait.ts';
import type { CropRect, EncodedPicture, Presigned, UploadStage, UploadTicket } from '../models.ts';
import type { CompleteInput } from '../protocol/preset.ts';
import type { PutFile } from '../transport/put.ts';
import type { ImageEncoder } from './encoder.ts';

export type EncodedPair = readonly [EncodedPicture, EncodedPicture];

export interface UploadSteps {
  readonly encoder: Pick<ImageEncoder, 'compress'>;
  readonly putFile: PutFile;
  readonly clock: Clock;
  readonly random: () => number;
  /** Milliseconds without progress until a put counts as stalled. */
  readonly stallMs: number;
  /** Whether storage addresses may be plain `http:` on hosts other than loopback. */
  readonly insecure: boolean;
  presign(pictures: EncodedPair, signal: AbortSignal): Promise<Presigned>;
  complete(uploads: CompleteInput['uploads'], signal: AbortSignal): Promise<AvatarFact>;
}

export interface UploadRun {
  readonly file: Blob;
  readonly crop: CropRect | undefined;
  readonly signal: AbortSignal;
  onProgress(stage: UploadStage, loaded: number, total?: number): void;
  /** The pictures exist: show them. */
  onEncoded(pictures: EncodedPair): void;
}

/** Puts of both pictures together may fail this often for a passing reason of each kind. */
const putRetries = 3;
const putBackoff = { baseMs: 500, maxMs: 4_000 };

/** inspect → compress → presign → put → complete. Throws a `FileError`, an `UploadError` or the signal's reason. */
export async function runUpload(steps: UploadSteps, run: UploadRun): Promise<AvatarFact> {
  const { signal, onProgress } = run;

  onProgress('inspect', 0);
  const pictures = await inStage('compress', () =>
    raceAbort(
      steps.encoder.compress(run.file, run.crop, () => onProgress('compress', 0), signal),
      signal,
    ),
  );
  onProgress('compress', 1);
  run.onEncoded(pictures);

  onProgress('presign', 0);
  const tickets = await putAll(steps, pictures, run);

  onProgress('complete', 0);
  const uploads = tickets.map(({ kind, key, url }) => ({ kind, key, url }));
  const fact = await inStage('complete', () => steps.complete(uploads, signal));
  onProgress('complete', 1);
  return fact;
}

/**
 * Presigns and puts both pictures. A ticket may have run out on the way (a long crop, a slow line), so the first refusal,
 * or answer that a page may not read, gets new tickets; after that only passing failures are tried again.
 */
async function putAll(steps: UploadSteps, pictures: EncodedPair, run: UploadRun): Promise<UploadTicket[]> {
  const first = await putRound(steps, pictures, run, 0).catch((error: unknown) => error);
  if (Array.isArray(first)) return first;
  if (run.signal.aborted) throw run.signal.reason;
  if (!mayBeExpired(first)) throw putError(first);
  try {
    return await putRound(steps, pictures, run, putRetries);
  } catch (second) {
    if (run.signal.aborted) throw run.signal.reason;
    // Offline, the new tickets cannot be had either; what failed is the put.
    throw putError(second instanceof UploadError && second.stage === 'presign' ? first : second);
  }
}

async function putRound(
  steps: UploadSteps,
  pictures: EncodedPair,
  run: UploadRun,
  networkRetries: number,
): Promise<UploadTicket[]> {
  const presigned = await inStage('presign', () => steps.presign(pictures, run.signal));
  const pairs = pictures.map((picture) => ({
    picture,
    ticket: ticketFor(picture, presigned, steps.insecure),
  }));
  run.onProgress('presign', 1);
  const other = new AbortController();
  const signal = AbortSignal.any([run.signal, other.signal]);
  const report = sumProgress(pictures, run);
  const budget = { network: networkRetries, server: putRetries };
  try {
    await Promise.all(
      pairs.map(({ picture, ticket }) =>
        putOne(steps, picture, ticket, budget, signal, (loaded) => report(picture, loaded)),
      ),
    );
  } catch (error) {
    // One picture without the other is of no use: stop the other's traffic too.
    other.abort(error);
    throw error;
  }
  return pairs.map(({ ticket }) => ticket);
}

async function putOne(
  { putFile, clock, random, stallMs }: UploadSteps,
  picture: EncodedPicture,
  ticket: UploadTicket,
  budget: { network: number; server: number },
  signal: AbortSignal,
  onProgress: (loaded: number) => void,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await putFile({ ticket, blob: picture.blob, signal, stallMs, clock, onProgress });
      return onProgress(picture.blob.size);
    } catch (error) {
      // The first put arrived and only its answer was lost: the ticket pins type and length, so it is this body.
      if (tries > 0 && error instanceof HttpError && (error.status === 409 || error.status === 412)) return;
      const kind = error instanceof NetworkError ? 'network' : 'server';
      if (!(error instanceof VisavisError) || !error.retryable || budget[kind] === 0) throw error;
      budget[kind] -= 1;
      const asked = error instanceof HttpError ? error.retryAfterMs : undefined;
      await wait(clock, asked ?? backoffMs(tries, putBackoff, random), signal);
    }
  }
}

function sumProgress(pictures: EncodedPair, run: UploadRun) {
  const sent = new Map<EncodedPicture, number>();
  const total = pictures.reduce((sum, { blob }) => sum + blob.size, 0);
  run.onProgress('put', 0, total);
  return (picture: EncodedPicture, loaded: number) => {
    sent.set(picture, loaded);
    run.onProgress(
      'put',
      [...sent.values()].reduce((sum, bytes) => sum + bytes, 0),
      total,
    );
  };
}

function ticketFor(picture: EncodedPicture, { uploads }: Presigned, insecure: boolean): UploadTicket {
  const ticket = uploads.find(({ kind }) => kind === picture.kind);
  if (!ticket)
    throw new UploadError(
      'BAD_RESPONSE',
      'presign',
      `unable to put the picture; no ticket for "${picture.kind}"`,
    );
  const url = URL.canParse(ticket.url) ? new URL(ticket.url) : undefined;
  const safe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && (insecure || isLoopback(url.hostname)));
  if (!safe) {
    throw new UploadError(
      'UNSAFE_URL',
      'presign',
      'unable to put the picture; the storage address is not https',
    );
  }
  return ticket;
}

/** Storage hosts say 403 for a ticket that ran out, and without CORS headers a page sees no answer at all. */
function mayBeExpired(error: unknown): boolean {
  return (error instanceof HttpError && error.status === 403) || error instanceof NetworkError;
}

function putError(error: unknown): unknown {
  if (!(error instanceof VisavisError) || error instanceof UploadError) return error;
  if (error.code === 'TIMEOUT') return uploadError('UPLOAD_STALLED', 'put', error);
  return uploadError(error.code === 'FORBIDDEN' ? 'UPLOAD_EXPIRED' : 'UPLOAD_FAILED', 'put', error);
}

/** Tells in which stage a step failed; file errors, wrong arguments and the caller's abort pass as they are. */
async function inStage<T>(stage: UploadStage, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const told =
      !(error instanceof VisavisError) || error instanceof FileError || error instanceof UploadError;
    throw told ? error : uploadError('UPLOAD_FAILED', stage, error);
  }
}

function uploadError(code: ErrorCode, stage: UploadStage, cause: VisavisError): UploadError {
  const superseded = cause instanceof HttpError && cause.serverCode === 'SUPERSEDED';
  const why = cause.message.replace(/^unable to [^;]*; /, '');
  return new UploadError(
    superseded ? 'UPLOAD_SUPERSEDED' : code,
    stage,
    `unable to upload the picture; ${why}`,
    {
      cause,
      retryable: !superseded && cause.retryable,
    },
  );
}
