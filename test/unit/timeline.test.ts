import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageFact } from '../../src/facts.ts';
import { Timeline } from '../../src/store/timeline.ts';
import { me, numbered, page, unnumbered } from '../support/chat-facts.ts';

const gapsOf = (timeline: Timeline) => [...timeline].map((message) => timeline.gapBefore(message));
const idsOf = (timeline: Timeline) => [...timeline].map(({ messageId }) => messageId);

/** A page as the wire states it: its messages, then that they are neighbours. */
function load(timeline: Timeline, messages: readonly MessageFact[], fields: Parameters<typeof page>[1] = {}) {
  for (const message of messages) timeline.merge(message);
  timeline.mergePage(page(messages, fields));
}

describe('with numbers', () => {
  /** What may be told of message `seq`, in any of its states. */
  const statement = fc
    .record({
      seq: fc.integer({ min: 1, max: 40 }),
      isDeleted: fc.boolean(),
      isSeen: fc.boolean(),
      named: fc.boolean(),
    })
    .map(({ seq, isDeleted, isSeen, named }) =>
      numbered(seq, {
        isDeleted,
        isSeen,
        clientId: named ? `k${seq}` : null,
        ...(isDeleted ? { text: '', mediaUrl: null } : {}),
      }),
    );

  it('[TL2] gives the same messages, gaps and states in any order, repeated and split anyhow', () => {
    const case_ = fc.array(statement, { maxLength: 60 }).chain((facts) =>
      fc.record({
        facts: fc.constant(facts),
        again: fc.shuffledSubarray([...facts, ...facts], { minLength: 0 }),
        shuffled: fc.shuffledSubarray(facts, { minLength: facts.length }),
      }),
    );
    fc.assert(
      fc.property(case_, ({ facts, again, shuffled }) => {
        const [one, two] = [new Timeline(), new Timeline()];
        for (const fact of facts) one.merge(fact);
        for (const fact of [...shuffled, ...again]) two.merge(fact);
        expect([...two]).toEqual([...one]);
        expect(gapsOf(two)).toEqual(gapsOf(one));
        expect([two.size, two.reachesStart]).toEqual([one.size, one.reachesStart]);
      }),
      { numRuns: 500 },
    );
  });

  it('[TL3] holds every message once, oldest first, and counts what is missing before each', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 }), (seqs) => {
        const timeline = new Timeline();
        for (const seq of seqs) timeline.merge(numbered(seq));
        const held = [...new Set(seqs)].sort((a, b) => a - b);
        expect([...timeline].map(({ seq }) => seq)).toEqual(held);
        expect(gapsOf(timeline)).toEqual(held.map((seq, i) => (i === 0 ? 0 : seq - (held[i - 1] ?? 0) - 1)));
        expect(timeline.reachesStart).toBe(held[0] === 1);
      }),
    );
  });

  it('[TL4] empties a deleted message for good and remembers whose try it was', () => {
    const timeline = new Timeline();
    expect(timeline.merge(numbered(1, { clientId: 'k1', mediaUrl: 'https://x/y.png' }))).toBe('added');
    expect(timeline.merge(numbered(1, { clientId: null, isDeleted: true, text: '' }))).toBe('changed');
    expect(timeline.merge(numbered(1, { clientId: null }))).toBe('none');
    expect(timeline.get('m1')).toMatchObject({ isDeleted: true, text: '', mediaUrl: null, clientId: 'k1' });
    expect([timeline.hasClientId('k1'), timeline.hasClientId('k2')]).toEqual([true, false]);
  });
});

describe('without numbers', () => {
  const at = (...seconds: number[]) => seconds.map((second) => unnumbered(second));

  it('[TL5] takes the messages of a page for neighbours, and nothing else', () => {
    const timeline = new Timeline();
    load(timeline, at(7, 8, 9), { isLatest: true, hasOlder: true });
    timeline.detach();
    load(timeline, at(1, 2, 3), { hasOlder: false });
    expect(gapsOf(timeline)).toEqual([0, 0, 0, null, 0, 0]);
    load(timeline, at(3, 4, 5, 6, 7));
    expect(gapsOf(timeline)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(timeline.reachesStart).toBe(true);
  });

  it('[TL6] takes a live message for the next one only while nothing was missed', () => {
    const timeline = new Timeline();
    load(timeline, at(1, 2), { isLatest: true });
    timeline.merge(unnumbered(3));
    timeline.detach();
    timeline.merge(unnumbered(6));
    timeline.merge(unnumbered(7));
    expect(gapsOf(timeline)).toEqual([0, 0, 0, null, null]);
    load(timeline, at(3, 4, 5, 6, 7), { isLatest: true });
    timeline.merge(unnumbered(8));
    expect(gapsOf(timeline)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('[TL6] opens a hole around a message that turns up between neighbours', () => {
    const timeline = new Timeline();
    load(timeline, at(1, 5), { isLatest: true });
    timeline.merge(unnumbered(3));
    expect(gapsOf(timeline)).toEqual([0, null, null]);
  });

  it('[TL5] takes a page for no proof about a message that stands between two of its own', () => {
    const timeline = new Timeline();
    load(timeline, at(1, 5), { isLatest: true });
    timeline.merge(unnumbered(3));
    load(timeline, at(1, 5));
    expect(gapsOf(timeline)).toEqual([0, null, null]);
  });

  it('[TL5] never stitches over a message that was not told of', () => {
    // The truth is messages 1 to 30; pages are windows of it, and live messages come without a page.
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('page' as const),
        from: fc.integer({ min: 1, max: 30 }),
        size: fc.integer({ min: 1, max: 8 }),
      }),
      fc.record({
        kind: fc.constant('live' as const),
        from: fc.integer({ min: 1, max: 30 }),
        size: fc.constant(1),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const timeline = new Timeline();
        for (const { kind, from, size } of steps) {
          const window = at(...Array.from({ length: size }, (_, i) => from + i));
          if (kind === 'page') load(timeline, window);
          else for (const message of window) timeline.merge(message);
        }
        const held = [...timeline];
        for (const [i, message] of held.entries()) {
          const isNext = message.createdAt - (held[i - 1]?.createdAt ?? message.createdAt - 1_000) === 1_000;
          if (timeline.gapBefore(message) === 0) expect(isNext).toBe(true);
        }
        expect(idsOf(timeline)).toEqual([...new Set(idsOf(timeline))]);
      }),
      { numRuns: 500 },
    );
  });

  it('[TL5] is whole again when pages that overlap have been loaded, in any order', () => {
    const pages = [at(1, 2, 3, 4), at(4, 5, 6), at(6, 7, 8, 9), at(9, 10)];
    fc.assert(
      fc.property(fc.shuffledSubarray(pages, { minLength: 4 }), (order) => {
        const timeline = new Timeline();
        for (const messages of order) load(timeline, messages);
        for (const messages of order) timeline.mergePage(page(messages));
        expect(timeline.size).toBe(10);
        expect(gapsOf(timeline)).toEqual(Array(10).fill(0));
      }),
    );
  });

  it('[TL3] orders messages of one moment by id', () => {
    const timeline = new Timeline();
    for (const messageId of ['b', 'c', 'a']) timeline.merge(unnumbered(1, { messageId, senderId: me }));
    expect(idsOf(timeline)).toEqual(['a', 'b', 'c']);
  });

  it('[TL7] knows its start by a page with nothing before it, also of an empty conversation', () => {
    const empty = new Timeline();
    empty.mergePage(page([], { hasOlder: false, isLatest: true }));
    expect(empty.reachesStart).toBe(true);
    const other = new Timeline();
    load(other, at(5, 6), { hasOlder: true });
    expect(other.reachesStart).toBe(false);
  });
});
