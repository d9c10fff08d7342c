import { ResponseError } from '../errors.ts';
import { type AvatarFact, StampRank, type UserFact } from '../facts.ts';
import { isSafePictureUrl } from '../lib/avatar-url.ts';
import { toDataUrl } from '../lib/data-url.ts';
import type { Unlocated } from '../protocol/route.ts';

export interface OwnPictureSettings {
  readonly userId: string;
  /** Reads the own profile, past what {@link OwnPicture.newer} keeps back. */
  read(signal: AbortSignal): Promise<readonly UserFact[] | null>;
}

/** `null` where a read says that there is no picture. */
type Address = string | null;

/**
 * The own picture on backends that answer an upload without its address, or forget it: a read that is no newer than a
 * confirmed upload never wins.
 */
export interface OwnPicture {
  /** Before an upload; the result finds out where the picture is, or stands in for it with the one on this device. */
  prepare(): (answer: Unlocated, picture: Blob | null, signal: AbortSignal) => Promise<AvatarFact>;
  /** What a read says, without what is known to be older than the latest confirmed upload. */
  newer(facts: readonly UserFact[]): readonly UserFact[];
  /** Such addresses, to be remembered from page to page. */
  outdated: readonly Address[];
}

export function createOwnPicture({ userId, read }: OwnPictureSettings): OwnPicture {
  let lastRead: Address | undefined;

  const own: OwnPicture = {
    outdated: [],
    prepare() {
      const before = lastRead;
      return async (answer, picture, signal) => {
        const facts = await read(signal).catch((error: unknown) => {
          if (signal.aborted || !picture) throw error;
          return null;
        });
        const found = avatarOf(facts);
        const url = found?.picture?.url;
        const isKnown = url !== undefined && (answer.name ? url.includes(answer.name) : url !== before);
        if (found && (isKnown || !picture)) {
          lastRead = url ?? null;
          own.outdated = [];
          // Only another picture at the old address needs to be told apart.
          return url === before ? { ...found, changedAt: answer.at } : found;
        }
        if (!picture) throw new ResponseError('unable to show the picture; the profile has none', []);
        own.outdated = before === undefined ? [null] : [null, before];
        const local = await localUrl(picture);
        return {
          kind: 'avatar',
          userId,
          picture: { url: local, thumbUrl: local },
          stamp: { rank: StampRank.arrival, value: answer.at },
        };
      };
    },
    newer(facts) {
      const avatar = avatarOf(facts);
      if (!avatar) return facts;
      lastRead = avatar.picture?.url ?? null;
      if (own.outdated.includes(lastRead)) return facts.filter((fact) => fact !== avatar);
      own.outdated = [];
      return facts;
    },
  };

  function avatarOf(facts: readonly UserFact[] | null): AvatarFact | undefined {
    for (const fact of facts ?? []) if (fact.kind === 'avatar' && fact.userId === userId) return fact;
    return undefined;
  }

  return own;
}

/** An address that outlives the page, if it is not too long for one. */
async function localUrl(picture: Blob): Promise<string> {
  const url = await toDataUrl(picture);
  return isSafePictureUrl(url) ? url : URL.createObjectURL(picture);
}
