import { z } from 'zod';

/** What an answer of FCM means for one token. */
export type FcmAnswer =
  | { kind: 'sent' }
  /** The token will never work again. */
  | { kind: 'dead' }
  /** The access token is not taken. */
  | { kind: 'signedOut' }
  | { kind: 'later'; why: string; holdMs: number | undefined }
  | { kind: 'refused'; why: string };

const refusal = z.object({
  error: z.object({
    status: z.string().optional(),
    details: z
      .array(
        z.object({
          errorCode: z.string().optional(),
          fieldViolations: z.array(z.object({ field: z.string().optional() })).optional(),
        }),
      )
      .default([]),
  }),
});

/** FCM's own codes; a bare 404 is a wrong project, and must cost nobody their token. */
const deadCodes = new Set(['UNREGISTERED', 'SENDER_ID_MISMATCH']);
/** A quota lasts a minute, and Google does not always say so. */
const QUOTA_MS = 60_000;
const LONGEST_HOLD_MS = 5 * 60_000;

export async function readFcmAnswer(response: Response, now: number): Promise<FcmAnswer> {
  const text = await response.text();
  const { status } = response;
  if (response.ok) return { kind: 'sent' };
  const parsed = refusal.safeParse(parse(text));
  const { error } = parsed.success ? parsed.data : { error: { status: undefined, details: [] } };
  const code = error.details.find((detail) => detail.errorCode !== undefined)?.errorCode ?? error.status;
  const violated = error.details.flatMap((detail) => detail.fieldViolations ?? []);
  const isBadToken = status === 400 && violated.some(({ field }) => field === 'message.token');
  if (isBadToken || (code !== undefined && deadCodes.has(code))) return { kind: 'dead' };
  const why = `HTTP ${status} ${code ?? 'without a code'}`;
  if (status === 429 || status >= 500) {
    const asked = retryAfterMs(response.headers.get('retry-after'), now);
    return { kind: 'later', why, holdMs: asked ?? (status === 429 ? QUOTA_MS : undefined) };
  }
  return status === 401 ? { kind: 'signedOut' } : { kind: 'refused', why };
}

function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 1000), LONGEST_HOLD_MS);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
