import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AvatarFact, StampRank as rank, type StampRank, type UserFact } from '../../src/facts.ts';
import { createUserTable, shownPicture, type UserRecord, type UserTable } from '../../src/store/users.ts';

const userIds = ['u1', 'u2', '__proto__', 'constructor'];
const stamp = fc.record({ rank: fc.constantFrom<StampRank>(0, 1, 2), value: fc.integer({ min: 0, max: 5 }) });
const picture = fc.option(
  fc.record({ url: fc.constantFrom('a', 'b', 'c'), thumbUrl: fc.constantFrom('s', 't') }),
  { nil: null },
);
const avatarFact: fc.Arbitrary<AvatarFact> = fc.record(
  {
    kind: fc.constant('avatar' as const),
    userId: fc.constantFrom(...userIds),
    picture,
    stamp,
    changedAt: fc.integer({ min: 0, max: 5 }),
  },
  { requiredKeys: ['kind', 'userId', 'picture', 'stamp'] },
);
const nameFact: fc.Arbitrary<UserFact> = fc.record({
  kind: fc.constantFrom('name' as const, 'username' as const),
  userId: fc.constantFrom(...userIds),
  value: fc.constantFrom('', 'Ann', 'Bob'),
  stamp,
});
const facts = fc.array(fc.oneof(avatarFact, nameFact), { maxLength: 30 });

const state = (table: UserTable) => userIds.map((userId) => table.get(userId));
const tableOf = (...batches: (readonly UserFact[])[]) => {
  const table = createUserTable();
  for (const batch of batches) table.merge(batch);
  return table;
};
const avatar = (url: string | null, stampRank: StampRank, value: number, changedAt?: number): AvatarFact => ({
  kind: 'avatar',
  userId: 'u1',
  picture: url === null ? null : { url, thumbUrl: url },
  stamp: { rank: stampRank, value },
  ...(changedAt === undefined ? {} : { changedAt }),
});
const known = (record: UserRecord | undefined) => {
  if (!record) throw new Error('the record is unknown');
  return record;
};

describe('user table', () => {
  it('[ST1] gives the same state for the same facts in any order, repeated and split anyhow', () => {
    fc.assert(
      fc.property(facts, fc.infiniteStream(fc.nat()), (list, randomness) => {
        const draw = () => randomness.next().value ?? 0;
        const shuffled = [...list, ...list.filter(() => draw() % 3 === 0)]
          .map((fact) => ({ fact, key: draw() }))
          .sort((a, b) => a.key - b.key)
          .map(({ fact }) => fact);
        const cut = shuffled.length === 0 ? 0 : draw() % shuffled.length;
        expect(state(tableOf(shuffled.slice(0, cut), shuffled.slice(cut)))).toEqual(state(tableOf(list)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('[ST2] never shows a lower avatar version than before', () => {
    fc.assert(
      fc.property(facts, (list) => {
        const table = createUserTable();
        const highest = new Map<string, number>();
        for (const fact of list) {
          table.merge([fact]);
          for (const userId of userIds) {
            const { rank: shownRank, value } = table.get(userId)?.avatar?.stamp ?? { rank: 0, value: 0 };
            if (shownRank !== rank.version) {
              expect(highest.has(userId)).toBe(false);
              continue;
            }
            expect(value).toBeGreaterThanOrEqual(highest.get(userId) ?? 0);
            highest.set(userId, value);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('[ST3] prefers a version to a server time and a server time to an arrival, whatever their numbers', () => {
    const table = tableOf([
      avatar('v', rank.version, 1),
      avatar('s', rank.serverTime, 9e12),
      avatar('a', rank.arrival, 9e13),
    ]);
    expect(table.get('u1')?.avatar?.picture?.url).toBe('v');
    expect(
      tableOf([avatar('a', rank.arrival, 9e13), avatar('s', rank.serverTime, 1)]).get('u1')?.avatar?.picture
        ?.url,
    ).toBe('s');
  });

  it('[ST4] doubts a user when a weaker statement disagrees, and only then', () => {
    const table = tableOf([avatar('v7', rank.version, 7)]);
    expect([...table.merge([avatar('other', rank.arrival, 9e12)]).doubts]).toEqual(['u1']);
    expect([...table.merge([avatar('v7', rank.arrival, 9e12)]).doubts]).toEqual([]);
    expect([...table.merge([avatar('v6', rank.version, 6)]).doubts]).toEqual([]);
  });

  it('[ST5] reports a change only when what is shown differs', () => {
    const table = createUserTable();
    expect(table.merge([avatar('a', rank.version, 7)]).changes).toHaveLength(1);
    expect(table.merge([avatar('a', rank.version, 7)]).changes).toEqual([]);
    expect(table.merge([avatar('old', rank.version, 6)]).changes).toEqual([]);
    expect(table.merge([avatar('a', rank.version, 8)]).changes).toHaveLength(1);
    expect(table.merge([avatar(null, rank.version, 9)]).changes).toHaveLength(1);
    expect(table.merge([avatar(null, rank.version, 10)]).changes).toEqual([]);
  });

  it('[ST6] tells a new picture at the old address apart where a backend has no versions', () => {
    const table = tableOf([avatar('a', rank.arrival, 1)]);
    expect(shownPicture(known(table.get('u1')))?.bust).toBeNull();
    expect(table.merge([avatar('a', rank.arrival, 2, 2_000.5)]).changes).toHaveLength(1);
    expect(shownPicture(known(table.get('u1')))).toMatchObject({ version: null, bust: 2_000 });
    // A read says nothing new about when it changed.
    expect(table.merge([avatar('a', rank.arrival, 3)]).changes).toEqual([]);
    expect(shownPicture(known(table.get('u1')))?.bust).toBe(2_000);
  });
});
