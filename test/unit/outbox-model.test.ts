import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutboxItem } from '../../src/chat/outbox-item.ts';
import { HttpError, NetworkError, TimeoutError } from '../../src/errors.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { type Attempt, draft, openPage, type Page } from '../support/memory-outbox.ts';
import { MemoryDisk } from '../support/memory-storage.ts';

const conversations = ['c0', 'c1', '__proto__'];

/** How a try ends: whether the backend took the message, and what the page is told. */
const ends = {
  answered: { takes: true, reason: null },
  answerLost: { takes: true, reason: new TimeoutError('no', 1) },
  cutAfter: { takes: true, reason: Object.assign(new NetworkError('no'), { connectionLost: true }) },
  cutBefore: { takes: false, reason: Object.assign(new NetworkError('no'), { connectionLost: true }) },
  offline: { takes: false, reason: Object.assign(new NetworkError('no'), { bodyLeft: false }) },
  broken: { takes: false, reason: new HttpError('no', { status: 500 }) },
  limited: { takes: false, reason: new HttpError('no', { status: 429, retryAfterMs: 5_000 }) },
  signedOut: { takes: false, reason: new HttpError('no', { status: 401 }) },
  refused: { takes: false, reason: new HttpError('no', { status: 403 }) },
} as const;

const index = fc.nat(30);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('add' as const), at: index }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      at: index,
      how: fc.constantFrom(...(Object.keys(ends) as (keyof typeof ends)[])),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), at: fc.constantFrom(3, 10, 1_000, 90_000) }),
  },
  fc.record({
    do: fc.constantFrom(
      ...(['crash', 'handOver', 'stop', 'start', 'pause', 'resume', 'nudge'] as const),
      ...(['retry', 'discard', 'confirm', 'load'] as const),
    ),
    at: index,
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The backend, the disk and the page of one run, and what must hold of them after every step. */
class World {
  readonly clock = new FakeClock();
  readonly disk = new MemoryDisk();
  readonly level: 0 | 1;
  readonly latencyMs: number;
  /** Rows in the order in which the backend took them. */
  readonly rows: string[] = [];
  readonly added: OutboxItem[] = [];
  readonly accepted = new Set<string>();
  readonly discarded = new Set<string>();
  /** Set aside at some time: their order no longer counts. */
  readonly parked = new Set<string>();
  open: Attempt[] = [];
  page: Page | undefined;

  constructor(level: 0 | 1, latencyMs: number) {
    this.level = level;
    this.latencyMs = latencyMs;
  }

  async reload(): Promise<void> {
    this.open = [];
    this.page = await openPage(this.clock, {
      disk: this.disk,
      latencyMs: this.latencyMs,
      level: this.level,
      start: false,
      findSent: async ({ clientId }) => (this.rows.includes(clientId) ? 'sent' : 'absent'),
    });
    void this.page.outbox.start();
    this.collect();
  }

  items = (): readonly OutboxItem[] => conversations.flatMap((id) => this.page?.outbox.items(id) ?? []);

  /** Takes note of new tries. */
  collect(): void {
    this.open.push(...(this.page?.tries.splice(0) ?? []));
    this.open = this.open.filter(({ signal }) => !signal.aborted);
    for (const { clientId, state } of this.items()) {
      if (state === 'failed' || state === 'uncertain') this.parked.add(clientId);
    }
  }

  async end(attempt: Attempt, how: keyof typeof ends): Promise<void> {
    this.open = this.open.filter((other) => other !== attempt);
    const { takes, reason } = ends[how];
    const { clientId } = attempt.item;
    if (takes && !(this.level > 0 && this.rows.includes(clientId))) this.rows.push(clientId);
    await (reason ? attempt.fail(reason) : attempt.arrive());
  }

  async run(step: Step): Promise<void> {
    const { page } = this;
    if (!page) return;
    const pick = <T>(all: readonly T[]) => all[step.at % Math.max(1, all.length)];
    const clientId = pick(this.items())?.clientId ?? '';
    switch (step.do) {
      case 'add': {
        const { item, stored } = page.outbox.add(draft('same text', pick(conversations)));
        this.added.push(item);
        void stored.then(() => this.accepted.add(item.clientId));
        break;
      }
      case 'end': {
        const attempt = pick(this.open);
        if (attempt) await this.end(attempt, step.how);
        break;
      }
      case 'wait':
        await this.clock.advance(step.at);
        break;
      case 'crash':
        page.crash();
        await this.reload();
        break;
      case 'handOver':
        await Promise.race([page.outbox.stop(), this.clock.advance(1_000)]);
        page.crash();
        await this.reload();
        break;
      case 'confirm': {
        const known = this.items().find((item) => this.rows.includes(item.clientId));
        if (known) page.outbox.confirm(known.clientId);
        break;
      }
      case 'discard':
        if (page.outbox.discard(clientId)) this.discarded.add(clientId);
        break;
      case 'retry':
        page.outbox.retry(clientId);
        break;
      default:
        void page.outbox[step.do]();
    }
    await settle();
    this.collect();
  }

  check(): void {
    const ids = this.open.map(({ item }) => item.clientId);
    expect(new Set(ids).size, 'one try of an item at a time').toBe(ids.length);
    const lanes = this.open.map(({ item }) => item.conversationId);
    expect(new Set(lanes).size, 'one try of a conversation at a time').toBe(lanes.length);
    expect(new Set(this.rows).size, 'each message once').toBe(this.rows.length);
    expect(this.rows).not.toContain('foreign');
    for (const conversation of conversations) {
      const inOrder = (id: string) => !this.parked.has(id) && !this.discarded.has(id);
      const issued = this.added.filter(({ conversationId }) => conversationId === conversation);
      const sent = issued
        .map(({ clientId }) => clientId)
        .filter((id) => this.rows.includes(id) && inOrder(id));
      expect(
        this.rows.filter((id) => sent.includes(id)),
        `order in ${conversation}`,
      ).toEqual(sent);
    }
  }

  checkNothingLost(): void {
    const listed = new Set(this.items().map(({ clientId }) => clientId));
    for (const id of this.accepted) {
      const isKnown = listed.has(id) || this.rows.includes(id) || this.discarded.has(id);
      expect(isKnown, `${id} is sent, listed or discarded`).toBe(true);
    }
  }

  /** The last fault ends: everything is answered from now on. */
  async heal(): Promise<void> {
    this.page?.outbox.resume();
    void this.page?.outbox.start();
    for (let i = 0; i < 400; i += 1) {
      await this.clock.advance(this.latencyMs + 1_000);
      this.collect();
      const attempt = this.open[0];
      if (attempt) await this.end(attempt, 'answered');
      else if (this.items().every(({ state }) => state === 'failed' || state === 'uncertain')) return;
    }
  }
}

describe('outbox', () => {
  it('[OB3][OB8][OB10][OB14] loses, doubles and reorders nothing, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0 as const, 1 as const),
        fc.constantFrom(0, 5),
        fc.array(step, { minLength: 5, maxLength: 60 }),
        async (level, latencyMs, steps) => {
          const world = new World(level, latencyMs);
          world.disk.records.set('foreign', { clientId: 'foreign', ownerId: 'someone else' });
          await world.reload();
          for (const each of steps) {
            await world.run(each);
            world.check();
          }
          await world.heal();
          world.check();
          world.checkNothingLost();
          const waiting = world.items().filter(({ state }) => state === 'queued' || state === 'sending');
          expect(waiting, 'nothing waits for ever').toEqual([]);
          expect(world.disk.records.has('foreign')).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);
});
