import { ZodError } from 'zod';

type Refusal = [status: number, code: string, text: string];

/** A refusal the caller may read: a status, a machine `code` and a human text. Anything else becomes a bare 500. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, text: string, options?: ErrorOptions) {
    super(text, options);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

const tooManyParts: Refusal = [413, 'TOO_MANY_PARTS', 'unable to read the form; it has too many parts'];

const fromFastify: Record<string, Refusal> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'BODY_TOO_LARGE', 'unable to read the request; the body is too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    'UNSUPPORTED_BODY',
    'unable to read the request; send application/json',
  ],
  FST_INVALID_MULTIPART_CONTENT_TYPE: [
    415,
    'UNSUPPORTED_BODY',
    'unable to read the request; send multipart/form-data',
  ],
  FST_REQ_FILE_TOO_LARGE: [413, 'FILE_TOO_LARGE', 'unable to take the picture; the file is too large'],
  FST_FILES_LIMIT: tooManyParts,
  FST_FIELDS_LIMIT: tooManyParts,
  FST_PARTS_LIMIT: tooManyParts,
};

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}

/** Turns whatever was thrown into something safe to send: no stack, no SQL, no path. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    const where = issue?.path.map(String).join('.') || 'body';
    return new ApiError(
      400,
      'INVALID_REQUEST',
      `unable to read the request; ${where}: ${issue?.message ?? 'invalid'}`,
    );
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = fromFastify[code];
  if (known) return new ApiError(...known);
  const status = statusOf(error);
  // The file server says 403 of paths it will not look at.
  if (status === 403 || status === 404)
    return new ApiError(404, 'NOT_FOUND', 'unable to answer; there is nothing at this address');
  if (status < 500)
    return new ApiError(status, 'INVALID_REQUEST', 'unable to read the request; it is malformed');
  return new ApiError(500, 'INTERNAL', 'unable to answer; something broke on the server');
}
