import * as z from 'zod/mini';
import { ResponseError } from '../errors.ts';
import { type AvatarFact, type Picture, type Stamp, StampRank, type UserFact } from '../facts.ts';
import type { ParseContext } from './route.ts';
import { id, nullableUrl, serverTime, version } from './schemas.ts';

export const stampFields = { avatar_version: z.nullish(version), updated_at: z.nullish(serverTime) };
export const avatarFields = {
  avatar_url: nullableUrl,
  avatar_thumb_url: z.optional(nullableUrl),
  ...stampFields,
};
const nameFields = { display_name: z.nullish(z.string()), username: z.nullish(z.string()) };

/** A user as profiles, events and change feeds carry them. */
export const profileRow = z.object({
  id,
  ...nameFields,
  ...avatarFields,
  avatar_url: z.optional(nullableUrl),
});

type Row = z.output<typeof profileRow>;
type AvatarRow = Pick<Row, 'avatar_thumb_url' | keyof typeof stampFields> & {
  readonly avatar_url: string | null;
};

export function avatarFact(userId: string, row: AvatarRow, context: ParseContext): AvatarFact {
  return { kind: 'avatar', userId, picture: picture(row, context), stamp: stampOf(row, context) };
}

function picture(row: AvatarRow, context: ParseContext): Picture | null {
  if (row.avatar_url === null) return null;
  return {
    url: safeUrl('avatar_url', row.avatar_url, context),
    thumbUrl: safeUrl('avatar_thumb_url', row.avatar_thumb_url ?? row.avatar_url, context),
  };
}

export function safeUrl(path: string, url: string, context: ParseContext): string {
  const resolved = context.isSafeUrl(url) ? context.resolveUrl(url) : '';
  if (context.isSafeUrl(resolved)) return resolved;
  throw new ResponseError(`unable to show the picture; its address in "${path}" is not safe`, [
    { path, message: 'unsafe address' },
  ]);
}

export function stampOf(row: Pick<Row, keyof typeof stampFields>, { isStamped, at }: ParseContext): Stamp {
  if (!isStamped) return { rank: StampRank.arrival, value: at };
  if (typeof row.avatar_version === 'number') return { rank: StampRank.version, value: row.avatar_version };
  if (typeof row.updated_at === 'number') return { rank: StampRank.serverTime, value: row.updated_at };
  return { rank: StampRank.arrival, value: at };
}

/** Facts of the fields that are there: a row or event without a field says nothing about it. */
export function profileFacts(userId: string, row: Omit<Row, 'id'>, context: ParseContext): UserFact[] {
  const stamp = stampOf({ updated_at: row.updated_at }, context);
  const facts: UserFact[] = [];
  const { avatar_url, display_name, username } = row;
  if (avatar_url !== undefined) facts.push(avatarFact(userId, { ...row, avatar_url }, context));
  if (typeof display_name === 'string') facts.push({ kind: 'name', userId, value: display_name, stamp });
  if (typeof username === 'string') facts.push({ kind: 'username', userId, value: username, stamp });
  return facts;
}
