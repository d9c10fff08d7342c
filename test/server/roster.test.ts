import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { NodeNews, Nodes } from '../../examples/server/src/nodes/nodes.ts';
import { createRoster, type Roster } from '../../examples/server/src/nodes/roster.ts';

/** What nodes tell reaches the others a turn later, or is lost. */
class Bus {
  isCut = false;
  readonly #news = new Map<string, (news: NodeNews) => void>();
  readonly #asked = new Map<string, () => void>();

  node(self: string): Nodes {
    const later = (run: () => void) => void (this.isCut || setImmediate(run));
    return {
      self,
      tell: (news) => {
        for (const [node, hear] of this.#news) if (node !== self) later(() => hear(structuredClone(news)));
      },
      ask: (node) => later(() => this.#asked.get(node)?.()),
      onNews: (listener) => void this.#news.set(self, listener),
      onAsk: (listener) => void this.#asked.set(self, listener),
      canHear: () => !this.isCut,
    };
  }

  crash(node: string): void {
    this.#news.delete(node);
    this.#asked.delete(node);
  }
}

const bus = () => new Bus();
const start = (nodes: Nodes, silentMs = 60_000): Roster => {
  const roster = createRoster(nodes, { beatMs: 10, silentMs });
  onTestFinished(roster.close);
  return roster;
};

test('a user is here on whatever node, with the best status and all sockets', async () => {
  const line = bus();
  const [a, b] = [start(line.node('a')), start(line.node('b'))];
  a.set('u1', 's1', 'away');
  await expect.poll(() => b.of('u1')).toBe('away');
  b.set('u1', 's2', 'online');
  await expect.poll(() => [a.of('u1'), a.socketsOf('u1'), b.socketsOf('u1')]).toEqual(['online', 2, 2]);
  b.forget('u1', 's2');
  await expect.poll(() => [a.of('u1'), a.socketsOf('u1')]).toEqual(['away', 1]);
  a.forget('u1', 's1');
  await expect.poll(() => [a.of('u1'), b.of('u1'), b.socketsOf('u1')]).toEqual(['offline', 'offline', 0]);
});

test('a node that starts later learns who is here already', async () => {
  const line = bus();
  const a = start(line.node('a'));
  a.set('u1', 's1', 'online');
  await sleep(5);
  const b = start(line.node('b'));
  await expect.poll(() => b.of('u1')).toBe('online');
});

test('what was lost on the way is made up for', async () => {
  const line = bus();
  const [a, b] = [start(line.node('a')), start(line.node('b'))];
  a.set('u1', 's1', 'online');
  a.set('u2', 's2', 'online');
  await expect.poll(() => b.of('u2')).toBe('online');
  line.isCut = true;
  a.forget('u1', 's1');
  a.set('u3', 's3', 'online');
  await sleep(50);
  expect([b.of('u1'), b.of('u2'), b.of('u3')]).toEqual(['online', 'online', 'offline']);
  const changed: string[] = [];
  b.onChange((userId) => changed.push(userId));
  line.isCut = false;
  await expect.poll(() => [b.of('u1'), b.of('u2'), b.of('u3')]).toEqual(['offline', 'online', 'online']);
  expect(changed).toEqual(expect.arrayContaining(['u1', 'u3']));
});

test('the users of a node that died are gone after a while; of one that says goodbye, at once', async () => {
  const line = bus();
  const [a, b, c] = [start(line.node('a')), start(line.node('b'), 100), start(line.node('c'))];
  a.set('u1', 's1', 'online');
  c.set('u2', 's2', 'online');
  await expect.poll(() => [b.of('u1'), b.of('u2')]).toEqual(['online', 'online']);
  c.close();
  await expect.poll(() => b.of('u2')).toBe('offline');
  line.crash('a');
  a.close();
  await expect.poll(() => b.of('u1')).toBe('offline');
});

test('nobody is taken for gone while nobody can be heard', async () => {
  const line = bus();
  const [a, b] = [start(line.node('a')), start(line.node('b'), 60)];
  a.set('u1', 's1', 'online');
  await expect.poll(() => b.of('u1')).toBe('online');
  line.isCut = true;
  await sleep(200);
  expect(b.of('u1')).toBe('online');
});
