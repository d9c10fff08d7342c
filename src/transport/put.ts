import { HttpError, NetworkError, TimeoutError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import { startTimeout } from '../lib/timeout.ts';
import type { UploadTicket } from '../models.ts';
import { retryAfterMs } from './retry-after.ts';
import { fetchByXhr, hasXhr } from './xhr.ts';

/** One body on its way to a storage host. */
export interface PutRequest {
  readonly ticket: UploadTicket;
  readonly blob: Blob;
  readonly signal: AbortSignal;
  /** Milliseconds without progress until it counts as stalled. */
  readonly stallMs: number;
  readonly clock: Clock;
  /** Bytes sent so far. */
  onProgress(loaded: number): void;
}

/** Sends a body to a storage host: resolves on 2xx; rejects with `HttpError`, `NetworkError` or `TimeoutError`. */
export type PutFile = (request: PutRequest) => Promise<void>;

/** By XMLHttpRequest where there is one, because `fetch` does not tell upload progress. */
export const putFile: PutFile = async ({ ticket, blob, signal, stallMs, clock, onProgress }) => {
  const { method, url } = ticket;
  const headers = new Headers(ticket.headers);
  const stall = startTimeout(clock, stallMs);
  const init = {
    method,
    headers,
    body: bodyOf(ticket, blob),
    signal: AbortSignal.any([signal, stall.signal]),
  };
  try {
    const response = hasXhr()
      ? await fetchByXhr(url, init, (loaded) => {
          stall.restart();
          // A form's own bytes come on top of the file's.
          onProgress(Math.min(loaded, blob.size));
        })
      : await fetch(url, {
          ...init,
          credentials: 'omit',
          redirect: 'error',
          referrerPolicy: 'no-referrer',
        });
    if (!response.ok) throw refused(response.status, response.headers.get('retry-after'), clock.now());
    onProgress(blob.size);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (stall.signal.aborted) throw stalled(stallMs);
    throw cause instanceof HttpError ? cause : unreachable(cause);
  } finally {
    stall.cancel();
  }
};

function bodyOf({ method, fields }: UploadTicket, blob: Blob): Blob | FormData {
  if (method === 'PUT') return blob;
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // The file comes last: storage hosts ignore fields that follow it.
  form.append('file', blob);
  return form;
}

const refused = (status: number, retryAfter: string | null, now: number) =>
  new HttpError(`unable to put the picture; the storage host refused it (HTTP ${status})`, {
    status,
    retryAfterMs: retryAfterMs(retryAfter, now),
  });

const unreachable = (cause?: unknown) =>
  new NetworkError(
    'unable to put the picture; the storage host cannot be reached, or refused without CORS headers',
    {
      cause,
    },
  );

const stalled = (stallMs: number) =>
  new TimeoutError(`unable to put the picture; nothing moved for ${stallMs} ms`, stallMs);
