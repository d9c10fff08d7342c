import { ResponseError } from '../errors.ts';
import { type AvatarFact, type Stamp, StampRank, type UserFact } from '../facts.ts';
import type { ParseContext } from './route.ts';

/** What an answer or event says of a user; what is absent it does not speak of. */
export interface Said {
  /** `null` for none; without a thumbnail the picture is its own. */
  readonly picture?:
    | { readonly url: string; readonly thumbUrl?: string | null | undefined }
    | null
    | undefined;
  readonly name?: string | null | undefined;
  readonly username?: string | null | undefined;
  /** The backend's own version of the picture. */
  readonly version?: number | null | undefined;
  /** The backend's own time, in milliseconds since 1970. */
  readonly updatedAt?: number | null | undefined;
}

/**
 * Facts for a preset's parsers, out of what an answer says of a user.
 *
 * @throws {@link ResponseError} for a picture whose address a page must not be handed.
 * @example
 * parse: ({ body, at }, { userId }, context) => userFacts(userId, { name: body.fullName }, { ...context, at }),
 */
export function userFacts(userId: string, said: Said, context: ParseContext): UserFact[] {
  const { picture, name, username, updatedAt } = said;
  const stamp = stampOf({ updatedAt }, context);
  const facts: UserFact[] = [];
  if (picture !== undefined) facts.push(avatarFact(userId, { ...said, picture }, context));
  if (typeof name === 'string') facts.push({ kind: 'name', userId, value: name, stamp });
  if (typeof username === 'string') facts.push({ kind: 'username', userId, value: username, stamp });
  return facts;
}

/** The same for a picture alone. */
export function avatarFact(
  userId: string,
  said: Pick<Said, 'version' | 'updatedAt'> & { readonly picture: NonNullable<Said['picture']> | null },
  context: ParseContext,
): AvatarFact {
  const { picture } = said;
  const url = picture && safeUrl('picture', picture.url, context);
  return {
    kind: 'avatar',
    userId,
    picture:
      url === null
        ? null
        : { url, thumbUrl: picture?.thumbUrl ? safeUrl('picture', picture.thumbUrl, context) : url },
    stamp: stampOf(said, context),
  };
}

/** An address as a page may be handed it; `path` says where the answer had it. */
export function safeUrl(path: string, url: string, { isSafeUrl, resolveUrl }: ParseContext): string {
  const resolved = isSafeUrl(url) ? resolveUrl(url) : '';
  if (isSafeUrl(resolved)) return resolved;
  const message = 'its address is not safe';
  throw new ResponseError(`unable to show the picture; ${message}`, [{ path, message }]);
}

function stampOf(
  { version, updatedAt }: Pick<Said, 'version' | 'updatedAt'>,
  { isStamped, at }: ParseContext,
): Stamp {
  if (isStamped && typeof version === 'number') return { rank: StampRank.version, value: version };
  if (isStamped && typeof updatedAt === 'number') return { rank: StampRank.serverTime, value: updatedAt };
  return { rank: StampRank.arrival, value: at };
}
