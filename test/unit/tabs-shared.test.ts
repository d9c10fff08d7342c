import { describe, expect, it } from 'vitest';
import type { MessageItem } from '../../src/chat-models.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { createLease } from '../../src/tabs/lease.ts';
import { openStorage, type TabPorts } from '../../src/tabs/ports.ts';
import { calm, createFakeEncoder } from '../../src/testing/index.ts';
import { json, textsOf, watch } from '../support/chat-world.ts';
import type { FakeTab } from '../support/fake-browser.ts';
import { createTabWorld, type TabOptions, type TabSeat, type TabWorld } from '../support/tab-world.ts';

/** No event comes in: only other tabs can tell. */
const deaf: TabOptions = { isConnected: false };
const rows = (world: TabWorld, id = 'c1') => world.backend.truth.conversations.get(id)?.messages ?? [];
const sends = ({ emitted, requests }: TabSeat) =>
  emitted.filter(({ name }) => name === 'send_message').length +
  requests.filter((request) => /^POST .*messages\/send$/.test(request)).length;

function thread({ client }: TabSeat, id = 'c1') {
  const live = client.messages.live(id);
  watch(live);
  return live;
}

const shows = (live: ReturnType<typeof thread>) =>
  live
    .getSnapshot()
    .items.filter((item): item is MessageItem => item.kind === 'message')
    .map(({ text, status }) => `${text} ${status}`);

describe('what is done in one tab', () => {
  it('[TB5] shows in the others without any event: the own picture, and that it is gone', async () => {
    const world = createTabWorld();
    const here = await world.open({ ...deaf, imageEncoder: createFakeEncoder() });
    const there = await world.open(deaf);
    const live = there.client.users.live('u1');
    const told: (string | undefined)[] = [];
    there.client.realtime.on('avatarUpdated', ({ avatar, origin }) => told.push(avatar ? origin : 'none'));
    watch(live);
    await world.clock.advance(500);
    const before = there.requests.length;
    const avatar = await world.during(here.client.avatar.upload(new Blob(['x'])));
    expect(live.getSnapshot().avatar).toEqual(avatar);
    await world.during(here.client.avatar.delete());
    expect([live.getSnapshot().avatar, told]).toEqual([null, ['self', 'none']]);
    expect(there.requests).toHaveLength(before);
  });

  it('[TB5] shows in the others without any event: messages, deletions and seen marks', async () => {
    const world = createTabWorld();
    const jonas = await world.seat('u2');
    await world.say(jonas, 'c1', 'news');
    const [here, there] = [await world.open(deaf), await world.open(deaf)];
    const live = thread(there);
    const inbox = there.client.conversations.live();
    watch(inbox);
    here.client.conversations.live().subscribe(() => {});
    await world.clock.advance(1_000);
    expect(inbox.getSnapshot().totalUnread).toBe(1);
    const before = there.requests.length;
    here.client.messages.markSeen('c1');
    const sent = world.during(here.client.messages.send('c1', { text: 'hi' }));
    const { clientId } = await sent;
    expect([inbox.getSnapshot().totalUnread, textsOf(live.getSnapshot())]).toEqual([0, ['news', 'hi']]);
    const message = rows(world).find((row) => row.clientId === clientId);
    await world.during(here.client.messages.delete(message?.id ?? ''));
    expect(textsOf(live.getSnapshot())).toEqual(['news', '']);
    expect(there.requests.slice(before).filter((request) => request.startsWith('GET'))).toEqual([]);
  });

  it('[TB16] shows a seen mark in the others once the backend has it, and never if the tab goes first', async () => {
    const world = createTabWorld();
    await world.say(await world.seat('u2'), 'c1', 'news');
    const [here, there] = [await world.open(deaf), await world.open(deaf)];
    const inbox = there.client.conversations.live();
    watch(inbox);
    watch(here.client.conversations.live());
    await world.clock.advance(1_000);
    const unread = () => inbox.getSnapshot().totalUnread;
    here.client.messages.markSeen('c1');
    await world.clock.advance(200);
    expect([here.client.conversations.live().getSnapshot().totalUnread, unread()]).toEqual([0, 1]);
    here.crash();
    await world.clock.advance(60_000);
    expect(unread()).toBe(1);
    there.client.messages.markSeen('c1');
    await world.clock.advance(1_000);
    expect(unread()).toBe(0);
  });

  it('[TB5] shows in the others what an app says of a user', async () => {
    const world = createTabWorld();
    const [here, there] = [await world.open(deaf), await world.open(deaf)];
    const live = there.client.users.live('u2');
    there.client.realtime.on('avatarUpdated', () => {});
    here.client.users.update('u2', { name: 'Jo' });
    await world.clock.advance(100);
    expect(live.getSnapshot().name).toBe('Jo');
  });

  it('[TB6] reaches the others when it is only found out by a read, whatever the clocks of tabs say', async () => {
    const world = createTabWorld();
    const behind = { ...deaf, clockMs: -3_600_000 };
    const [here, there] = [await world.open(behind), await world.open(deaf)];
    const live = there.client.users.live('u2');
    watch(live);
    watch(here.client.users.live('u2'));
    await world.clock.advance(500);
    world.backend.person('u2').setPicture();
    await world.during(here.client.users.get('u2'));
    expect(live.getSnapshot().avatar?.version).toBe(
      here.client.users.live('u2').getSnapshot().avatar?.version,
    );
    expect(live.getSnapshot().avatar?.version).toBe(1);
  });
});

describe('the outbox', () => {
  it('[TB7] of all tabs is sent by one of them, each message once and in order', async () => {
    const world = createTabWorld();
    const tabs = [await world.open(), await world.open(), await world.open()];
    const lives = tabs.map((tab) => thread(tab));
    await world.clock.advance(1_000);
    for (let i = 0; i < 6; i += 1) {
      void tabs[i % 3]?.client.messages.send('c1', { text: `m${i}` });
      await world.clock.advance(20);
    }
    await world.clock.advance(2_000);
    const texts = Array.from({ length: 6 }, (_, i) => `m${i}`);
    expect(rows(world).map(({ text }) => text)).toEqual(texts);
    expect(lives.map((live) => textsOf(live.getSnapshot()))).toEqual([texts, texts, texts]);
    expect(tabs.map(sends).toSorted()).toEqual([0, 0, 6]);
  });

  it('[TB7] shows in every tab what waits, what was refused and what is sent again', async () => {
    const world = createTabWorld();
    let refuses = true;
    const answer: TabOptions['answer'] = (path, method) =>
      refuses && method === 'POST' && path.endsWith('/send') ? json({ error: 'no' }, 403) : undefined;
    const [first, second] = [await world.open({ ...deaf, answer }), await world.open({ ...deaf, answer })];
    const lives = [thread(first), thread(second)];
    await world.clock.advance(1_000);
    await world.say(second, 'c1', 'a');
    expect(lives.map(shows)).toEqual([['a failed'], ['a failed']]);
    refuses = false;
    const [failed] = lives[1]?.getSnapshot().items ?? [];
    second.client.messages.retry(failed?.key ?? '');
    await world.clock.advance(1_000);
    expect(lives.map(shows)).toEqual([['a sent'], ['a sent']]);
    expect(rows(world)).toHaveLength(1);
  });

  it('[TB7] goes on after a refused token when another tab has signed in', async () => {
    let isSignedIn = true;
    const answer = () => (isSignedIn ? undefined : json({ error: 'expired' }, 401));
    const world = createTabWorld({ level: 0 });
    const [first, second] = [await world.open({ answer }), await world.open({ answer })];
    await world.say(first, 'c1', 'one');
    isSignedIn = false;
    await world.say(first, 'c1', 'two');
    isSignedIn = true;
    await world.say(second, 'c2', 'me too');
    await world.clock.advance(5_000);
    expect(rows(world).map(({ text }) => text)).toEqual(['one', 'two']);
    expect(sends(second)).toBe(0);
  });

  it('[TB7] goes on in another tab when the one that sent is gone, in the middle of it too', async () => {
    for (const level of [0, 2] as const) {
      const world = createTabWorld({ level });
      const [first, second] = [await world.open(), await world.open()];
      thread(first);
      await world.clock.advance(1_000);
      const live = thread(second);
      await world.clock.advance(1_000);
      for (let i = 0; i < 5; i += 1) void second.client.messages.send('c1', { text: `m${i}` });
      await world.clock.advance(0);
      expect(sends(first)).toBe(1);
      first.crash();
      await world.clock.advance(10_000);
      expect(rows(world).map(({ text }) => text)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
      expect(textsOf(live.getSnapshot())).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    }
  });

  it('[TB8] may go through the connection of another tab, and knows when that is lost', async () => {
    const world = createTabWorld();
    const first = await world.open();
    const second = await world.open();
    thread(second);
    await world.clock.advance(1_000);
    await world.during(second.client.messages.send('c1', { text: 'a' }));
    expect([sends(first), sends(second), rows(world).length]).toEqual([1, 0, 1]);
    void second.client.messages.send('c1', { text: 'b' });
    await world.clock.advance(0);
    expect(sends(first)).toBe(2);
    first.crash();
    await world.clock.advance(5_000);
    expect(rows(world).map(({ text }) => text)).toEqual(['a', 'b']);
  });

  it('[TB8] blames no message for a connection that only moves from tab to tab', async () => {
    const world = createTabWorld();
    const hosts = [await world.open(), await world.open(), await world.open()];
    const last = await world.open();
    const live = thread(last);
    await world.clock.advance(1_000);
    for (const { device } of hosts) device.line.faults = { ...calm, frameLost: 1 };
    void last.client.messages.send('c1', { text: 'a' });
    for (const host of hosts) {
      for (let i = 0; i < 5_000 && sends(host) === 0; i += 1) await world.clock.advance(1);
      expect(sends(host)).toBe(1);
      host.client.dispose();
    }
    await world.clock.advance(10_000);
    expect([shows(live), rows(world).length]).toEqual([['a sent'], 1]);
  });

  it('[TB9] of a tab without a disk is sent by that tab, since no other can see it', async () => {
    const world = createTabWorld();
    const [first, second] = [await world.open(), await world.open()];
    thread(first);
    await world.clock.advance(1_000);
    const live = thread(second);
    await world.clock.advance(1_000);
    await world.during(second.client.messages.send('c1', { text: 'a' }));
    await second.storage.degrade('memory');
    await world.during(second.client.messages.send('c1', { text: 'b' }));
    expect([rows(world).map(({ text }) => text), shows(live)]).toEqual([
      ['a', 'b'],
      ['a sent', 'b sent'],
    ]);
    await second.storage.degrade('persistent');
    await world.during(second.client.messages.send('c1', { text: 'c' }));
    expect([rows(world).length, sends(first)]).toEqual([3, 3]);
  });
});

describe('tokens', () => {
  /** An app whose tabs keep one token together, or each its own. */
  function app(world: TabWorld, isShared: boolean) {
    const asked: string[] = [];
    const issue = () => world.backend.device('u1', `token-${asked.length}`).getToken({ refresh: true });
    let shared = issue();
    return {
      asked,
      tab(name: string): TabOptions {
        let own = shared;
        return {
          async getToken({ refresh }) {
            if (refresh) {
              asked.push(`${name} begins`);
              await new Promise<void>((resolve) => void world.clock.schedule(resolve, 100));
              asked.push(`${name} ends`);
              own = await issue();
              if (isShared) shared = own;
            }
            return isShared ? shared : own;
          },
        };
      },
    };
  }

  it('[TB10] are renewed once for all tabs where the app keeps one for all', async () => {
    const world = createTabWorld();
    const { asked, tab } = app(world, true);
    const tabs = [await world.open(tab('a')), await world.open(tab('b')), await world.open(tab('c'))];
    world.backend.revokeTokens('u1');
    const reads = tabs.map(({ client }) => client.users.get('u2'));
    await world.during(Promise.all(reads));
    expect(asked).toHaveLength(2);
    expect(world.browser.posted.join()).not.toContain('token-');
  });

  it('[TB10] are renewed by one tab after the other where each has its own', async () => {
    const world = createTabWorld();
    const { asked, tab } = app(world, false);
    const tabs = [await world.open(tab('a')), await world.open(tab('b'))];
    world.backend.revokeTokens('u1');
    await world.during(Promise.all(tabs.map(({ client }) => client.users.get('u2'))));
    expect(asked).toEqual(['b begins', 'b ends', 'a begins', 'a ends']);
  });

  it('[TB10] are renewed all the same when a tab never ends renewing', async () => {
    const world = createTabWorld();
    const { asked, tab } = app(world, true);
    let isStuck = false;
    const first = await world.open({
      getToken({ refresh }) {
        isStuck = refresh;
        return refresh ? new Promise(() => {}) : 'old';
      },
    });
    const second = await world.open(tab('b'));
    world.backend.revokeTokens('u1');
    void first.client.users.get('u2').catch(() => {});
    await world.clock.advance(50);
    expect(isStuck).toBe(true);
    await world.during(second.client.users.get('u2'), 15_000);
    expect(asked).toEqual(['b begins', 'b ends']);
  });
});

describe('signOut()', () => {
  it('[TB11] ends the client in every tab, tells why, and keeps nothing', async () => {
    const world = createTabWorld();
    const [first, second] = [await world.open(), await world.open()];
    const other = await world.open({ user: 'u2' });
    const reasons: string[] = [];
    for (const { client } of [first, second, other]) {
      client.realtime.on('signedOut', ({ reason }) => reasons.push(reason));
      client.messages.live('c1').subscribe(() => {});
    }
    await world.clock.advance(1_000);
    for (const { device } of [first, second, other]) device.line.goOffline('noticed');
    for (const { client } of [first, second, other]) void client.messages.send('c1', { text: 'waits' });
    await world.clock.advance(1_000);
    expect(world.disk.records.size).toBe(3);
    await world.during(second.client.signOut());
    expect(reasons).toEqual(['signedOut', 'signedOut']);
    expect([...world.disk.records.values()].map(({ ownerId }) => ownerId)).toEqual([
      expect.stringMatching(/ u2$/),
    ]);
    for (const { client } of [first, second]) {
      await expect(client.users.get('u2')).rejects.toMatchObject({ code: 'DISPOSED' });
      await expect(client.messages.send('c1', { text: 'x' })).rejects.toMatchObject({ code: 'DISPOSED' });
      await expect(client.signOut()).rejects.toMatchObject({ code: 'DISPOSED' });
    }
    expect(world.browser.locks.get(`visavis 1 ${world.backend.baseUrl} u1 outbox`)).toEqual([]);
    first.device.line.goOnline();
    other.device.line.goOnline();
    await world.clock.advance(40_000);
    expect(rows(world).map(({ senderId }) => senderId)).toEqual(['u2']);
  });

  it('[TB11] works without other tabs too, and is never done by dispose()', async () => {
    const world = createTabWorld();
    const options = { ports: () => null, answer: () => Response.error() };
    const [first, second] = [await world.open(options), await world.open(options)];
    void first.client.messages.send('c1', { text: 'a' });
    void second.client.messages.send('c1', { text: 'b' });
    await world.clock.advance(1_000);
    first.client.dispose();
    await world.clock.advance(1_000);
    expect(world.disk.records.size).toBe(2);
    await world.during(second.client.signOut());
    expect(world.disk.records.size).toBe(0);
  });
});

describe('tabs of a browser', () => {
  const byStorage = (tab: FakeTab): Partial<TabPorts> => ({
    openChannel: (name, onMessage) => openStorage(tab.storage, name, onMessage),
  });
  let ids = 0;
  const byLease = (tab: FakeTab, clock: Clock): Partial<TabPorts> => ({
    locks: null,
    lease: createLease(tab.storage, clock, () => `lease-${++ids}`),
  });

  for (const [name, ports] of [
    ['BroadcastChannel', (tab: FakeTab) => tab.ports(byStorage(tab))],
    ['Web Locks', (tab: FakeTab, clock: Clock) => tab.ports(byLease(tab, clock))],
    ['both', (tab: FakeTab, clock: Clock) => tab.ports({ ...byStorage(tab), ...byLease(tab, clock) })],
  ] as const) {
    it(`[TB13] share all the same without ${name}`, async () => {
      const world = createTabWorld();
      const [first, second] = [await world.open({ ports }), await world.open({ ports })];
      const third = await world.open({ ports });
      const tabs = [first, second, third];
      await world.clock.advance(5_000);
      const lives = tabs.map((tab) => thread(tab));
      await world.clock.advance(1_000);
      expect([tabs.map(({ client }) => client.realtime.status), world.connections()]).toEqual([
        ['live', 'live', 'live'],
        1,
      ]);
      await world.say(third, 'c1', 'a');
      expect(lives.map((live) => textsOf(live.getSnapshot()))).toEqual([['a'], ['a'], ['a']]);
      first.client.dispose();
      await world.clock.advance(900);
      expect([tabs.slice(1).map(({ client }) => client.realtime.status), world.connections()]).toEqual([
        ['live', 'live'],
        1,
      ]);
      second.crash();
      await world.clock.advance(8_000);
      expect([third.client.realtime.status, world.connections()]).toEqual(['live', 1]);
      await world.say(third, 'c1', 'b');
      await world.clock.advance(8_000);
      expect(rows(world).map(({ text }) => text)).toEqual(['a', 'b']);
    });
  }

  it('[TB13] are each by themselves where nothing lets them find each other', async () => {
    const world = createTabWorld();
    const tabs = [await world.open({ ports: () => null }), await world.open({ ports: () => null })];
    expect([tabs.map(({ client }) => client.realtime.status), world.connections()]).toEqual([
      ['live', 'live'],
      2,
    ]);
  });

  it('[TB13] are each by themselves where the browser refuses its locks', async () => {
    const world = createTabWorld();
    const refused = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) };
    const ports = (tab: FakeTab) => tab.ports({ locks: refused });
    const tabs = [await world.open({ ports }), await world.open({ ports })];
    expect([tabs.map(({ client }) => client.realtime.status), world.connections()]).toEqual([
      ['live', 'live'],
      2,
    ]);
  });

  it('[TB14] are strangers when their user or their backend differs', async () => {
    const world = createTabWorld();
    const mine = await world.open();
    const theirs = await world.open({ user: 'u2' });
    const elsewhere = await world.open({ baseUrl: `${world.backend.baseUrl}/v2`, isConnected: false });
    expect([world.connections('u1'), world.connections('u2')]).toEqual([1, 1]);
    mine.device.line.goOffline('noticed');
    await world.clock.advance(500);
    expect([mine, theirs].map(({ client }) => client.realtime.status)).toEqual(['connecting', 'live']);
    void mine.client.messages.send('c1', { text: 'from Maya' });
    thread(theirs);
    thread(elsewhere);
    await world.clock.advance(60_000);
    expect([sends(theirs), sends(elsewhere), rows(world).length]).toEqual([0, 0, 0]);
  });

  it('[TB15] change nothing of each other by messages that are not what they must be', async () => {
    const world = createTabWorld();
    const seat = await world.open();
    watch(seat.client.users.live('u2'));
    const live = thread(seat);
    await world.clock.advance(1_000);
    const before = JSON.stringify([seat.client.users.live('u2').getSnapshot(), live.getSnapshot()]);
    const stranger = world.browser.tab();
    const channel = stranger.ports().openChannel(`visavis 1 ${world.backend.baseUrl} u1`, () => {});
    const stamp = { rank: 2, value: 99 };
    const fact = {
      kind: 'avatar',
      userId: 'u2',
      picture: { url: 'https://e.example/a', thumbUrl: 'https://e.example/a' },
      stamp,
    };
    const facts = (...list: unknown[]) => ({ kind: 'facts', from: 'x', origin: 'self', now: 0, facts: list });
    for (const message of [
      null,
      7,
      'facts',
      [],
      {},
      { kind: '__proto__' },
      { kind: 'toString', from: 'x' },
      { kind: 'signOut' },
      { kind: 'signOut', from: 7 },
      { kind: 'line', from: 'x', isOpen: 'no' },
      { kind: 'hello' },
      facts({ ...fact, userId: null }),
      facts({ ...fact, stamp: { rank: 9, value: 1 } }),
      facts({ ...fact, stamp: { rank: 2, value: Number.NaN } }),
      facts({ ...fact, picture: { url: 1 } }),
      facts({ ...fact, kind: 'presence' }),
      facts({ kind: 'message', conversationId: 'c1' }),
      facts(...Array(1_001).fill(fact)),
      { ...facts(fact), origin: 'sync' },
      { ...facts(fact), facts: fact },
    ]) {
      channel.post(message);
    }
    await world.clock.advance(1_000);
    expect(JSON.stringify([seat.client.users.live('u2').getSnapshot(), live.getSnapshot()])).toBe(before);
    expect(seat.client.realtime.status).toBe('live');
    const message = {
      kind: 'message',
      conversationId: 'c1',
      messageId: 'evil',
      clientId: null,
      seq: 1,
      senderId: 'u2',
      text: 'x',
      mediaUrl: 'javascript:alert(1)',
      type: 'image',
      createdAt: 1,
      isDeleted: false,
      isSeen: false,
      extra: 'field',
    };
    channel.post(
      facts({ ...fact, picture: { url: 'javascript:alert(1)', thumbUrl: 'data:text/html,x' } }, message),
    );
    await world.clock.advance(1_000);
    expect(seat.client.users.live('u2').getSnapshot().avatar).toBeNull();
    expect(live.getSnapshot().items).toMatchObject([{ id: 'evil', mediaUrl: null }]);
    expect(JSON.stringify(live.getSnapshot())).not.toContain('extra');
  });
});
