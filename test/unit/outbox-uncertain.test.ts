import { beforeEach, describe, expect, it } from 'vitest';
import { HttpError, NetworkError, TimeoutError } from '../../src/errors.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { type Found, openPage, type Page } from '../support/memory-outbox.ts';
import { MemoryDisk } from '../support/memory-storage.ts';

let clock: FakeClock;
let disk: MemoryDisk;

beforeEach(() => {
  clock = new FakeClock();
  disk = new MemoryDisk();
});

const unanswered = () => new TimeoutError('no', 1);

/** A level 0 page whose message `a` was tried without an answer; `b` waits behind it. */
async function unansweredPage(...found: (Found | Error)[]): Promise<Page> {
  const page = await openPage(clock, { disk, level: 0, found });
  await page.say('a');
  await page.say('b');
  await clock.advance(15_000);
  await page.last('a').fail(unanswered());
  return page;
}

describe('a send without an answer, at level 0', () => {
  it('[OB10] waits before it looks for the message, also when the connection is back', async () => {
    const page = await unansweredPage('sent');
    page.outbox.nudge();
    await clock.advance(999);
    expect([page.looks.length, page.tries.length]).toEqual([0, 1]);
    await clock.advance(1);
    expect(page.looks).toMatchObject([{ text: 'a' }]);
  });

  it('[OB10] lets the message go when it is found', async () => {
    const page = await unansweredPage('sent');
    await clock.advance(60_000);
    expect([page.tried(), page.states()]).toEqual([['a', 'b'], ['b sending']]);
  });

  it('[OB10] sends it once more when it is not there, before the next one', async () => {
    const page = await unansweredPage('absent');
    await clock.advance(60_000);
    expect(page.tried()).toEqual(['a', 'a']);
    await page.last('a').arrive();
    expect(page.states()).toEqual(['b sending']);
  });

  it('[OB10] does not send it a third time by itself', async () => {
    const page = await unansweredPage('absent');
    await clock.advance(60_000);
    await page.last('a').fail(unanswered());
    await clock.advance(600_000);
    expect(page.states()).toEqual(['a uncertain', 'b sending']);
    expect(page.tried()).toEqual(['a', 'a', 'b']);
  });

  it('[OB10] remembers across a reload that it was sent once more', async () => {
    const page = await unansweredPage('absent');
    await clock.advance(60_000);
    page.crash();
    const next = await openPage(clock, { disk, level: 0, found: ['absent'] });
    await clock.advance(60_000);
    expect([next.tried(), next.states()]).toEqual([['b'], ['a uncertain', 'b sending']]);
  });

  it('[OB10] looks for another than those that were there before the first try, across a reload too', async () => {
    const page = await openPage(clock, { disk, level: 0, twinsOf: () => ['m1'] });
    await page.say('a');
    page.crash();
    const told: (readonly string[])[] = [];
    await openPage(clock, {
      disk,
      level: 0,
      twinsOf: () => ['m2'],
      async findSent(_item, _signal, twins) {
        told.push(twins);
        return 'sent';
      },
    });
    await clock.advance(60_000);
    expect(told).toEqual([['m1']]);
  });

  it('[OB10] calls it uncertain when nobody can tell, keeps it, and goes on', async () => {
    const page = await unansweredPage('unknown');
    await clock.advance(60_000);
    expect(page.states()).toEqual(['a uncertain', 'b sending']);
    page.crash();
    const next = await openPage(clock, { disk, level: 0, start: false });
    await next.outbox.load();
    expect(next.states()[0]).toBe('a uncertain');
  });

  it('[OB10] calls it uncertain when there is no way to look', async () => {
    const page = await openPage(clock, { level: 0, findSent: undefined });
    await page.say('a');
    await page.last('a').fail(unanswered());
    await clock.advance(60_000);
    expect(page.states()).toEqual(['a uncertain']);
  });

  it('[OB10] looks again while the backend cannot be reached', async () => {
    const page = await unansweredPage(new NetworkError('no'), new HttpError('no', { status: 502 }), 'sent');
    await clock.advance(600_000);
    expect([page.looks.length, page.tried(), page.states()]).toEqual([3, ['a', 'b'], ['b sending']]);
  });

  it('[OB10] calls it uncertain when looking is refused', async () => {
    const page = await unansweredPage(new HttpError('no', { status: 403 }));
    await clock.advance(60_000);
    expect(page.states()).toEqual(['a uncertain', 'b sending']);
  });

  it('[OB19] looks again after a stop, whatever it found before', async () => {
    let answer = (_: Found) => {};
    let looks = 0;
    const page = await openPage(clock, {
      disk,
      level: 0,
      findSent: (_, signal) =>
        new Promise((resolve, reject) => {
          looks += 1;
          answer = resolve;
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    });
    await page.say('a');
    await page.last('a').fail(unanswered());
    await clock.advance(60_000);
    await page.outbox.stop();
    expect([looks, page.states()]).toEqual([1, ['a queued']]);
    void page.outbox.start();
    await settle();
    page.outbox.pause();
    answer('absent');
    await settle();
    await page.outbox.stop();
    page.outbox.resume();
    void page.outbox.start();
    await settle();
    expect([looks, page.tries.length]).toEqual([3, 1]);
  });

  it('[OB11] sends an uncertain message again without looking when the user wants it', async () => {
    const page = await unansweredPage('unknown');
    await clock.advance(60_000);
    await page.last('b').arrive();
    const before = page.looks.length;
    page.outbox.retry(page.item('a')?.clientId ?? '');
    await settle();
    expect([page.tried(), page.looks.length]).toEqual([['a', 'b', 'a'], before]);
    await page.last('a').arrive();
    expect(page.states()).toEqual([]);
  });

  it('[OB11] drops an uncertain message when the user wants that', async () => {
    const page = await unansweredPage('unknown');
    await clock.advance(60_000);
    page.outbox.discard(page.item('a')?.clientId ?? '');
    await settle();
    expect(page.states()).toEqual(['b sending']);
    expect([...disk.records.values()]).toMatchObject([{ text: 'b' }]);
  });

  it('[OB16] lets an uncertain message go when its echo is seen', async () => {
    const page = await unansweredPage('unknown');
    await clock.advance(60_000);
    page.outbox.confirm(page.item('a')?.clientId ?? '');
    expect(page.states()).toEqual(['b sending']);
  });

  it('[OB15] looks first for what was on its way when the page crashed', async () => {
    const first = await openPage(clock, { disk, level: 0 });
    await first.say('a');
    first.crash();
    const second = await openPage(clock, { disk, level: 0, found: ['sent'] });
    expect(second.item('a')).toMatchObject({ state: 'queued', mayHaveArrived: true });
    await clock.advance(60_000);
    expect([second.looks.length, second.tried(), second.states()]).toEqual([1, [], []]);
  });

  it('[OB15] repeats what was on its way when the page crashed, at level 1', async () => {
    const first = await openPage(clock, { disk });
    const { clientId } = await first.say('a');
    first.crash();
    const second = await openPage(clock, { disk });
    expect(second.last('a').item).toMatchObject({ clientId, mayHaveArrived: true, tries: 2 });
  });
});
