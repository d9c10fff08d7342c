import { HttpError, NetworkError, UploadError, VisavisError } from '../errors.ts';
import { isLoopback } from '../lib/avatar-url.ts';
import { backoffMs } from '../lib/backoff.ts';
import { wait } from '../lib/wait.ts';
import type { EncodedPicture, Presigned, UploadTicket } from '../models.ts';
import type { CompleteInput, DirectRoutes } from '../protocol/route.ts';
import {
  filenameOf,
  inStage,
  type Pictures,
  type Sending,
  type Uploader,
  type UploadSettings,
  uploadError,
} from './upload.ts';

interface DirectSteps
  extends Pick<UploadSettings<unknown>, 'putFile' | 'clock' | 'random' | 'stallMs' | 'insecure'> {
  presign(pictures: Pictures, signal: AbortSignal): Promise<Presigned>;
}

/** Puts of both pictures together may fail this often for a passing reason of each kind. */
const putRetries = 3;
const putBackoff = { baseMs: 500, maxMs: 4_000 };

/** The pictures go straight to a storage host: presign → put → complete. */
export function directUpload(settings: UploadSettings<DirectRoutes>): Uploader {
  const { routes, http, userId } = settings;

  const presign = (pictures: readonly EncodedPicture[], signal: AbortSignal | undefined) => {
    const files = pictures.map((picture) => ({
      kind: picture.kind,
      filename: filenameOf(picture),
      contentType: picture.type,
      size: picture.blob.size,
    }));
    return http.call(routes.presign, { files }, { signal });
  };

  const complete = (uploads: CompleteInput['uploads'], signal: AbortSignal | undefined) =>
    http.call(routes.complete, { userId, uploads }, { signal });

  return {
    presign,
    complete,
    async send(pictures, sending) {
      const { signal, onProgress } = sending;
      onProgress('presign', 0);
      const tickets = await putAll({ ...settings, presign }, pictures, sending);

      onProgress('complete', 0);
      const uploads = tickets.map(({ kind, key, url }) => ({ kind, key, url }));
      const fact = await inStage('complete', () => complete(uploads, signal));
      onProgress('complete', 1);
      return fact;
    },
  };
}

/**
 * Presigns and puts both pictures. A ticket may have run out on the way (a long crop, a slow line), so the first refusal,
 * or answer that a page may not read, gets new tickets; after that only passing failures are tried again.
 */
async function putAll(steps: DirectSteps, pictures: Pictures, sending: Sending): Promise<UploadTicket[]> {
  const first = await putRound(steps, pictures, sending, 0).catch((error: unknown) => error);
  if (Array.isArray(first)) return first;
  if (sending.signal.aborted) throw sending.signal.reason;
  if (!mayBeExpired(first)) throw putError(first);
  try {
    return await putRound(steps, pictures, sending, putRetries);
  } catch (second) {
    if (sending.signal.aborted) throw sending.signal.reason;
    // Offline, the new tickets cannot be had either; what failed is the put.
    throw putError(second instanceof UploadError && second.stage === 'presign' ? first : second);
  }
}

async function putRound(
  steps: DirectSteps,
  pictures: Pictures,
  sending: Sending,
  networkRetries: number,
): Promise<UploadTicket[]> {
  const presigned = await inStage('presign', () => steps.presign(pictures, sending.signal));
  const pairs = pictures.map((picture) => ({
    picture,
    ticket: ticketFor(picture, presigned, steps.insecure),
  }));
  sending.onProgress('presign', 1);
  const other = new AbortController();
  const signal = AbortSignal.any([sending.signal, other.signal]);
  const report = sumProgress(pictures, sending);
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
  { putFile, clock, random, stallMs }: DirectSteps,
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

function sumProgress(pictures: Pictures, sending: Sending) {
  const sent = new Map<EncodedPicture, number>();
  const total = pictures.reduce((sum, { blob }) => sum + blob.size, 0);
  sending.onProgress('put', 0, total);
  return (picture: EncodedPicture, loaded: number) => {
    sent.set(picture, loaded);
    sending.onProgress(
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
  return uploadError('put', error, error.code === 'FORBIDDEN' ? 'UPLOAD_EXPIRED' : undefined);
}
