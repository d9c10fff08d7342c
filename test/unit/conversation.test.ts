import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChatFact, type MessageFact, StampRank } from '../../src/facts.ts';
import { Conversation } from '../../src/store/conversation.ts';
import { Conversations } from '../../src/store/conversations.ts';
import { activity, me, numbered, other, read, row, unnumbered, unread } from '../support/chat-facts.ts';

/** A conversation as the backend has it at some moment: who sent each message, and the own mark. */
interface Truth {
  readonly senders: readonly string[];
  readonly mark: number;
}

const unreadIn = ({ senders, mark }: Truth) =>
  senders.filter((sender, i) => sender !== me && i + 1 > mark).length;

const senders = fc.array(fc.constantFrom(me, other, 'third'), { minLength: 1, maxLength: 30 });

/** The same conversation at later and later moments. */
const history = senders.chain((all) =>
  fc
    .array(fc.tuple(fc.integer({ min: 0, max: all.length }), fc.integer({ min: 0, max: all.length })), {
      minLength: 1,
      maxLength: 6,
    })
    .map((pairs) => {
      const lengths = pairs.map(([length]) => length).sort((a, b) => a - b);
      const marks = pairs.map(([, mark]) => mark).sort((a, b) => a - b);
      const moments = lengths.map((length, i) => ({
        senders: all.slice(0, length),
        mark: Math.min(length, marks[i] ?? 0),
      }));
      return { all, moments };
    }),
);

const messagesOf = (all: readonly string[]) => all.map((senderId, i) => numbered(i + 1, { senderId }));
const countOf = (truth: Truth) =>
  unread(unreadIn(truth), { lastSeq: truth.senders.length, readSeq: truth.mark });

function merge(store: Conversations, fact: ChatFact) {
  store.merge([fact]);
  const held = store.get('c1');
  expect(held?.unread).toSatisfy((count: number) => Number.isSafeInteger(count) && count >= 0);
  expect(store.totalUnread).toBe(held?.unread);
  return held as Conversation;
}

describe('the unread count, with numbers', () => {
  it('[UN1] is the number of messages of others above the own mark, whenever all are known', () => {
    const case_ = senders.chain((all) =>
      fc.record({
        all: fc.constant(all),
        order: fc.array(fc.integer({ min: 0, max: all.length - 1 }), { maxLength: 60 }),
        marks: fc.array(fc.integer({ min: 0, max: all.length }), { maxLength: 10 }),
      }),
    );
    fc.assert(
      fc.property(case_, fc.infiniteStream(fc.boolean()), ({ all, order, marks }, turns) => {
        const store = new Conversations(me);
        const facts = messagesOf(all);
        const known = new Set<MessageFact>();
        const [nextMessages, nextMarks] = [[...order], [...marks]];
        let mark = 0;
        while (nextMessages.length + nextMarks.length > 0) {
          const turn = turns.next().value;
          const at = (turn || nextMarks.length === 0 ? nextMessages : nextMarks).shift();
          const fact = facts[at ?? -1];
          if ((turn || nextMarks.length === 0) && fact) {
            known.add(fact);
            merge(store, fact);
          } else if (at !== undefined) {
            mark = Math.max(mark, at);
            merge(store, read(at));
          }
          const expected = [...known].filter(({ senderId, seq }) => senderId !== me && (seq ?? 0) > mark);
          expect(store.get('c1')?.unread ?? 0).toBe(expected.length);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('[UN1] is exact again once what a mark covers is loaded', () => {
    const store = new Conversations(me);
    merge(store, unread(10, { lastSeq: 10, readSeq: 0 }));
    merge(store, read(5));
    for (let seq = 10; seq >= 1; seq -= 1) merge(store, numbered(seq));
    expect(store.get('c1')?.unread).toBe(5);
  });

  it('[UN2] ends at the backend’s count, whatever the order in which its counts and marks come', () => {
    const shuffled = history.chain(({ all, moments }) => {
      const facts: ChatFact[] = moments.flatMap((truth) => [countOf(truth), read(truth.mark)]);
      return fc.record({
        last: fc.constant(moments.at(-1)),
        all: fc.constant(all),
        order: fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 }),
      });
    });
    fc.assert(
      fc.property(shuffled, ({ last, order }) => {
        const store = new Conversations(me);
        for (const fact of order) merge(store, fact);
        expect(store.get('c1')?.unread).toBe(last && unreadIn(last));
      }),
      { numRuns: 400 },
    );
  });

  it('[UN2] is not changed by messages that the backend has counted already', () => {
    const case_ = history.chain(({ all, moments }) =>
      fc.record({
        last: fc.constant(moments.at(-1)),
        order: fc.shuffledSubarray(messagesOf(all.slice(0, moments.at(-1)?.senders.length))),
      }),
    );
    fc.assert(
      fc.property(case_, ({ last, order }) => {
        if (!last) return;
        const store = new Conversations(me);
        for (const fact of [countOf(last), read(last.mark), ...order]) merge(store, fact);
        expect(store.get('c1')?.unread).toBe(unreadIn(last));
      }),
      { numRuns: 300 },
    );
  });

  it('[UN3] does not count a message twice that its count overtook', () => {
    const store = new Conversations(me);
    merge(store, unread(1, { lastSeq: 1, readSeq: 0 }));
    expect(merge(store, numbered(1)).unread).toBe(1);
    expect(merge(store, numbered(2)).unread).toBe(2);
    expect(merge(store, unread(2, { lastSeq: 2, readSeq: 0 })).unread).toBe(2);
    expect(merge(store, numbered(2)).unread).toBe(2);
  });

  it('[UN3] ignores a count that is older than the one it holds', () => {
    const store = new Conversations(me);
    merge(store, unread(3, { lastSeq: 5, readSeq: 2 }));
    expect(merge(store, unread(4, { lastSeq: 4, readSeq: 0 })).unread).toBe(3);
    merge(store, read(5));
    expect(merge(store, unread(3, { lastSeq: 5, readSeq: 2 })).unread).toBe(0);
  });

  it('[UN4] counts no own message', () => {
    const store = new Conversations(me);
    expect(merge(store, numbered(1, { senderId: me })).unread).toBe(0);
    expect(merge(store, unnumbered(2, { senderId: me })).unread).toBe(0);
  });
});

describe('the unread count, without numbers', () => {
  it('[UN5] is a whole number that is not negative, whatever comes', () => {
    const fact: fc.Arbitrary<ChatFact> = fc.oneof(
      fc
        .tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom(me, other), fc.boolean())
        .map(([at, senderId, isSeen]) => unnumbered(at, { senderId, isSeen })),
      fc.integer({ min: 0, max: 20_000 }).map((at) => read(null, { at })),
      fc.integer({ min: 1, max: 20 }).map((at) => read(null, { messageId: `m${at}` })),
      fc
        .tuple(fc.nat(9), fc.nat(20_000))
        .map(([count, value]) => unread(count, { stamp: { rank: StampRank.arrival, value } })),
      fc.integer({ min: 1, max: 30 }).map((seq) => numbered(seq, { messageId: `n${seq}` })),
      fc
        .tuple(fc.nat(20), fc.nat(20), fc.nat(20))
        .map(([count, lastSeq, readSeq]) => unread(count, { lastSeq, readSeq })),
      fc.nat(30).map((seq) => read(seq)),
    );
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 60 }), (facts) => {
        const store = new Conversations(me);
        for (const each of facts) merge(store, each);
      }),
      { numRuns: 500 },
    );
  });

  it('[UN5] grows with live messages of others and ends with the mark', () => {
    const store = new Conversations(me);
    merge(store, unnumbered(1));
    merge(store, unnumbered(2, { senderId: me }));
    expect(merge(store, unnumbered(3)).unread).toBe(2);
    expect(merge(store, unnumbered(3)).unread).toBe(2);
    expect(merge(store, read(null, { at: 1_000 })).unread).toBe(1);
    expect(merge(store, read(null, { messageId: 'm3' })).unread).toBe(0);
    expect(merge(store, unnumbered(4)).unread).toBe(1);
  });

  it('[UN5] of a row without any time is not raised by what it counts already', () => {
    const store = new Conversations(me);
    merge(store, unread(2, { stamp: { rank: StampRank.arrival, value: 5_000 } }));
    for (const at of [3, 4]) merge(store, unnumbered(at));
    expect(store.get('c1')?.unread).toBe(2);
    expect(merge(store, unnumbered(6)).unread).toBe(3);
  });

  it('[UN5] counts a message that came in while a row without it was on its way', () => {
    const store = new Conversations(me);
    merge(store, unnumbered(3));
    merge(store, read(null, { messageId: 'm3' }));
    merge(store, unnumbered(4));
    expect(merge(store, unread(0, { upTo: 3_000 })).unread).toBe(1);
    expect(
      merge(store, unread(1, { upTo: 4_000, stamp: { rank: StampRank.arrival, value: 2 } })).unread,
    ).toBe(1);
  });

  it('[UN5] is not raised by old messages that are loaded', () => {
    const store = new Conversations(me);
    merge(store, unnumbered(9));
    for (const at of [3, 4, 5]) merge(store, unnumbered(at));
    expect(store.get('c1')?.unread).toBe(1);
  });
});

describe('marks', () => {
  it('[UN6] only rise, each by itself', () => {
    const fact = fc
      .tuple(fc.constantFrom(me, other, 'third'), fc.nat(40), fc.boolean())
      .map(([userId, value, isNumber]) =>
        read(isNumber ? value : null, { userId, at: isNumber ? null : value * 1_000 }),
      );
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 40 }), (facts) => {
        const conversation = new Conversation('c1', me);
        const highest = new Map<string, { seq: number; at: number }>();
        for (const each of facts) {
          const held = highest.get(each.userId) ?? { seq: 0, at: Number.NEGATIVE_INFINITY };
          const next = { seq: Math.max(held.seq, each.seq ?? 0), at: Math.max(held.at, each.at ?? held.at) };
          const rises = next.seq !== held.seq || next.at !== held.at;
          expect(conversation.mergeRead(each)).toBe(rises);
          highest.set(each.userId, next);
          for (const [userId, mark] of highest) expect(conversation.mark(userId)).toEqual(mark);
        }
      }),
    );
  });

  it('[UN6] of others tell which of the own messages were seen', () => {
    const conversation = new Conversation('c1', me);
    const own = [1, 2, 3].map((seq) => numbered(seq, { senderId: me }));
    for (const fact of own) conversation.mergeMessage(fact);
    conversation.mergeRead(read(3, { userId: me }));
    expect(own.map((fact) => conversation.isSeen(fact))).toEqual([false, false, false]);
    conversation.mergeRead(read(2, { userId: other }));
    expect(own.map((fact) => conversation.isSeen(fact))).toEqual([true, true, false]);
    expect([...conversation.othersMarks()].map(([userId]) => userId)).toEqual([other]);
  });

  it('[UN6] of the user tell which messages of others were seen, and no other mark does', () => {
    const conversation = new Conversation('c1', me);
    const theirs = [1, 2].map((seq) => numbered(seq, { senderId: other }));
    for (const fact of theirs) conversation.mergeMessage(fact);
    for (const userId of [other, 'third']) conversation.mergeRead(read(2, { userId }));
    expect(theirs.map((fact) => conversation.isSeen(fact))).toEqual([false, false]);
    conversation.mergeRead(read(1, { userId: me }));
    expect(theirs.map((fact) => conversation.isSeen(fact))).toEqual([true, false]);
  });
});

describe('a conversation’s fields', () => {
  it('[CV1] are those of the newest statement, each field by itself, in any order', () => {
    const fact = fc
      .record({
        value: fc.constantFrom('a', 'b', 'c', null),
        name: fc.constantFrom('flowState', 'awaitingRole', 'chatStatus'),
        at: fc.integer({ min: 1, max: 50 }),
      })
      .map(({ name, value, at }) => row({ [name]: value, stamp: { rank: StampRank.arrival, value: at } }));
    const both = fc
      .uniqueArray(fact, { maxLength: 20, selector: ({ stamp }) => stamp.value })
      .chain((facts) =>
        fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })),
      );
    fc.assert(
      fc.property(both, ([facts, shuffled]) => {
        const [one, two] = [new Conversation('c1', me), new Conversation('c1', me)];
        for (const each of facts) one.mergeFields(each);
        for (const each of [...shuffled, ...facts]) two.mergeFields(each);
        expect(two.fields).toEqual(one.fields);
      }),
    );
  });

  it('[CV2] keep the preview of the newest message, emptied when that one is deleted', () => {
    const conversation = new Conversation('c1', me);
    const preview = (messageId: string, text: string, createdAt: number) => ({
      messageId,
      seq: null,
      senderId: other,
      text,
      type: 'text',
      createdAt,
    });
    conversation.mergeActivity(2_000, preview('m2', 'second', 2_000));
    conversation.mergeActivity(1_000, preview('m1', 'first', 1_000));
    expect(conversation.preview).toMatchObject({ messageId: 'm2', text: 'second', createdAt: 2_000 });
    conversation.mergeMessage(numbered(2, { isDeleted: true, text: '' }));
    expect(conversation.preview).toMatchObject({ messageId: 'm2', text: '' });
  });

  it('[CV2] show a message that is known by name in place of the same one without', () => {
    const conversation = new Conversation('c1', me);
    const nameless = {
      messageId: null,
      seq: null,
      senderId: other,
      text: 'hi',
      type: 'text',
      createdAt: 1_000,
    };
    conversation.mergeActivity(1_000, { ...nameless, messageId: 'm1' });
    expect(conversation.mergeActivity(1_000, nameless)).toBe(false);
    expect(conversation.preview?.messageId).toBe('m1');
  });
});

describe('all conversations', () => {
  const ids = ['a', 'b', 'c', 'd'];

  it('[CV3] stand in the order of their latest activity, and the total is the sum of their counts', () => {
    const fact: fc.Arbitrary<ChatFact> = fc
      .tuple(
        fc.constantFrom(...ids),
        fc.nat(50),
        fc.constantFrom('row', 'activity', 'message', 'unread', 'read'),
      )
      .map(([conversationId, n, kind]): ChatFact => {
        if (kind === 'row') return row({ conversationId, stamp: { rank: StampRank.arrival, value: n } });
        if (kind === 'activity') return activity(n * 1_000, { conversationId });
        if (kind === 'message')
          return numbered(n + 1, { conversationId, messageId: `${conversationId}${n}` });
        if (kind === 'unread') return unread(n, { conversationId, lastSeq: n, readSeq: 0 });
        return read(n, { conversationId });
      });
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 60 }), (facts) => {
        const store = new Conversations(me);
        for (const each of facts) {
          store.merge([each]);
          const list = [...store.byActivity()];
          expect(list.map(({ id }) => id)).toEqual(
            list
              .toSorted((a, b) => b.activityAt - a.activityAt || (a.id < b.id ? -1 : 1))
              .map(({ id }) => id),
          );
          const total = ids.reduce((sum, id) => sum + (store.get(id)?.unread ?? 0), 0);
          expect(store.totalUnread).toBe(total);
        }
        const listed = new Set(
          facts.flatMap((each) => (each.kind === 'conversation' ? [each.conversationId] : [])),
        );
        expect(new Set([...store.byActivity()].map(({ id }) => id))).toEqual(listed);
      }),
      { numRuns: 300 },
    );
  });

  it('[CV4] are listed once a row tells who is in them, and asked for until then', () => {
    const store = new Conversations(me);
    const { unknown, added } = store.merge([numbered(1)]);
    expect([[...unknown], added.length]).toEqual([['c1'], 1]);
    const state = {
      kind: 'conversation',
      conversationId: 'c1',
      flowState: 'open',
      stamp: row().stamp,
    } as const;
    expect([...store.merge([state]).unknown]).toEqual(['c1']);
    expect([...store.byActivity()]).toEqual([]);
    const { touched } = store.merge([row()]);
    expect([[...touched], [...store.byActivity()].length]).toEqual([['c1'], 1]);
    expect([...store.merge([numbered(2)]).unknown]).toEqual([]);
  });

  it('[CV5] are not called changed by what is known already', () => {
    const store = new Conversations(me);
    const facts = [row({ flowState: 'open' }), numbered(1), read(1, { userId: other }), activity(1_000)];
    store.merge(facts);
    const { touched, added, reads } = store.merge(facts);
    expect([[...touched], added, reads]).toEqual([[], [], []]);
  });
});
