import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChatFact, StampRank, type UserFact } from '../../src/facts.ts';
import type { Conversation } from '../../src/store/conversation.ts';
import { Conversations } from '../../src/store/conversations.ts';
import { createUserTable } from '../../src/store/users.ts';
import { activity, me, numbered, other, page, read, row, unnumbered, unread } from '../support/chat-facts.ts';

const place = fc.integer({ min: 1, max: 12 });
const sender = fc.constantFrom(me, other, 'third');
const stamp = fc.record({ rank: fc.constantFrom(...Object.values(StampRank)), value: fc.nat(20) });
const text = fc.constantFrom('a', 'b');

const rows: fc.Arbitrary<ChatFact> = fc
  .record(
    {
      otherUserId: fc.constantFrom(other, null),
      type: fc.constantFrom('direct', 'bid'),
      flowState: fc.option(text),
      awaitingRole: fc.option(text),
      chatStatus: fc.option(text),
      stamp,
    },
    { requiredKeys: ['stamp'] },
  )
  .map(row);

const numberedFacts: fc.Arbitrary<ChatFact> = fc.oneof(
  rows,
  fc
    .record({ seq: place, senderId: sender, isDeleted: fc.boolean() })
    .map(({ seq, ...rest }) => numbered(seq, { ...rest, ...(rest.isDeleted ? { text: '' } : {}) })),
  fc.tuple(sender, place).map(([userId, seq]) => read(seq, { userId })),
  fc
    .tuple(fc.nat(5), place, fc.nat(12))
    .map(([count, lastSeq, readSeq]) => unread(count, { lastSeq, readSeq })),
  place.map((at) =>
    activity(at * 1_000, {
      preview: { messageId: `m${at}`, seq: at, senderId: other, text: 'x', type: 'text' },
    }),
  ),
);

const unnumberedFacts: fc.Arbitrary<readonly ChatFact[]> = fc.oneof(
  rows.map((fact) => [fact]),
  fc.tuple(place, sender).map(([at, senderId]) => [unnumbered(at, { senderId })]),
  fc
    .record({
      from: place,
      length: fc.integer({ min: 1, max: 5 }),
      hasOlder: fc.option(fc.boolean()),
      isLatest: fc.boolean(),
    })
    .map(({ from, length, ...edges }) => {
      const messages = Array.from({ length }, (_, i) => unnumbered(from + i));
      return [...messages, page(messages, edges)];
    }),
  fc.tuple(sender, place).map(([userId, at]) => [read(null, { userId, at: at * 1_000 })]),
  fc.tuple(fc.nat(5), stamp).map(([count, of]) => [unread(count, { stamp: of })]),
  place.map((at) => [activity(at * 1_000)]),
);

/** All that a conversation tells to whoever shows it. */
function shown(conversation: Conversation | undefined) {
  if (!conversation) return undefined;
  const { timeline, unread: count, fields, preview, activityAt, lastSeq, missingAtEnd } = conversation;
  return {
    messages: [...timeline].map((message) => [message, timeline.gapBefore(message)]),
    reachesStart: timeline.reachesStart,
    marks: [me, other, 'third'].map((id) => conversation.mark(id)),
    ...{ count, fields, preview, activityAt, lastSeq, missingAtEnd },
  };
}

function expectSameAgain(batches: readonly (readonly ChatFact[])[]) {
  const store = new Conversations(me);
  for (const batch of batches) store.merge(batch);
  const again = new Conversations(me);
  again.merge(JSON.parse(JSON.stringify(store.facts())));
  expect(shown(again.get('c1'))).toEqual(shown(store.get('c1')));
  expect([again.totalUnread, again.isListed('c1')]).toEqual([store.totalUnread, store.isListed('c1')]);
}

describe('what the store holds, told as facts', () => {
  it('[HY1] makes the same conversation again, with numbers', () => {
    fc.assert(
      fc.property(fc.array(numberedFacts, { maxLength: 40 }), (facts) =>
        expectSameAgain(facts.map((fact) => [fact])),
      ),
      { numRuns: 500 },
    );
  });

  it('[HY1] makes the same conversation again, without numbers', () => {
    fc.assert(fc.property(fc.array(unnumberedFacts, { maxLength: 25 }), expectSameAgain), { numRuns: 500 });
  });

  it('[HY1] makes the same users again', () => {
    const userId = fc.constantFrom('u1', 'u2', '__proto__');
    const picture = fc.option(
      text.map((name) => ({ url: `https://cdn.example.com/${name}`, thumbUrl: 'https://cdn.example.com/t' })),
    );
    const facts: fc.Arbitrary<UserFact> = fc.oneof(
      fc.record({ kind: fc.constant('avatar' as const), userId, picture, stamp }),
      fc.record({ kind: fc.constant('avatar' as const), userId, picture, stamp, changedAt: fc.nat(50) }),
      fc.record({ kind: fc.constantFrom('name' as const, 'username' as const), userId, value: text, stamp }),
    );
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 30 }), (all) => {
        const table = createUserTable();
        table.merge(all);
        const again = createUserTable();
        again.merge(JSON.parse(JSON.stringify(table.facts())));
        for (const id of ['u1', 'u2', '__proto__']) expect(again.get(id)).toEqual(table.get(id));
      }),
      { numRuns: 500 },
    );
  });
});
