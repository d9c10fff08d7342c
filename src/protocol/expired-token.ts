import * as z from 'zod/mini';

const refusal = z.object({ error: z.optional(z.string()), message: z.optional(z.string()) });

/** A missing token is 401; an invalid or expired one is that too, or 403 with the word in its text. */
export function isExpiredToken(status: number, body: unknown): boolean {
  if (status === 401) return true;
  const { data } = refusal.safeParse(body);
  return status === 403 && /\btoken\b/i.test(data?.error ?? data?.message ?? '');
}
