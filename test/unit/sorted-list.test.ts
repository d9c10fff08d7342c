import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedList } from '../../src/lib/sorted-list.ts';

interface Item {
  readonly n: number;
}

const compare = (a: Item, b: Item) => a.n - b.n;
const probe = (n: number): Item => ({ n });

type Step = readonly [kind: 'add' | 'remove' | 'replace', n: number];

function agrees(list: SortedList<Item>, model: readonly Item[], at: number) {
  expect([...list]).toEqual(model);
  expect([...list.backwards()]).toEqual(model.toReversed());
  expect([list.length, list.first(), list.last()]).toEqual([model.length, model[0], model.at(-1)]);
  expect(list.before(probe(at))).toBe(model.findLast(({ n }) => n < at));
  expect(list.after(probe(at))).toBe(model.find(({ n }) => n > at));
  const held = model.find(({ n }) => n === at);
  if (held) expect([...list.backwardsFrom(held)]).toEqual(model.filter(({ n }) => n <= at).toReversed());
}

describe('a sorted list', () => {
  it('[TL1] is in order whatever was put in and taken out', () => {
    const step = fc.tuple(
      fc.constantFrom('add', 'add', 'remove', 'replace'),
      fc.integer({ min: 0, max: 60 }),
    );
    fc.assert(
      fc.property(fc.array(step as fc.Arbitrary<Step>, { maxLength: 120 }), (steps) => {
        const list = new SortedList<Item>(compare);
        let model: Item[] = [];
        for (const [kind, n] of steps) {
          const held = model.find((item) => item.n === n);
          if (kind === 'add' && !held) {
            const item = probe(n);
            list.add(item);
            model = [...model, item].sort(compare);
          } else if (kind === 'remove') {
            expect(list.remove(probe(n))).toBe(held !== undefined);
            model = model.filter((item) => item !== held);
          } else if (kind === 'replace' && held) {
            const next = probe(n);
            list.replace(held, next);
            model = model.map((item) => (item === held ? next : item));
          }
          agrees(list, model, n);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['forwards', (i: number) => i],
    ['backwards', (i: number) => 3_000 - i],
    ['from the middle', (i: number) => (i % 2 ? 1_500 + i : 1_500 - i)],
    ['at random', (i: number) => (i * 7_919) % 3_001],
  ])('[TL1] is in order over many chunks, filled %s and emptied again', (_, at) => {
    const list = new SortedList<Item>(compare);
    const items = Array.from({ length: 3_000 }, (_, i) => probe(at(i)));
    for (const item of items) list.add(item);
    let model = items.toSorted(compare);
    agrees(list, model, 1_500);
    for (const item of items.filter((_, i) => i % 3 !== 0)) expect(list.remove(item)).toBe(true);
    model = items.filter((_, i) => i % 3 === 0).sort(compare);
    for (const n of [0, 511, 512, 513, 1_500, 2_999, 3_001]) agrees(list, model, n);
    for (const item of model) expect(list.remove(item)).toBe(true);
    agrees(list, [], 1);
  });
});
