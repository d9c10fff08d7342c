import * as z from 'zod/mini';
import { ResponseError } from '../errors.ts';

/** Backends name users by numbers or strings; `1` and `"1"` are one user. */
export const id = z.pipe(
  z.union([
    z.string().check(z.minLength(1), z.maxLength(256)),
    z.number().check(z.refine(Number.isSafeInteger)),
  ]),
  z.transform(String),
);

/** An address, or `null` for none; an empty one is none. */
export const nullableUrl = z.pipe(
  z.nullable(z.string()),
  z.transform((url) => url || null),
);

export const version = z.number().check(z.refine((n) => Number.isSafeInteger(n) && n >= 0));

/** Milliseconds since 1970 from an ISO 8601 time; one without a zone is UTC. */
export const serverTime = z.pipe(
  z.string(),
  z.transform((text, context) => {
    const ms = timeOf(text);
    if (Number.isNaN(ms)) {
      context.issues.push({ code: 'custom', message: 'not a time', input: text });
      return z.NEVER;
    }
    return ms;
  }),
);

/** An optional {@link serverTime} without its schema; `NaN` for what is no time. */
export function readTime(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return value;
  return typeof value === 'string' ? timeOf(value) : Number.NaN;
}

function timeOf(text: string): number {
  const isZoned = text.endsWith('Z') || /(?:z|[+-]\d\d:?\d\d)$/i.test(text);
  return Date.parse(isZoned ? text : `${text}Z`);
}

/** The value as `schema` describes it, or a `ResponseError` that says where it differs. */
export function parse<T>(schema: z.ZodMiniType<T>, value: unknown, purpose: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }));
  const [first] = issues;
  throw new ResponseError(
    `unable to ${purpose}; the answer differs from its schema at "${first?.path ?? ''}": ${first?.message ?? ''}`,
    issues,
    { cause: result.error },
  );
}
