/** What {@link fetchByXhr} understands of a request. */
export interface XhrInit {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: Blob | FormData | string;
  /** Whether cookies go along to another origin. */
  readonly withCredentials?: boolean;
  readonly signal: AbortSignal;
}

/** Tells how many bytes of the body are sent, and how many there are. */
export type OnSent = (loaded: number, total: number) => void;

/** Whether this place can tell how far a body is sent. */
export const hasXhr = () => typeof XMLHttpRequest !== 'undefined';

/** `fetch` by XMLHttpRequest, because `fetch` does not tell upload progress. Rejects as `fetch` does. */
export function fetchByXhr(url: string, init: XhrInit, onSent: OnSent): Promise<Response> {
  const { signal } = init;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const xhr = new XMLHttpRequest();

    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', onAbort);
      xhr.onload = xhr.onerror = xhr.upload.onprogress = null;
      finish();
    };
    const onAbort = () => {
      settle(() => reject(signal.reason));
      xhr.abort();
    };

    xhr.open(init.method, url);
    xhr.withCredentials = init.withCredentials ?? false;
    for (const [name, value] of init.headers) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded, total }) => onSent(loaded, total);
    xhr.onload = () => settle(() => resolve(Promise.resolve(xhr).then(responseOf)));
    xhr.onerror = () => settle(() => reject(new TypeError('the request failed')));
    signal.addEventListener('abort', onAbort, { once: true });
    xhr.send(init.body ?? null);
  });
}

function responseOf(xhr: XMLHttpRequest): Response {
  const lines = xhr.getAllResponseHeaders().matchAll(/^(.+?): (.*)$/gm);
  const headers = [...lines].map(([, name = '', value = '']): [string, string] => [name, value]);
  // An answer without a body must have none here either (Fetch, 2.2.6).
  return new Response(xhr.responseText || null, { status: xhr.status, headers });
}
