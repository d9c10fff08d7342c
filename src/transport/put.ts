import { HttpError, NetworkError, TimeoutError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { UploadTicket } from '../models.ts';
import { retryAfterMs } from './retry-after.ts';

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
export const putFile: PutFile = (request) =>
  typeof XMLHttpRequest === 'undefined' ? putByFetch(request) : putByXhr(request);

function putByXhr({ ticket, blob, signal, stallMs, clock, onProgress }: PutRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const xhr = new XMLHttpRequest();
    let cancelStall = () => {};

    const settle = (finish: () => void) => {
      cancelStall();
      signal.removeEventListener('abort', onAbort);
      xhr.onload = xhr.onerror = xhr.onabort = xhr.upload.onprogress = null;
      finish();
    };
    const onAbort = () => {
      settle(() => reject(signal.reason));
      xhr.abort();
    };
    const onStall = () => {
      settle(() => reject(stalled(stallMs)));
      xhr.abort();
    };
    const restartStall = () => {
      cancelStall();
      cancelStall = clock.schedule(onStall, stallMs);
    };

    xhr.open(ticket.method, ticket.url);
    for (const [name, value] of Object.entries(ticket.headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded }) => {
      restartStall();
      // A form's own bytes come on top of the file's.
      onProgress(Math.min(loaded, blob.size));
    };
    xhr.onload = () =>
      settle(() => {
        if (xhr.status >= 200 && xhr.status < 300) return resolve();
        reject(refused(xhr.status, xhr.getResponseHeader('retry-after'), clock.now()));
      });
    xhr.onerror = () => settle(() => reject(unreachable()));
    signal.addEventListener('abort', onAbort, { once: true });
    restartStall();
    xhr.send(bodyOf(ticket, blob));
  });
}

async function putByFetch({ ticket, blob, signal, stallMs, clock, onProgress }: PutRequest): Promise<void> {
  const stall = new AbortController();
  const cancelStall = clock.schedule(() => stall.abort(), stallMs);
  try {
    const response = await fetch(ticket.url, {
      method: ticket.method,
      headers: ticket.headers,
      body: bodyOf(ticket, blob),
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.any([signal, stall.signal]),
    });
    if (!response.ok) throw refused(response.status, response.headers.get('retry-after'), clock.now());
    onProgress(blob.size);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (stall.signal.aborted) throw stalled(stallMs);
    throw cause instanceof HttpError ? cause : unreachable(cause);
  } finally {
    cancelStall();
  }
}

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
