import type { UploadStage } from './models.ts';

/** Every value that {@link VisavisError.code} can have; each is explained in docs/errors.md. */
export const errorCodes = [
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'TOKEN_UNAVAILABLE',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'TOO_LARGE',
  'WRONG_TYPE',
  'RATE_LIMITED',
  'SERVER_ERROR',
  'HTTP_ERROR',
  'NETWORK',
  'TIMEOUT',
  'BAD_RESPONSE',
  'UNSUPPORTED',
  'FILE_EMPTY',
  'FILE_TYPE',
  'FILE_TOO_LARGE',
  'FILE_TOO_MANY_PIXELS',
  'FILE_CORRUPT',
  'ENCODER_UNAVAILABLE',
  'UPLOAD_FAILED',
  'UPLOAD_STALLED',
  'UPLOAD_EXPIRED',
  'UPLOAD_SUPERSEDED',
  'UNSAFE_URL',
  'REALTIME_UNAUTHORIZED',
  'REALTIME_UNREACHABLE',
  'DISPOSED',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Base of everything visavis throws, except a caller's own abort reason and `TypeError` for wrong arguments. */
export class VisavisError extends Error {
  override readonly name: string = 'VisavisError';
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** What an {@link HttpError} knows beside its code. */
export interface HttpErrorDetails {
  readonly status: number;
  /** Where the status does not tell; default: what the status means. */
  readonly code?: ErrorCode | undefined;
  /** The backend's own machine-readable code, if its body had one. */
  readonly serverCode?: string | undefined;
  /** The answer's `x-request-id`, if a page may read it. */
  readonly requestId?: string | undefined;
  /** Milliseconds to wait, from `Retry-After` (RFC 9110, 10.2.3), clamped to 1 s … 5 min. */
  readonly retryAfterMs?: number | undefined;
}

/** The backend answered with a failure. */
export class HttpError extends VisavisError {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly serverCode: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: HttpErrorDetails) {
    super(details.code ?? httpCode(details.status), message, {
      retryable: details.status === 429 || details.status === 408 || details.status >= 500,
    });
    this.status = details.status;
    this.serverCode = details.serverCode;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** No answer came: offline, refused, reset, or blocked by CORS (a page cannot tell them apart). */
export class NetworkError extends VisavisError {
  override readonly name = 'NetworkError';
  /** Whether the request may have left this device. */
  readonly bodyLeft: boolean;
  /** Whether a connection that was there was lost, and not closed by the client, while the request was on it. */
  readonly connectionLost: boolean;

  constructor(
    message: string,
    options: { cause?: unknown; bodyLeft?: boolean; connectionLost?: boolean } = {},
  ) {
    super('NETWORK', message, { ...('cause' in options ? { cause: options.cause } : {}), retryable: true });
    this.bodyLeft = options.bodyLeft ?? true;
    this.connectionLost = options.connectionLost ?? false;
  }
}

/** No answer came in time. */
export class TimeoutError extends VisavisError {
  override readonly name = 'TimeoutError';
  readonly timeoutMs: number;

  constructor(message: string, timeoutMs: number) {
    super('TIMEOUT', message, { retryable: true });
    this.timeoutMs = timeoutMs;
  }
}

/** One mismatch between an answer or event and its schema. */
export interface ResponseIssue {
  /** Where in the body, for example `uploads.0.url`. */
  readonly path: string;
  readonly message: string;
}

/** The backend answered with something that is not what its preset says. */
export class ResponseError extends VisavisError {
  override readonly name = 'ResponseError';
  readonly issues: readonly ResponseIssue[];

  constructor(message: string, issues: readonly ResponseIssue[], options: { cause?: unknown } = {}) {
    super('BAD_RESPONSE', message, options);
    this.issues = issues;
  }
}

/** The codes of a {@link FileError}. */
export type FileErrorCode =
  | 'FILE_EMPTY'
  | 'FILE_TYPE'
  | 'FILE_TOO_LARGE'
  | 'FILE_TOO_MANY_PIXELS'
  | 'FILE_CORRUPT';

/** The picked file cannot become a picture. Nothing was sent. */
export class FileError extends VisavisError {
  override readonly name = 'FileError';
  override readonly code: FileErrorCode;
  /** Figures behind the refusal, for example `{ bytes: 31000000, maxBytes: 30000000 }`. */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: FileErrorCode, message: string, details: Readonly<Record<string, string | number>> = {}) {
    super(code, message);
    this.code = code;
    this.details = details;
  }
}

/** An upload ended without a published picture. `cause` is the error of the step, where there was one. */
export class UploadError extends VisavisError {
  override readonly name = 'UploadError';
  readonly stage: UploadStage;
  /** Milliseconds to wait before the next try, where the backend said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    stage: UploadStage,
    message: string,
    options: { retryable?: boolean; cause?: unknown } = {},
  ) {
    super(code, message, options);
    this.stage = stage;
    this.retryAfterMs = options.cause instanceof HttpError ? options.cause.retryAfterMs : undefined;
  }
}

/** The realtime connection, or a command on it, was refused. A refused send has it as its `error`. */
export class RealtimeError extends VisavisError {
  override readonly name = 'RealtimeError';
  /** The backend's own machine-readable code, where it gave one. */
  readonly serverCode: string | undefined;
  /** Milliseconds to wait, where the backend said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      retryable?: boolean;
      cause?: unknown;
      serverCode?: string;
      retryAfterMs?: number | undefined;
    } = {},
  ) {
    super(code, message, options);
    this.serverCode = options.serverCode;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Whether a read nobody waits for is worth repeating: anything but a refusal may pass, a garbled answer too. */
export function mayPass(error: unknown): boolean {
  return error instanceof VisavisError && (error.retryable || error.code === 'BAD_RESPONSE');
}

/** What the backend has; throws `UNSUPPORTED` where it has no such thing. */
export function offered<T>(part: T | null | undefined, what: string): T {
  if (part) return part;
  throw new VisavisError('UNSUPPORTED', `unable to ${what}; the backend has no such thing`);
}

function httpCode(status: number): ErrorCode {
  switch (status) {
    case 400:
    case 422:
      return 'BAD_REQUEST';
    case 401:
      return 'UNAUTHORIZED';
    case 403:
      return 'FORBIDDEN';
    case 404:
    case 410:
      return 'NOT_FOUND';
    case 409:
      return 'CONFLICT';
    case 413:
      return 'TOO_LARGE';
    case 415:
      return 'WRONG_TYPE';
    case 429:
      return 'RATE_LIMITED';
    default:
      return status >= 500 ? 'SERVER_ERROR' : 'HTTP_ERROR';
  }
}
