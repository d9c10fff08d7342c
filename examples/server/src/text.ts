import { z } from 'zod';

export const userIdPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Text PostgreSQL can hold and JSON can carry: no NUL, no lone surrogate. */
export const text = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .refine((value) => !/[\0\p{Surrogate}]/u.test(value), 'has characters that cannot be stored');

export const userId = z.string().regex(userIdPattern, 'is not a user id');

/** A user id as clients may spell it: `1` and `"1"` are one. */
export const looseUserId = z.union([z.string(), z.number().int()]).transform(String).pipe(userId);

/** What is left of a name once nothing in it can do harm in a database or in JSON. */
export function storableName(name: string): string {
  return name.slice(0, 255).replace(/[\0\p{Surrogate}]/gu, '');
}

/** A name people see: trimmed, 1 to 80 characters as they count them, no control characters. */
export const displayName = text(1000)
  .transform((value) => value.trim())
  .refine((value) => {
    const length = [...new Intl.Segmenter().segment(value)].length;
    return length >= 1 && length <= 80;
  }, 'must be 1 to 80 characters')
  .refine((value) => !/\p{Cc}/u.test(value), 'has control characters');
