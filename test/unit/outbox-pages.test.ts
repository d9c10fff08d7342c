import { beforeEach, describe, expect, it } from 'vitest';
import { NetworkError, TimeoutError } from '../../src/errors.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { draft, openPage } from '../support/memory-outbox.ts';
import { MemoryDisk } from '../support/memory-storage.ts';

let clock: FakeClock;
let disk: MemoryDisk;

beforeEach(() => {
  clock = new FakeClock();
  disk = new MemoryDisk();
});

const lost = () => Object.assign(new NetworkError('no'), { connectionLost: true });

describe('a message that closes the connection', () => {
  it('[OB13] is set aside after three closes, and can be sent again by hand', async () => {
    const page = await openPage(clock);
    const { clientId } = await page.say('poison');
    await page.say('b');
    for (let i = 0; i < 3; i += 1) {
      await page.last('poison').fail(lost());
      page.outbox.nudge();
      await settle();
    }
    expect(page.states()).toEqual(['poison failed', 'b sending']);
    expect(page.tries).toHaveLength(4);
    await page.last('b').arrive();
    page.outbox.retry(clientId);
    await settle();
    await page.last('poison').fail(lost());
    expect(page.states()).toEqual(['poison queued']);
  });

  it('[OB13] does not take along those that are on the same connection', async () => {
    const page = await openPage(clock);
    await page.say('poison');
    await page.say('b', 'c2');
    await page.say('c', 'c3');
    for (let seen = 0; seen < page.tries.length; ) {
      const onWire = page.tries.slice(seen);
      seen = page.tries.length;
      const closes = onWire.some(({ item }) => item.text === 'poison');
      for (const attempt of onWire) await (closes ? attempt.fail(lost()) : attempt.arrive());
      page.outbox.nudge();
      await settle();
    }
    expect(page.states()).toEqual(['poison failed']);
    expect([page.states('c2'), page.states('c3')]).toEqual([[], []]);
  });

  it('[OB13] lets the next that was on such a connection try as soon as another is done', async () => {
    const page = await openPage(clock);
    for (const [text, conversation] of [
      ['a', 'c1'],
      ['b', 'c2'],
    ] as const)
      await page.say(text, conversation);
    for (let i = 0; i < 2; i += 1) {
      for (const text of ['a', 'b']) await page.last(text).fail(lost());
      page.outbox.nudge();
      await settle();
    }
    expect(page.tried().slice(4)).toEqual(['a']);
    await page.last('a').arrive();
    expect(page.tried().slice(4)).toEqual(['a', 'b']);
  });

  it('[OB13] starts counting anew after any other end of a try', async () => {
    const page = await openPage(clock);
    await page.say('a');
    for (const reason of [lost(), lost(), new TimeoutError('no', 1), lost(), lost()]) {
      await page.last('a').fail(reason);
      page.outbox.nudge();
      await settle();
    }
    expect(page.states()).toEqual(['a sending']);
  });
});

describe('pages and people that share a disk', () => {
  it("[OB14] never sends another user's messages, and leaves them stored", async () => {
    const hers = await openPage(clock, { disk, ownerId: 'her', start: false });
    await hers.say('from her');
    hers.crash();
    const mine = await openPage(clock, { disk, ownerId: 'me' });
    await mine.say('from me');
    await clock.advance(60_000);
    expect([mine.tried(), mine.states()]).toEqual([['from me'], ['from me sending']]);
    const herNext = await openPage(clock, { disk, ownerId: 'her' });
    expect(herNext.tried()).toEqual(['from her']);
  });

  it("[OB14] does not send another user's message even if the storage hands it over", async () => {
    const hers = await openPage(clock, { disk, ownerId: 'her', start: false });
    const { clientId } = await hers.say('from her');
    hers.crash();
    const storage = disk.page(clock);
    storage.list = async () => ({ records: [...disk.records.values()], complete: true });
    const mine = await openPage(clock, { ownerId: 'me', storage });
    await clock.advance(60_000);
    expect([mine.tried(), mine.outbox.conversations(), disk.records.has(clientId)]).toEqual([[], [], true]);
  });

  it('[OB22] takes over what another page added, and lets go what that page sent or discarded', async () => {
    const leader = await openPage(clock, { disk });
    const follower = await openPage(clock, { disk, start: false });
    await follower.say('a');
    await follower.say('b');
    await leader.outbox.load();
    await settle();
    expect(leader.tried()).toEqual(['a']);
    await leader.last('a').arrive();
    await follower.outbox.load();
    expect(follower.states()).toEqual(['b queued']);
    follower.outbox.discard(follower.item('b')?.clientId ?? '');
    await leader.outbox.load();
    expect([leader.states(), leader.last('b').signal.aborted]).toEqual([[], true]);
  });

  it('[OB22] shows what became of a message on the page that sends it', async () => {
    const leader = await openPage(clock, { disk, level: 0 });
    const follower = await openPage(clock, { disk, start: false });
    await follower.say('a');
    await leader.outbox.load();
    await settle();
    await leader.last('a').fail(new TimeoutError('no', 1));
    await clock.advance(60_000);
    await follower.outbox.load();
    expect(follower.states()).toEqual(['a uncertain']);
    const before = follower.outbox.items('c1');
    await follower.outbox.load();
    expect(follower.outbox.items('c1')).toBe(before);
  });

  it('[OB22] waits before it looks for what another page was sending when that page crashed', async () => {
    const follower = await openPage(clock, { disk, level: 0, found: ['sent'], start: false });
    const leader = await openPage(clock, { disk, level: 0 });
    await follower.say('a');
    await leader.outbox.load();
    await clock.advance(15_000);
    leader.crash();
    void follower.outbox.start();
    await clock.advance(999);
    expect([follower.looks.length, follower.tries.length]).toEqual([0, 0]);
    await clock.advance(1);
    expect([follower.looks.length, follower.states()]).toEqual([1, []]);
  });

  it('[OB22] leaves a message alone that it is sending itself', async () => {
    const page = await openPage(clock, { disk });
    await page.say('a');
    const before = page.outbox.items('c1');
    await page.outbox.load();
    expect(page.outbox.items('c1')).toBe(before);
    expect(page.states()).toEqual(['a sending']);
  });

  it('[OB22] keeps what is still on its way to a storage that does not list it', async () => {
    const page = await openPage(clock, { disk, latencyMs: 10, start: false });
    page.storage.list = async () => ({ records: [...disk.records.values()], complete: true });
    page.outbox.add(draft('a'));
    await page.outbox.load();
    expect(page.states()).toEqual(['a queued']);
  });

  it('[OB22] keeps everything when the stored messages cannot be read', async () => {
    const page = await openPage(clock, { disk, start: false });
    await page.say('a');
    page.storage.list = async () => ({ records: [], complete: false });
    await page.outbox.load();
    expect(page.states()).toEqual(['a queued']);
  });

  it('[OB23] drops stored messages it cannot read, says so, and sends the others', async () => {
    const first = await openPage(clock, { disk, start: false });
    const { clientId } = await first.say('good');
    first.crash();
    const good = disk.records.get(clientId);
    const broken = [
      { position: -1 },
      { position: 1e300 },
      { text: 5 },
      { state: 'lost' },
      { errorCode: 'EVIL' },
      { mayHaveArrived: 1 },
      { version: 0 },
    ];
    broken.forEach((fault, i) => {
      disk.records.set(`bad-${i}`, { ...good, clientId: `bad-${i}`, ownerId: 'me', ...fault });
    });
    disk.records.set('bare', { clientId: 'bare', ownerId: 'me' });
    const second = await openPage(clock, { disk });
    expect([second.tried(), [...disk.records.keys()]]).toEqual([['good'], [clientId]]);
    expect(second.warnings).toHaveLength(broken.length + 1);
    expect(second.warnings.join()).not.toContain('good');
  });

  it('[OB23] leaves alone what a newer version stored', async () => {
    const record = { clientId: 'x', ownerId: 'me', version: 2 };
    disk.records.set('x', record);
    const page = await openPage(clock, { disk });
    expect([page.outbox.conversations(), page.warnings.length, disk.records.get('x')]).toEqual([
      [],
      1,
      record,
    ]);
  });
});

describe('without a disk', () => {
  it('[OB21] sends as ever and says that a reload would lose messages', async () => {
    const page = await openPage(clock, { disk });
    await page.storage.degrade('memory');
    await page.say('a');
    await page.say('b');
    await page.last('a').arrive();
    expect([page.durabilities, page.states(), disk.records.size]).toEqual([['memory'], ['b sending'], 0]);
  });

  it('[OB21] stores what it kept in memory, and reads what was stored, once the disk works', async () => {
    const other = await openPage(clock, { disk, start: false });
    await other.say('old');
    other.crash();
    await clock.advance(1);
    const page = await openPage(clock, { disk, start: false });
    page.storage.list = async () => ({ records: [], complete: false });
    await page.storage.degrade('memory');
    await page.outbox.load();
    await page.say('new');
    Reflect.deleteProperty(page.storage, 'list');
    await page.storage.degrade('persistent');
    await settle();
    expect(page.durabilities).toEqual(['memory', 'persistent']);
    expect(page.states()).toEqual(['old queued', 'new queued']);
    expect(disk.records.size).toBe(2);
  });

  it('[OB21] asks for what is in memory to be stored when the connection is back', async () => {
    const page = await openPage(clock, { disk, start: false });
    await page.storage.degrade('memory');
    await page.say('a');
    page.storage.durability = 'persistent';
    page.outbox.nudge();
    expect(disk.records.size).toBe(1);
  });

  it('[OB21] goes on when a storage breaks its promise not to reject', async () => {
    const storage = disk.page(clock);
    storage.put = () => Promise.reject(new Error('disk'));
    storage.list = () => Promise.reject(new Error('disk'));
    const page = await openPage(clock, { storage });
    await page.outbox.add(draft('a')).stored;
    await settle();
    expect(page.tried()).toEqual(['a']);
    expect(page.warnings).toContain('the storage failed');
  });
});
