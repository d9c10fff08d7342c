import * as z from 'zod/mini';
import { ResponseError } from '../errors.ts';
import { isId } from '../lib/ids.ts';
import { isTime, timeOf } from './wire-time.ts';

/** An id as it comes: backends name things by numbers or strings. */
export const wireId = z.union([
  z.string().check(z.refine(isId)),
  z.number().check(z.refine(Number.isSafeInteger)),
]);

/** An id as the SDK keeps it: `1` and `"1"` are the same. */
export const id = z.pipe(wireId, z.transform(String));

/** A text of at least one character. */
export const someText = z.string().check(z.minLength(1));

/** An address, or `null` for none; an empty one is none. */
export const nullableUrl = z.pipe(
  z.nullable(z.string()),
  z.transform((url) => url || null),
);

/** An object of values of one kind under any names. */
export const mapOf = <T>(isValue: (value: unknown) => value is T) =>
  z.custom<Readonly<Record<string, T>>>(
    (map) =>
      typeof map === 'object' && map !== null && !Array.isArray(map) && Object.values(map).every(isValue),
  );

/** A version, a number in a row, or how many there are. */
export const count = z.number().check(z.refine((n) => Number.isSafeInteger(n) && n >= 0));

/** An ISO 8601 time as it comes. */
export const wireTime = z.string().check(z.refine(isTime, { error: 'not a time' }));

/** Milliseconds since 1970 from an ISO 8601 time; one without a zone is UTC. */
export const serverTime = z.pipe(wireTime, z.transform(timeOf));

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
