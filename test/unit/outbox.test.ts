import { beforeEach, describe, expect, it } from 'vitest';
import { HttpError, NetworkError, TimeoutError } from '../../src/errors.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { draft, openPage } from '../support/memory-outbox.ts';
import { MemoryDisk } from '../support/memory-storage.ts';

let clock: FakeClock;
let disk: MemoryDisk;

beforeEach(() => {
  clock = new FakeClock();
  disk = new MemoryDisk();
});

const refused = () => new HttpError('no', { status: 403 });
const unanswered = () => new TimeoutError('no', 1);

describe('adding', () => {
  it('[OB1] shows a message at once and tries it only after it is stored', async () => {
    const page = await openPage(clock, { disk, latencyMs: 50, start: false });
    void page.outbox.start();
    await clock.advance(50);
    let isStored = false;
    const { item, stored } = page.outbox.add(draft('a'));
    void stored.then(() => {
      isStored = true;
    });
    expect(page.outbox.items('c1')).toEqual([item]);
    expect(page.changes).toContain('c1');
    await clock.advance(49);
    expect([isStored, disk.records.size, page.tries.length]).toEqual([false, 0, 0]);
    await clock.advance(1);
    expect([isStored, disk.records.size, page.tries.length]).toEqual([true, 1, 1]);
  });

  it('[OB1] forgets after a crash what was not stored yet, and never sends it', async () => {
    const page = await openPage(clock, { disk, latencyMs: 50, start: false });
    let isStored = false;
    void page.outbox.add(draft('a')).stored.then(() => {
      isStored = true;
    });
    page.crash();
    await clock.advance(1_000);
    const next = await openPage(clock, { disk });
    expect([isStored, next.tried(), next.states()]).toEqual([false, [], []]);
  });

  it('[OB2] sends after a reload what was stored before, in order and under the same id', async () => {
    const first = await openPage(clock, { disk, start: false });
    const before = [await first.say('a'), await first.say('b')];
    first.crash();
    const second = await openPage(clock, { disk });
    expect(second.outbox.items('c1').every((item) => Object.isFrozen(item))).toBe(true);
    await second.last('a').arrive();
    await second.last('b').arrive();
    expect(second.tries.map(({ item }) => item.clientId)).toEqual(before.map(({ clientId }) => clientId));
    expect([second.states(), disk.records.size]).toEqual([[], 0]);
  });

  it('[OB2] keeps what is added before the stored messages are known behind them', async () => {
    const past = new FakeClock();
    await clock.advance(86_400_000);
    const first = await openPage(clock, { disk, start: false });
    await first.say('a');
    await first.say('b');
    first.crash();
    const second = await openPage(past, { disk, start: false });
    second.outbox.add(draft('c'));
    void second.outbox.start();
    await settle();
    expect(second.item('c')?.position).toBeGreaterThan(second.item('b')?.position ?? Number.NaN);
    for (const text of ['a', 'b', 'c']) await second.last(text).arrive();
    expect(second.tried()).toEqual(['a', 'b', 'c']);
  });

  it('[OB2] keeps what is added while the stored messages are read behind them, also after another reload', async () => {
    const past = new FakeClock();
    await clock.advance(86_400_000);
    const first = await openPage(clock, { disk, start: false });
    await first.say('a');
    first.crash();
    const second = await openPage(past, { disk, latencyMs: 10, start: false });
    void second.outbox.load();
    await past.advance(5);
    second.outbox.add(draft('b'));
    await past.advance(100);
    second.crash();
    const third = await openPage(past, { disk });
    expect(third.states()).toEqual(['a sending', 'b queued']);
  });

  it('[OB3] sends a conversation one by one in the order of adding, however fast they are added', async () => {
    const page = await openPage(clock, { latencyMs: 5, start: false });
    void page.outbox.start();
    await clock.advance(5);
    for (const text of ['a', 'b', 'c']) page.outbox.add(draft(text));
    await clock.advance(20);
    expect(page.tried()).toEqual(['a']);
    for (const text of ['a', 'b', 'c']) {
      await page.last(text).arrive();
      await clock.advance(20);
    }
    expect(page.tried()).toEqual(['a', 'b', 'c']);
  });

  it('[OB4] lets no slow message hold up another conversation', async () => {
    const page = await openPage(clock);
    for (let i = 0; i < 20; i += 1) await page.say(`slow ${i}`, `c${i}`);
    await page.say('b', 'other');
    expect(page.tried()).toContain('b');
  });

  it('[OB12] sends equal texts as often as they were written', async () => {
    const page = await openPage(clock);
    await page.say('ok');
    await page.say('ok');
    await page.last('ok').arrive();
    await page.last('ok').arrive();
    expect(new Set(page.tries.map(({ item }) => item.clientId)).size).toBe(2);
  });

  it('[OB17] refuses a message that is too large, counted as it goes on the wire', async () => {
    const page = await openPage(clock, { limits: { maxMessageBytes: 20 } });
    const tooLarge = expect.objectContaining({ code: 'TOO_LARGE', retryable: false });
    expect(() => page.outbox.add(draft('x'.repeat(21)))).toThrow(tooLarge);
    expect(() => page.outbox.add(draft('\u0000\u0000'))).toThrow(tooLarge);
    expect(() => page.outbox.add(draft('éééééé'))).toThrow(tooLarge);
    expect([page.states(), page.tries]).toEqual([[], []]);
    expect(() => page.outbox.add(draft('eeeee'))).not.toThrow();
  });

  it('[OB17] refuses more than 1,000 messages, and takes the next when one is gone', async () => {
    const page = await openPage(clock, { start: false });
    for (let i = 0; i < 1_000; i += 1) page.outbox.add(draft(String(i), `c${i % 7}`));
    const full = expect.objectContaining({ code: 'TOO_LARGE', retryable: true });
    expect(() => page.outbox.add(draft('more'))).toThrow(full);
    page.outbox.discard(page.item('5')?.clientId ?? '');
    expect(() => page.outbox.add(draft('more'))).not.toThrow();
  });

  it('[OB17] refuses more than 5 MB', async () => {
    const page = await openPage(clock, { start: false });
    const big = 'x'.repeat(50_000);
    const full = expect.objectContaining({ code: 'TOO_LARGE', retryable: true });
    for (let i = 0; i < 99; i += 1) page.outbox.add(draft(big));
    expect(() => page.outbox.add(draft(big))).toThrow(full);
  });

  it('[OB17] has room again for every byte that left, and for none twice', async () => {
    const arrivals: (() => void)[] = [];
    const page = await openPage(clock, {
      limits: { maxBytes: 40 },
      deliver: () => new Promise((resolve) => arrivals.push(resolve)),
    });
    const { clientId } = await page.say('a'.repeat(10));
    await page.say('b'.repeat(10));
    const full = expect.objectContaining({ code: 'TOO_LARGE' });
    expect(() => page.outbox.add(draft('c'))).toThrow(full);
    page.outbox.confirm(clientId);
    arrivals[0]?.();
    await settle();
    await page.say('c'.repeat(10));
    expect(() => page.outbox.add(draft('d'))).toThrow(full);
  });

  it('[OB24] has frozen items and lists that stay the same while nothing changes', async () => {
    const page = await openPage(clock);
    await page.say('a');
    await page.say('b');
    const before = page.outbox.items('c1');
    expect(page.outbox.items('c1')).toBe(before);
    expect([before, ...before].every((value) => Object.isFrozen(value))).toBe(true);
    await page.say('c', 'c2');
    expect(page.outbox.items('c1')).toBe(before);
    await page.last('a').fail(refused());
    expect(page.outbox.items('c1')).not.toBe(before);
    expect(page.outbox.items('nobody')).toBe(page.outbox.items('nothing'));
  });
});

describe('failing tries', () => {
  it('[OB5] waits longer after every failed try, with jitter, and never gives up', async () => {
    const page = await openPage(clock, { random: () => 0.5 });
    await page.say('a');
    const waits: number[] = [];
    for (let i = 1; i <= 12; i += 1) {
      await page.last('a').fail(unanswered());
      const start = clock.now();
      while (page.tries.length === i) await clock.advance(500);
      waits.push(clock.now() - start);
    }
    expect(waits.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(waits.at(-1)).toBe(30_000);
    expect(page.item('a')).toMatchObject({ state: 'sending', tries: 13 });
  });

  it('[OB6] waits as long as the backend asks, with every conversation, also when the connection is back', async () => {
    const page = await openPage(clock, { random: () => 0 });
    await page.say('a');
    await page.last('a').fail(new HttpError('no', { status: 429, retryAfterMs: 30_000 }));
    page.outbox.nudge();
    await page.say('b', 'c2');
    await clock.advance(29_999);
    expect(page.tried()).toEqual(['a']);
    await clock.advance(1);
    expect(page.tried().sort()).toEqual(['a', 'a', 'b']);
  });

  it('[OB6] spreads the tries after the wait that the backend asked for', async () => {
    const page = await openPage(clock, { random: () => 0.5 });
    await page.say('a');
    await page.last('a').fail(new HttpError('no', { status: 503, retryAfterMs: 30_000 }));
    await clock.advance(30_499);
    expect(page.tries).toHaveLength(1);
    await clock.advance(1);
    expect(page.tries).toHaveLength(2);
  });

  it('[OB7] sets a refused message aside with its error and goes on with the next', async () => {
    const page = await openPage(clock, { disk });
    const { clientId } = await page.say('a');
    await page.say('b');
    await page.last('a').fail(refused());
    expect(page.states()).toEqual(['a failed', 'b sending']);
    expect(page.item('a')?.error).toMatchObject({ code: 'FORBIDDEN', status: 403 });
    expect(disk.records.get(clientId)).toMatchObject({ state: 'failed', errorCode: 'FORBIDDEN' });
    await clock.advance(600_000);
    expect(page.tried()).toEqual(['a', 'b']);
  });

  it('[OB7] tells after a reload with which code a message failed', async () => {
    const page = await openPage(clock, { disk });
    await page.say('a');
    await page.last('a').fail(refused());
    page.crash();
    const next = await openPage(clock, { disk });
    expect(next.item('a')).toMatchObject({ state: 'failed', error: { code: 'FORBIDDEN' } });
  });

  it('[OB7] sends a failed message again when asked to, before those that were added later', async () => {
    const page = await openPage(clock);
    const { clientId } = await page.say('a');
    for (const text of ['b', 'c']) await page.say(text);
    await page.last('a').fail(refused());
    expect(page.outbox.retry(clientId)).toBe(true);
    expect(page.item('a')).toMatchObject({ state: 'queued', error: null });
    await page.last('b').arrive();
    await page.last('a').arrive();
    expect(page.tried()).toEqual(['a', 'b', 'a', 'c']);
    expect(page.outbox.retry('unknown')).toBe(false);
  });

  it('[OB8] stores that a message may have arrived when a try was not answered', async () => {
    const page = await openPage(clock, { disk });
    const { clientId } = await page.say('a');
    await page.last('a').fail(unanswered());
    expect(page.item('a')).toMatchObject({ state: 'queued', mayHaveArrived: true, tries: 1 });
    expect(disk.records.get(clientId)).toMatchObject({ state: 'queued', mayHaveArrived: true, tries: 1 });
  });

  it('[OB8] knows that a message did not arrive when nothing left the device', async () => {
    const page = await openPage(clock, { level: 0 });
    await page.say('a');
    await page.last('a').fail(Object.assign(new NetworkError('no'), { bodyLeft: false }));
    expect(page.item('a')?.mayHaveArrived).toBe(false);
    await clock.advance(60_000);
    expect([page.tries.length, page.looks.length]).toEqual([2, 0]);
  });

  it('[OB9] repeats an unanswered message under the same id where that is harmless', async () => {
    const page = await openPage(clock, { level: 1 });
    await page.say('a');
    await page.last('a').fail(unanswered());
    await clock.advance(60_000);
    const [first, second] = page.tries;
    expect(second?.item.clientId).toBe(first?.item.clientId);
    expect(page.looks).toEqual([]);
  });

  it('[OB7] keeps a message while the token is refused', async () => {
    const page = await openPage(clock);
    await page.say('a');
    await page.last('a').fail(new HttpError('no', { status: 401 }));
    expect(page.item('a')).toMatchObject({ state: 'queued', mayHaveArrived: false });
    await clock.advance(60_000);
    expect(page.tries).toHaveLength(2);
  });

  it('[OB20] ends the backoff when the connection is back', async () => {
    const page = await openPage(clock);
    await page.say('a');
    await page.last('a').fail(unanswered());
    page.outbox.nudge();
    await settle();
    expect(page.tries).toHaveLength(2);
  });

  it('[OB20] sends a waiting message at once when asked to', async () => {
    const page = await openPage(clock);
    const { clientId } = await page.say('a');
    await page.last('a').fail(unanswered());
    page.outbox.retry(clientId);
    await settle();
    expect(page.tries).toHaveLength(2);
  });
});

describe('what the user or another says', () => {
  it('[OB16] lets a message go when its echo is seen, and ignores how its try ends', async () => {
    const page = await openPage(clock, { disk });
    const { clientId } = await page.say('a');
    await page.say('b');
    page.outbox.confirm(clientId);
    await settle();
    expect(page.states()).toEqual(['b sending']);
    await page.last('a').fail(refused());
    await clock.advance(60_000);
    expect([page.states(), page.tried()]).toEqual([['b sending'], ['a', 'b']]);
    expect([...disk.records.values()]).toMatchObject([{ text: 'b' }]);
  });

  it('[OB16] goes on with the next even if the try of a confirmed message never ends', async () => {
    const tried: string[] = [];
    const page = await openPage(clock, {
      deliver({ text }) {
        tried.push(text);
        return new Promise(() => {});
      },
    });
    const { clientId } = await page.say('a');
    await page.say('b');
    page.outbox.confirm(clientId);
    await settle();
    expect(tried).toEqual(['a', 'b']);
  });

  it('[OB16] does not bring back what is sent while a slow storage lists it', async () => {
    const page = await openPage(clock, { disk });
    await page.say('sent');
    await page.say('refused', 'c2');
    const stale = [...disk.records.values()];
    let answer = () => {};
    page.storage.list = () =>
      new Promise((resolve) => {
        answer = () => resolve({ records: stale, complete: true });
      });
    void page.outbox.load();
    await settle();
    await page.last('sent').arrive();
    await page.last('refused').fail(refused());
    answer();
    await settle();
    expect([page.states(), page.states('c2')]).toEqual([[], ['refused failed']]);
  });

  it('[OB16] does not send what was confirmed before the stored messages are known', async () => {
    const first = await openPage(clock, { disk, start: false });
    const { clientId } = await first.say('a');
    first.crash();
    const second = await openPage(clock, { disk, start: false });
    second.outbox.confirm(clientId);
    await second.outbox.start();
    expect([second.tried(), second.states(), disk.records.size]).toEqual([[], [], 0]);
  });

  it('[OB16] does not bring back what is confirmed while the stored messages are read', async () => {
    const first = await openPage(clock, { disk, start: false });
    const { clientId } = await first.say('a');
    first.crash();
    const second = await openPage(clock, { disk, latencyMs: 10, start: false });
    void second.outbox.start();
    await clock.advance(5);
    second.outbox.confirm(clientId);
    await clock.advance(100);
    expect([second.tried(), second.states(), disk.records.size]).toEqual([[], [], 0]);
  });

  it('[OB25] discards a message, ends its try and goes on', async () => {
    const page = await openPage(clock, { disk });
    const { clientId } = await page.say('a');
    await page.say('b');
    expect(page.outbox.discard(clientId)).toBe(true);
    await settle();
    expect(page.last('a').signal.aborted).toBe(true);
    expect([page.states(), page.outbox.discard(clientId)]).toEqual([['b sending'], false]);
    expect(disk.records.has(clientId)).toBe(false);
  });

  it('[OB25] does not send or store a message that is discarded while it is stored', async () => {
    const page = await openPage(clock, { disk, latencyMs: 10, start: false });
    void page.outbox.start();
    await clock.advance(10);
    const { item } = page.outbox.add(draft('a'));
    page.outbox.discard(item.clientId);
    await clock.advance(60_000);
    expect([page.tries, disk.records.size]).toEqual([[], 0]);
  });

  it('[OB18] begins nothing while paused, keeps everything, and goes on afterwards', async () => {
    const page = await openPage(clock, { disk });
    await page.say('a');
    page.outbox.pause();
    await page.say('b', 'c2');
    await page.last('a').fail(unanswered());
    page.outbox.nudge();
    await clock.advance(600_000);
    expect([page.tried(), disk.records.size]).toEqual([['a'], 2]);
    page.outbox.resume();
    await settle();
    expect(page.tried().sort()).toEqual(['a', 'a', 'b']);
  });

  it('[OB18] takes a message back that was about to be tried when paused', async () => {
    const page = await openPage(clock, { disk, latencyMs: 10, start: false });
    void page.outbox.start();
    await clock.advance(10);
    page.outbox.add(draft('a'));
    page.outbox.pause();
    await clock.advance(100);
    expect(page.tries).toEqual([]);
    expect([...disk.records.values()]).toMatchObject([{ state: 'queued', tries: 0, mayHaveArrived: false }]);
  });

  it('[OB19] sends nothing before it is started', async () => {
    const page = await openPage(clock, { start: false });
    await page.say('a');
    await page.outbox.load();
    await clock.advance(60_000);
    expect([page.tries, page.states()]).toEqual([[], ['a queued']]);
  });

  it('[OB19] ends its tries when stopped, and says when another page may start', async () => {
    const page = await openPage(clock, { disk });
    const { clientId } = await page.say('a');
    await page.outbox.stop();
    expect(page.last('a').signal.aborted).toBe(true);
    expect(disk.records.get(clientId)).toMatchObject({ state: 'queued', mayHaveArrived: true });
    await clock.advance(60_000);
    expect(page.tries).toHaveLength(1);
    const other = await openPage(clock, { disk });
    expect(other.tried()).toEqual(['a']);
  });

  it('[OB19] does not start when it was stopped while it read the stored messages', async () => {
    const page = await openPage(clock, { disk, latencyMs: 10, start: false });
    page.outbox.add(draft('a'));
    void page.outbox.start();
    await clock.advance(5);
    await page.outbox.stop();
    await clock.advance(60_000);
    expect(page.tries).toEqual([]);
  });

  it('[OB25] sends and tells nothing once disposed, and leaves everything stored', async () => {
    const page = await openPage(clock, { disk });
    await page.say('a');
    await page.say('b', 'c2');
    await page.last('b').fail(unanswered());
    const told = page.changes.length;
    page.outbox.dispose();
    expect([clock.waiting, page.last('a').signal.aborted]).toEqual([0, true]);
    await clock.advance(60_000);
    expect([page.tries.length, page.changes.length, disk.records.size]).toEqual([2, told, 2]);
    expect(() => page.outbox.add(draft('b'))).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
  });
});
