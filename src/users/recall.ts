import { type Fact, StampRank, type UserFact } from '../facts.ts';
import type { RememberedUser, UserMemory } from '../lib/user-memory.ts';
import { shownPicture, type UserTable } from '../store/users.ts';

export interface RecallSettings {
  readonly baseUrl: string;
  readonly userId: string;
  readonly table: UserTable;
  isSafeUrl(url: string): boolean;
  apply(facts: readonly Fact[]): void;
  /** Addresses that are older than the signed-in user's confirmed upload, which outlives the page. */
  readonly uploader: { outdated?: readonly (string | null)[] };
}

/** Users as the last page knew them, older than anything that is told now. */
export interface Recall {
  recall(userId: string): void;
  remember(userId: string): void;
  forget(): void;
}

export type CreateRecall = (settings: RecallSettings) => Recall;

/** Everything that comes in is newer. */
const stamp = { rank: StampRank.arrival, value: 0 } as const;

/** Remembers users in a memory of one's own; `localMemory` is the page's local storage. */
export function rememberIn(openMemory: (baseUrl: string) => UserMemory): CreateRecall {
  return ({ baseUrl, userId: ownId, table, apply, isSafeUrl, uploader }) => {
    const memory = openMemory(baseUrl);
    const isSafe = (fact: UserFact) =>
      fact.kind !== 'avatar' ||
      !fact.picture ||
      (isSafeUrl(fact.picture.url) && isSafeUrl(fact.picture.thumbUrl));

    return {
      forget: memory.clear,
      recall(userId) {
        const user = memory.get(userId);
        if (!user) return;
        if (userId === ownId && user.outdated) uploader.outdated = user.outdated;
        apply(factsOf(userId, user).filter(isSafe));
      },
      remember(userId) {
        const record = table.get(userId);
        const picture = record?.avatar ? shownPicture(record) : null;
        // An address of this page alone is of no use to the next one.
        if (!record?.avatar || picture?.url.startsWith('blob:')) return;
        const { outdated = [] } = userId === ownId ? uploader : {};
        memory.set(userId, {
          name: record.name?.value ?? null,
          username: record.username?.value ?? null,
          picture: picture && { url: picture.url, thumbUrl: picture.thumbUrl, bust: picture.bust },
          ...(outdated.length > 0 && { outdated }),
        });
      },
    };
  };
}

function factsOf(userId: string, { name, username, picture }: RememberedUser): UserFact[] {
  const facts: UserFact[] = [];
  if (name !== null) facts.push({ kind: 'name', userId, value: name, stamp });
  if (username !== null) facts.push({ kind: 'username', userId, value: username, stamp });
  if (picture === null) facts.push({ kind: 'avatar', userId, picture, stamp });
  if (picture) {
    const { bust, ...addresses } = picture;
    const changed = bust === null ? {} : { changedAt: bust };
    facts.push({ kind: 'avatar', userId, picture: addresses, stamp, ...changed });
  }
  return facts;
}
