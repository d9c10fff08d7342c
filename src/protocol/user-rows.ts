import * as z from 'zod/mini';
import type { AvatarFact, UserFact } from '../facts.ts';
import type { ParseContext } from './route.ts';
import { count, id, nullableUrl, serverTime } from './schemas.ts';
import { avatarFact, userFacts } from './user-facts.ts';

export const stampFields = { avatar_version: z.nullish(count), updated_at: z.nullish(serverTime) };
export const avatarFields = {
  avatar_url: nullableUrl,
  avatar_thumb_url: z.optional(nullableUrl),
  ...stampFields,
};

/** A user as profiles, events and change feeds carry them. */
export const profileRow = z.object({
  id,
  display_name: z.nullish(z.string()),
  username: z.nullish(z.string()),
  ...avatarFields,
  avatar_url: z.optional(nullableUrl),
});

type Row = z.output<typeof profileRow>;
type StampRow = Pick<Row, keyof typeof stampFields>;
type AvatarRow = StampRow & Pick<Row, 'avatar_thumb_url'> & { readonly avatar_url: string | null };

export function avatarRowFact(userId: string, row: AvatarRow, context: ParseContext): AvatarFact {
  return avatarFact(userId, { picture: pictureOf(row), ...stampsOf(row) }, context);
}

/** "There is no picture", said by an event or the answer to a delete. */
export function noAvatarFact(userId: string, row: StampRow, context: ParseContext): AvatarFact {
  return { ...avatarFact(userId, { picture: null, ...stampsOf(row) }, context), changedAt: context.at };
}

/** Facts of the fields that are there: a row or event without a field says nothing about it. */
export function profileFacts(userId: string, row: Omit<Row, 'id'>, context: ParseContext): UserFact[] {
  const { avatar_url, display_name: name, username } = row;
  const picture = avatar_url === undefined ? undefined : pictureOf({ ...row, avatar_url });
  return userFacts(userId, { picture, name, username, ...stampsOf(row) }, context);
}

function pictureOf({ avatar_url: url, avatar_thumb_url: thumbUrl }: AvatarRow) {
  return url === null ? null : { url, thumbUrl };
}

function stampsOf({ avatar_version, updated_at }: StampRow) {
  return { version: avatar_version, updatedAt: updated_at };
}
