import {
  type AvatarFact,
  compareStamps,
  type NameFact,
  type Picture,
  type Stamp,
  StampRank,
  type UserFact,
} from '../facts.ts';

/** A user's fields as the newest facts state them. */
export interface UserRecord {
  readonly avatar: Omit<AvatarFact, 'changedAt'> | undefined;
  /** The latest moment anybody said "the picture changed", in milliseconds since 1970. */
  readonly changedAt: number | null;
  readonly name: NameFact | undefined;
  readonly username: NameFact | undefined;
}

/** What a fact did to the table. */
export interface UserChange {
  readonly field: UserFact['kind'];
  readonly userId: string;
  readonly previous: UserRecord;
  readonly current: UserRecord;
}

export interface MergeResult {
  readonly changes: readonly UserChange[];
  /** Users about whom a weaker statement disagrees with what is held: worth asking the backend. */
  readonly doubts: readonly string[];
}

/** Users, held once. Merging is a join: facts in any order, repeated or split, give the same table. */
export interface UserTable {
  get(userId: string): UserRecord | undefined;
  merge(facts: readonly UserFact[]): MergeResult;
  /** What is held, as statements that make the same table again. */
  facts(): UserFact[];
}

const unknown: UserRecord = { avatar: undefined, changedAt: null, name: undefined, username: undefined };

export function createUserTable(): UserTable {
  const records = new Map<string, UserRecord>();

  return {
    get: (userId) => records.get(userId),
    merge(facts) {
      const changes: UserChange[] = [];
      const doubts: string[] = [];
      for (const fact of facts) {
        const previous = records.get(fact.userId) ?? unknown;
        const current = join(previous, fact);
        if (disagrees(previous[fact.kind], fact)) doubts.push(fact.userId);
        if (current === previous) continue;
        records.set(fact.userId, current);
        if (looksDifferent(previous, current, fact.kind)) {
          changes.push({ field: fact.kind, userId: fact.userId, previous, current });
        }
      }
      return { changes, doubts };
    },
    facts: () =>
      [...records.values()].flatMap(({ avatar, changedAt, name, username }) => [
        ...(avatar ? [changedAt === null ? avatar : { ...avatar, changedAt }] : []),
        ...(name ? [name] : []),
        ...(username ? [username] : []),
      ]),
  };
}

/** The least record that contains both: the same object when `fact` adds nothing. */
function join(record: UserRecord, fact: UserFact): UserRecord {
  if (fact.kind !== 'avatar') {
    return wins(fact, record[fact.kind]) ? { ...record, [fact.kind]: fact } : record;
  }
  const { kind, userId, picture, stamp, changedAt: moment } = fact;
  const avatar = wins(fact, record.avatar) ? { kind, userId, picture, stamp } : record.avatar;
  const changedAt = later(record.changedAt, moment);
  return avatar === record.avatar && changedAt === record.changedAt
    ? record
    : { ...record, avatar, changedAt };
}

/** Whether `fact` replaces `held`. Of two different statements with one stamp the same one wins in any order. */
function wins<F extends UserFact>(fact: F, held: F | undefined): boolean {
  if (!held) return true;
  const order = compareStamps(fact.stamp, held.stamp);
  return order > 0 || (order === 0 && content(fact) > content(held));
}

function disagrees(held: UserFact | undefined, fact: UserFact): boolean {
  return held !== undefined && fact.stamp.rank < held.stamp.rank && content(fact) !== content(held);
}

function content(fact: UserFact): string {
  if (fact.kind !== 'avatar') return fact.value;
  return fact.picture ? `${fact.picture.url}\n${fact.picture.thumbUrl}` : '';
}

function later(a: number | null, b: number | undefined): number | null {
  if (b === undefined) return a;
  return a === null ? b : Math.max(a, b);
}

function looksDifferent(previous: UserRecord, current: UserRecord, field: UserFact['kind']): boolean {
  if (field !== 'avatar') return previous[field]?.value !== current[field]?.value;
  return previous.avatar === undefined || !samePicture(shownPicture(previous), shownPicture(current));
}

/** What to call a user. */
export function nameOf(record: Pick<UserRecord, 'name' | 'username'> | undefined): string {
  return record?.name?.value || record?.username?.value || '';
}

/** What of a record says which picture it shows. */
export type ShownRecord = Pick<UserRecord, 'avatar' | 'changedAt'>;

/** A record of which nothing is known but this fact. */
export function recordOf(fact: AvatarFact): ShownRecord {
  return { avatar: fact, changedAt: fact.changedAt ?? null };
}

/** A picture with what tells it from an earlier one at the same address. */
export interface ShownPicture extends Picture {
  readonly version: number | null;
  /** For cache-busting: the version, else the latest moment of change, else nothing. */
  readonly bust: number | null;
}

/** The picture a record shows; `null` for none. */
export function shownPicture({ avatar, changedAt }: ShownRecord): ShownPicture | null {
  if (!avatar?.picture) return null;
  const version = versionOf(avatar.stamp);
  return { ...avatar.picture, version, bust: version ?? (changedAt === null ? null : Math.floor(changedAt)) };
}

function samePicture(a: ShownPicture | null, b: ShownPicture | null): boolean {
  if (!a || !b) return a === b;
  return a.url === b.url && a.thumbUrl === b.thumbUrl && a.bust === b.bust;
}

function versionOf(stamp: Stamp): number | null {
  return stamp.rank === StampRank.version ? stamp.value : null;
}
