import { ResponseError } from '../errors.ts';
import type { Fact } from '../facts.ts';
import { isLoopback, isSafePictureUrl } from '../lib/avatar-url.ts';
import type { EventParser, ParseContext, Route } from '../protocol/route.ts';

/** The backend under examination, and as whom it is asked. */
export interface Patient {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly userId: string;
  readonly token: string | null;
  /** Where the app's pages come from; `null` when not known. */
  readonly origin: string | null;
  /** Milliseconds until a request counts as unanswered. */
  readonly timeoutMs: number;
  /** Whether checks may change what the backend holds. */
  readonly mayWrite: boolean;
}

/** An answer as it came. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** JSON where it is JSON, else text. */
  readonly body: unknown;
  readonly ms: number;
}

/** No answer came. `message` says why. */
export class NoReply extends Error {}

export async function askAt(patient: Patient, url: string, init: RequestInit): Promise<Reply> {
  const start = performance.now();
  try {
    const signal = AbortSignal.timeout(patient.timeoutMs);
    const response = await fetch(url, { redirect: 'manual', ...init, signal });
    const text = await response.text();
    const ms = Math.round(performance.now() - start);
    return { status: response.status, headers: response.headers, body: readJson(text), ms };
  } catch (error) {
    throw new NoReply(reasonOf(error, patient.timeoutMs));
  }
}

/** Sends a preset's route once, with the token or another. */
export async function ask<Input>(
  patient: Patient,
  route: Route<Input, unknown>,
  input: Input,
  token = patient.token,
): Promise<Reply> {
  const headers = new Headers({ accept: 'application/json', ...route.headers?.(input) });
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  if (patient.origin) headers.set('origin', patient.origin);
  const json = route.body && JSON.stringify(await route.body(input));
  if (json !== undefined) headers.set('content-type', 'application/json');
  const body = route.form?.(input) ?? json;
  const { method } = route;
  return askAt(patient, urlOf(patient, route, input), {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
}

export function urlOf<Input>({ baseUrl }: Patient, route: Route<Input, unknown>, input: Input): string {
  return `${baseUrl}${route.path(input)}`;
}

/** What the preset makes of an answer, or why it cannot. */
export function understand<Input, Output>(
  patient: Patient,
  route: Route<Input, Output>,
  input: Input,
  { status, body }: Reply,
): Output | ResponseError {
  const context = contextOf(patient);
  try {
    return route.parse({ status, body, at: context.at }, input, context);
  } catch (error) {
    if (error instanceof ResponseError) return error;
    throw error;
  }
}

/** What an event states; nothing where it does not fit. */
export function factsIn(
  patient: Patient,
  events: Readonly<Record<string, EventParser>>,
  name: string,
  payload: unknown,
): readonly Fact[] {
  try {
    return events[name]?.(payload, contextOf(patient)) ?? [];
  } catch {
    return [];
  }
}

export function contextOf({ baseUrl, userId }: Patient): ParseContext {
  const { protocol, hostname } = new URL(baseUrl);
  const insecure = protocol === 'http:' && !isLoopback(hostname);
  return {
    userId,
    at: Date.now(),
    isStamped: true,
    resolveUrl: (url) => (URL.canParse(url) ? url : new URL(url, `${baseUrl}/`).href),
    isSafeUrl: (url) => isSafePictureUrl(url, { insecure }),
  };
}

function readJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'there is no such host',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
};

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const known = typeof code === 'string' ? reasons[code] : undefined;
  return known ?? (cause instanceof Error ? cause.message : String(error));
}
