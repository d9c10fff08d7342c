import { type AvatarFact, type Picture, StampRank, type UserFact } from '../facts.ts';
import { withoutCacheBusters } from '../lib/avatar-url.ts';
import type { ParseContext } from '../protocol/route.ts';

/** What an app knows of a user from elsewhere. What is left out is not spoken of. */
export interface UserStatement {
  /** Address of the full picture, with or without `?t=` and the like; relative to the backend; `null` for no picture. */
  readonly pictureUrl?: string | null | undefined;
  /** Address of the thumbnail. Default: `pictureUrl`. */
  readonly thumbUrl?: string | undefined;
  readonly name?: string | undefined;
  readonly username?: string | undefined;
}

/**
 * The weakest statements there are: only the moment they reached us orders them.
 *
 * @param held what is known of the user's picture
 */
export function statementFacts(
  userId: string,
  { pictureUrl, thumbUrl, name, username }: UserStatement,
  held: Picture | null | undefined,
  context: ParseContext,
): UserFact[] {
  const stamp = { rank: StampRank.arrival, value: context.at };
  const facts: UserFact[] = [];
  if (pictureUrl === null) facts.push({ kind: 'avatar', userId, picture: null, stamp });
  else if (pictureUrl !== undefined) {
    const url = address(pictureUrl, context);
    const sameThumb = held?.url === url ? held.thumbUrl : url;
    const picture = { url, thumbUrl: thumbUrl === undefined ? sameThumb : address(thumbUrl, context) };
    facts.push({ kind: 'avatar', userId, picture, stamp, ...changedAt(pictureUrl, context.at) });
  }
  if (typeof name === 'string') facts.push({ kind: 'name', userId, value: name, stamp });
  if (typeof username === 'string') facts.push({ kind: 'username', userId, value: username, stamp });
  return facts;
}

function address(url: string, { isSafeUrl, resolveUrl }: ParseContext): string {
  const resolved = isSafeUrl(url) ? resolveUrl(withoutCacheBusters(url)) : '';
  if (isSafeUrl(resolved)) return resolved;
  throw new TypeError('unable to take in the picture; its address is not safe to show');
}

/** An address made new against caches says that the picture behind it is new, and often since when. */
function changedAt(url: string, at: number): Pick<AvatarFact, 'changedAt'> {
  if (withoutCacheBusters(url) === url) return {};
  const said = Number(/[?&#][tv]=(\d{13})\b/.exec(url)?.[1] ?? at);
  return { changedAt: Math.min(said, at) };
}
