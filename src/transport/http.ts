import { HttpError, NetworkError, ResponseError, TimeoutError, VisavisError } from '../errors.ts';
import { type Backoff, backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { startTimeout } from '../lib/timeout.ts';
import { raceAbort, wait } from '../lib/wait.ts';
import type { Answer, ParseContext, Route } from '../protocol/route.ts';
import type { Auth } from './auth.ts';
import { retryAfterMs } from './retry-after.ts';
import { fetchByXhr, hasXhr, type OnSent } from './xhr.ts';

export interface HttpSettings {
  readonly baseUrl: string;
  readonly auth: Auth;
  /** The app's own; else the page's, and XMLHttpRequest for what tells its progress. */
  readonly fetch: typeof fetch | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly arrival: () => number;
  readonly context: Omit<ParseContext, 'at'>;
  readonly isExpiredToken: (status: number, body: unknown) => boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: RequestCredentials;
  /** Milliseconds until one attempt counts as unanswered. */
  readonly timeoutMs: number;
  /** Milliseconds without progress until an upload counts as stalled. */
  readonly stallMs: number;
  /** How often a failed idempotent request is sent again. */
  readonly retries: number;
  /** Ends every call, with its reason, when the client is disposed. */
  readonly life: AbortSignal;
  /** Called when even a fresh token was refused. */
  onSignedOut(): void;
  /** Called with every success: the token is good. */
  onAccepted(): void;
}

/** Options of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** For bodies that take their time: told how far it is sent, and given up only when nothing moves. */
  readonly onSent?: OnSent;
}

export interface Http {
  call<Input, Output>(route: Route<Input, Output>, input: Input, options?: CallOptions): Promise<Output>;
}

const backoff: Backoff = { baseMs: 500, maxMs: 8_000 };
/** A longer `Retry-After` is told to the caller instead of waited for. */
const longestWaitMs = 8_000;

/** Sends a preset's routes: token, timeout, retries, one refresh on an expired token, typed errors. */
export function createHttp(settings: HttpSettings): Http {
  const { auth, clock, random, logger, arrival, context } = settings;

  async function attempt<I, O>(
    route: Route<I, O>,
    input: I,
    token: string | null,
    { signal, onSent }: CallOptions,
  ) {
    const asked = arrival();
    const headers = new Headers({ ...settings.headers, ...route.headers?.(input) });
    headers.set('accept', route.as === 'blob' ? '*/*' : 'application/json');
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    const json = route.body && JSON.stringify(await route.body(input));
    if (json !== undefined) headers.set('content-type', 'application/json');
    const body = route.form?.(input) ?? json;
    const ms = onSent ? settings.stallMs : settings.timeoutMs;
    const timeout = startTimeout(clock, ms);
    const url = `${settings.baseUrl}${route.path(input)}`;
    const init = {
      method: route.method,
      headers,
      signal: signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal,
      ...(body === undefined ? {} : { body }),
    };
    try {
      const response =
        onSent && !settings.fetch && hasXhr()
          ? await fetchByXhr(
              url,
              { ...init, withCredentials: settings.credentials === 'include' },
              (loaded, total) => {
                timeout.restart();
                onSent(loaded, total);
              },
            )
          : await (settings.fetch ?? fetch)(url, { ...init, credentials: settings.credentials });
      const answerBody =
        route.as === 'blob' && response.ok ? await response.blob() : readBody(await response.text());
      return { response, body: answerBody, at: route.method === 'GET' ? asked : arrival() };
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      if (timeout.signal.aborted) {
        throw new TimeoutError(`unable to ${route.purpose}; no answer within ${ms} ms`, ms);
      }
      throw new NetworkError(`unable to ${route.purpose}; the backend cannot be reached`, { cause });
    } finally {
      timeout.cancel();
    }
  }

  async function authorised<I, O>(route: Route<I, O>, input: I, options: CallOptions) {
    const { signal } = options;
    const token = await raceAbort(auth.token(), signal);
    const first = await attempt(route, input, token, options);
    if (!settings.isExpiredToken(first.response.status, first.body)) return first;
    logger.debug(`${route.purpose}: token refused, asking for a new one`);
    const fresh = await raceAbort(auth.refresh(token), signal);
    return attempt(route, input, fresh, options);
  }

  async function once<I, O>(route: Route<I, O>, input: I, options: CallOptions): Promise<O> {
    const { response, body, at } = await authorised(route, input, options);
    const { status } = response;
    const isRefused = settings.isExpiredToken(status, body);
    if (isRefused) settings.onSignedOut();
    else if (response.ok) settings.onAccepted();
    const failed = !response.ok || saysFailure(body);
    if (failed && !route.accepts?.includes(status)) {
      throw httpError(route, response, body, clock.now(), isRefused);
    }
    if (typeof body === 'string' && !route.accepts?.includes(status)) {
      throw new ResponseError(`unable to ${route.purpose}; the answer is not JSON`, [
        {
          path: '',
          message: `expected JSON, got ${response.headers.get('content-type') ?? 'an unnamed type'}`,
        },
      ]);
    }
    const answer: Answer = { status, body, at };
    return route.parse(answer, input, { ...context, at });
  }

  return {
    async call(route, input, { signal: own, ...rest } = {}) {
      const signal = own ? AbortSignal.any([own, settings.life]) : settings.life;
      signal.throwIfAborted();
      for (let tries = 0; ; tries += 1) {
        try {
          return await once(route, input, { signal, ...rest });
        } catch (error) {
          const pause =
            route.idempotent && tries < settings.retries ? retryPause(error, tries, random) : null;
          if (pause === null) throw error;
          logger.debug(`${route.purpose}: trying again in ${Math.round(pause)} ms`, error);
          await wait(clock, pause, signal);
        }
      }
    },
  };
}

/** Milliseconds to wait before the next try, or `null` when trying again is no use now. */
function retryPause(error: unknown, tries: number, random: () => number): number | null {
  if (!(error instanceof VisavisError) || !error.retryable) return null;
  const asked = error instanceof HttpError ? error.retryAfterMs : undefined;
  if (asked === undefined && error.code === 'RATE_LIMITED') return null;
  if (asked === undefined) return backoffMs(tries, backoff, random);
  return asked <= longestWaitMs ? asked : null;
}

function readBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function saysFailure(body: unknown): boolean {
  const { success, ok } = fields(body);
  return success === false || ok === false;
}

function httpError(
  { purpose, refusals, waitMs }: Pick<Route<never, unknown>, 'purpose' | 'refusals' | 'waitMs'>,
  response: Response,
  body: unknown,
  now: number,
  isRefused: boolean,
): HttpError {
  const { code, error, message } = fields(body);
  const said = [message, error].find((text) => typeof text === 'string');
  const reason = String(said ?? 'the backend gave no reason').slice(0, 300);
  return new HttpError(`unable to ${purpose}; ${reason} (HTTP ${response.status})`, {
    status: response.status,
    code: isRefused ? 'UNAUTHORIZED' : refusals?.find(([words]) => words.test(reason))?.[1],
    serverCode: typeof code === 'string' ? code : undefined,
    requestId: response.headers.get('x-request-id') ?? undefined,
    retryAfterMs:
      retryAfterMs(response.headers.get('retry-after'), now) ??
      (response.status === 429 ? waitMs : undefined),
  });
}

function fields(body: unknown): Partial<Record<'code' | 'error' | 'message' | 'success' | 'ok', unknown>> {
  return typeof body === 'object' && body !== null ? body : {};
}
