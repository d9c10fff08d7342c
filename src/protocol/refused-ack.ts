import * as z from 'zod/mini';
import { type ErrorCode, RealtimeError } from '../errors.ts';

const refusedAck = z.object({
  ok: z.literal(false),
  code: z.optional(z.string()),
  error: z.optional(z.string()),
  retry_after_ms: z.optional(z.number()),
});

/** What a backend's own codes mean; an unknown one is a refusal for good. */
const codes: Readonly<Partial<Record<string, ErrorCode>>> = {
  RATE_LIMITED: 'RATE_LIMITED',
  TOO_MANY_EVENTS: 'RATE_LIMITED',
  SERVER_ERROR: 'SERVER_ERROR',
  INTERNAL: 'SERVER_ERROR',
  UNAVAILABLE: 'SERVER_ERROR',
  INVALID_REQUEST: 'BAD_REQUEST',
  BAD_REQUEST: 'BAD_REQUEST',
  NOT_FOUND: 'NOT_FOUND',
  CLIENT_ID_CONFLICT: 'CONFLICT',
};

/** What a backend's own code means. */
export function codeOf(code: string): { readonly code: ErrorCode; readonly retryable: boolean } {
  const known = codes[code] ?? 'FORBIDDEN';
  return { code: known, retryable: known === 'RATE_LIMITED' || known === 'SERVER_ERROR' };
}

/** Throws when the acknowledgement of a command says that it was refused. */
export function rejectRefusal(ack: unknown, purpose: string): void {
  const refused = refusedAck.safeParse(ack);
  if (!refused.success) return;
  const { code: serverCode = 'SERVER_ERROR', error = 'the backend gave no reason' } = refused.data;
  const { code, retryable } = codeOf(serverCode);
  throw new RealtimeError(code, `unable to ${purpose}; ${error} (${serverCode})`, {
    retryable,
    serverCode,
    retryAfterMs: refused.data.retry_after_ms,
  });
}
