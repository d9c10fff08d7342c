import { afterEach, describe, expect, it, vi } from 'vitest';
import { createChatWorld, json, type Seat, textsOf, watch } from '../support/chat-world.ts';

const since = ({ requests }: Seat, from: number) =>
  requests.slice(from).filter((request) => !request.includes('/profile'));

async function open(options: Parameters<typeof createChatWorld>[0] = {}) {
  const world = createChatWorld(options);
  const [maya, jonas] = [await world.seat('u1'), await world.seat('u2')];
  // Below level 2 a message by socket needs its receiver, which the list tells.
  watch(jonas.client.conversations.live());
  const inbox = maya.client.conversations.live();
  const thread = maya.client.messages.live('c1');
  const told = { inbox: watch(inbox), thread: watch(thread) };
  await world.clock.advance(1_000);
  await world.say(jonas, 'c1', 'before');
  const resynced: unknown[] = [];
  maya.client.realtime.on('resynced', (event) => resynced.push(event));
  return { world, maya, jonas, inbox, thread, told, resynced };
}

afterEach(() => void vi.unstubAllGlobals());

describe('after an outage', () => {
  it('[RC1] one request of the change feed repairs everything: messages, marks, rows, users', async () => {
    const { world, maya, jonas, inbox, thread, resynced } = await open();
    await world.say(maya, 'c1', 'mine');
    maya.device.line.goOffline();
    await world.clock.advance(1_000);
    for (const text of ['x', 'y', 'z']) await world.say(jonas, 'c1', text);
    jonas.client.messages.markSeen('c1');
    await world.clock.advance(1_000);
    const from = maya.requests.length;
    maya.device.line.goOnline();
    await world.clock.advance(40_000);
    expect(since(maya, from)).toEqual([expect.stringMatching(/^GET \/api\/sync\?since=/)]);
    expect(textsOf(thread.getSnapshot())).toEqual(['before', 'mine', 'x', 'y', 'z']);
    expect(thread.getSnapshot().items[1]).toMatchObject({ text: 'mine', status: 'seen' });
    expect(inbox.getSnapshot().items[0]).toMatchObject({ id: 'c1', unread: 4, lastMessage: { text: 'z' } });
    expect(resynced).toEqual([{ way: 'sync', messages: 3, users: 0 }]);
  });

  it('[RC2] too long for the feed, the list’s head and what is open are read again', async () => {
    const { world, maya, jonas, inbox, thread, resynced } = await open({ syncKeep: 3 });
    maya.device.line.goOffline();
    await world.clock.advance(1_000);
    const texts = Array.from({ length: 20 }, (_, i) => String(i));
    for (const text of texts) await world.say(jonas, 'c1', text);
    const from = maya.requests.length;
    maya.device.line.goOnline();
    await world.clock.advance(40_000);
    const requests = since(maya, from);
    expect(requests.filter((request) => request.includes('/conversations?'))).toHaveLength(1);
    expect(requests.filter((request) => request.includes('/messages?'))).toHaveLength(1);
    expect(textsOf(thread.getSnapshot())).toEqual(['before', ...texts]);
    expect(inbox.getSnapshot().totalUnread).toBe(21);
    expect(resynced).toMatchObject([{ way: 'refetch', messages: 20 }]);
  });

  it.each([0, 1] as const)(
    '[RC3] at level %i the list’s head and what is open are read again',
    async (level) => {
      const { world, maya, jonas, inbox, thread, resynced } = await open({ level });
      maya.device.line.goOffline();
      await world.clock.advance(1_000);
      await world.say(jonas, 'c1', 'missed');
      maya.device.line.goOnline();
      await world.clock.advance(40_000);
      expect(textsOf(thread.getSnapshot())).toEqual(['before', 'missed']);
      expect(inbox.getSnapshot().items.find(({ id }) => id === 'c1')?.lastMessage?.text).toBe('missed');
      expect(resynced).toMatchObject([{ way: 'refetch', messages: 1 }]);
    },
  );

  it('[RC3] a list that was asked for before is read again, however late it comes', async () => {
    const world = createChatWorld({ level: 0 });
    const jonas = await world.seat('u2');
    let late: ((response: Response) => void) | undefined;
    const maya = await world.seat('u1', {
      isConnected: false,
      answer(path) {
        if (late || !path.includes('/conversations?')) return undefined;
        return new Promise((resolve) => {
          late = resolve;
        });
      },
    });
    const inbox = maya.client.conversations.live();
    watch(inbox);
    await world.clock.advance(100);
    await world.say(jonas, 'c1', 'missed');
    maya.client.realtime.connect();
    await world.clock.advance(2_000);
    expect(maya.client.realtime.status).toBe('live');
    expect(inbox.getSnapshot()).toMatchObject({ status: 'ready', items: { length: 2 } });
    expect(inbox.getSnapshot().items[0]?.lastMessage?.text).toBe('missed');
    late?.(json({ error: 'no' }, 403));
    await world.clock.advance(100);
    expect(inbox.getSnapshot().status).toBe('ready');
  });

  it('[RT5] a page that is back twice at once is not stale for that', async () => {
    const page = new EventTarget();
    vi.stubGlobal('window', page);
    vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }));
    const { world, maya } = await open({ level: 0 });
    const statuses: string[] = [];
    maya.client.realtime.on('statusChanged', ({ status }) => statuses.push(status));
    page.dispatchEvent(new Event('online'));
    await world.clock.advance(0);
    page.dispatchEvent(new Event('online'));
    await world.clock.advance(1_000);
    expect(statuses).toEqual(['syncing', 'live']);
  });

  it('[RC4] changes that were missed are told once, as synced', async () => {
    const { world, maya, jonas } = await open();
    const told: unknown[] = [];
    maya.client.realtime.on('message', ({ text, origin }) => told.push([text, origin]));
    maya.device.line.goOffline();
    await world.clock.advance(1_000);
    await world.say(jonas, 'c1', 'x');
    maya.device.line.goOnline();
    await world.clock.advance(60_000);
    expect(told).toEqual([['x', 'sync']]);
  });

  it('[RC5] a connection that is up but silent is noticed, and repaired', async () => {
    const { world, maya, jonas, thread } = await open();
    maya.device.line.faults = { ...maya.device.line.faults, frameLost: 1 };
    await world.say(jonas, 'c1', 'unheard');
    expect(textsOf(thread.getSnapshot())).toEqual(['before']);
    await world.clock.advance(100_000);
    expect(textsOf(thread.getSnapshot())).toEqual(['before', 'unheard']);
  });

  it('[RC5] a heartbeat alone is enough to see that a message was lost', async () => {
    const { world, maya, jonas, thread } = await open();
    maya.device.line.faults = { ...maya.device.line.faults, frameLost: 1 };
    await world.say(jonas, 'c1', 'unheard');
    maya.device.line.faults = { ...maya.device.line.faults, frameLost: 0 };
    await world.clock.advance(27_000);
    expect(textsOf(thread.getSnapshot())).toEqual(['before', 'unheard']);
  });

  it('[RC5] so is one that never said anything', async () => {
    const world = createChatWorld();
    const jonas = await world.seat('u2');
    const maya = await world.seat('u1', {
      socket: (handlers) => ({
        open: () => handlers.onOpen(),
        close() {},
        emit() {},
        request: () => new Promise(() => {}),
      }),
    });
    const thread = maya.client.messages.live('c1');
    watch(thread);
    await world.clock.advance(5_000);
    await world.say(jonas, 'c1', 'unheard');
    await world.clock.advance(140_000);
    expect(textsOf(thread.getSnapshot())).toEqual(['unheard']);
  });

  it('[RC6] views change in one step: a subscriber never sees half of what was missed', async () => {
    const { world, maya, jonas, thread, told } = await open();
    maya.device.line.goOffline();
    await world.clock.advance(1_000);
    for (let i = 0; i < 30; i += 1) await world.say(jonas, 'c1', String(i));
    const before = told.thread.count;
    const lengths = new Set<number>();
    thread.subscribe(() => lengths.add(thread.getSnapshot().items.length));
    maya.device.line.goOnline();
    await world.clock.advance(40_000);
    expect([...lengths].filter((length) => length > 1)).toEqual([31]);
    expect(told.thread.count - before).toBeLessThan(6);
  });
});

describe('hints', () => {
  const change = { conversation_id: 'c1', unread_count: 1, action: 'increment' };

  it('[RC7] are gathered: many lead to one read', async () => {
    const { world, maya } = await open();
    const from = maya.requests.length;
    for (let i = 0; i < 40; i += 1) maya.hear('unread_count_updated', change);
    await world.clock.advance(200);
    expect(since(maya, from)).toEqual([]);
    await world.clock.advance(1_000);
    expect(since(maya, from)).toEqual(['GET /api/conversations/c1']);
  });

  it('[RC7] about many conversations, or about the list, read the list', async () => {
    const { world, maya } = await open();
    for (const ids of [['c1', 'c2', 'c3', 'c4'], [null]]) {
      const from = maya.requests.length;
      for (const conversation_id of ids) {
        if (conversation_id === null) maya.hear('conversation_list_refresh', {});
        else maya.hear('unread_count_updated', { ...change, conversation_id });
      }
      await world.clock.advance(1_000);
      expect(since(maya, from)).toEqual([expect.stringMatching(/^GET \/api\/conversations\?/)]);
    }
  });

  it.each([0, 1] as const)(
    '[RC8] are followed by no read where the message came in by itself, at level %i',
    async (level) => {
      const { world, maya, jonas, thread, inbox } = await open({ level });
      const noor = await world.seat('u3');
      watch(noor.client.conversations.live());
      await world.clock.advance(1_000);
      const from = maya.requests.length;
      for (const text of ['a', 'b', 'c']) await world.say(jonas, 'c1', text);
      // Of a conversation that is not open only the list tells.
      await world.say(noor, 'c2', 'hi');
      await world.clock.advance(5_000);
      expect(since(maya, from)).toEqual([]);
      expect(textsOf(thread.getSnapshot())).toEqual(['before', 'a', 'b', 'c']);
      expect(inbox.getSnapshot().items.map(({ unread }) => unread)).toEqual([1, 4]);
    },
  );

  it.each([0, 1] as const)(
    '[RC8] are read when they tell of more than came in, at level %i',
    async (level) => {
      const { world, maya, jonas, thread } = await open({ level });
      const { faults } = maya.device.line;
      maya.device.line.faults = { ...faults, frameLost: 1 };
      await world.say(jonas, 'c1', 'unheard');
      maya.device.line.faults = faults;
      const from = maya.requests.length;
      maya.hear('unread_count_updated', change);
      await world.say(jonas, 'c1', 'heard');
      await world.clock.advance(2_000);
      expect(since(maya, from)).toEqual(['GET /api/conversations/c1/messages?page=1&limit=50']);
      expect(textsOf(thread.getSnapshot())).toEqual(['before', 'unheard', 'heard']);
    },
  );

  it('[RC8] are not about a message that came in long before', async () => {
    const { world, maya, jonas } = await open({ level: 1 });
    const from = maya.requests.length;
    await world.say(jonas, 'c1', 'long before');
    await world.clock.advance(1_000);
    maya.hear('unread_count_updated', change);
    await world.clock.advance(2_000);
    expect(since(maya, from)).toHaveLength(1);
  });

  it('[RC7] may fail to be read, of an open conversation and another at once', async () => {
    let isDown = false;
    const world = createChatWorld({ level: 1 });
    const maya = await world.seat('u1', {
      answer: (path) => (isDown && path.includes('/conversations') ? json({ error: 'no' }, 403) : undefined),
    });
    watch(maya.client.conversations.live());
    watch(maya.client.messages.live('c1'));
    await world.clock.advance(1_000);
    isDown = true;
    for (const conversation_id of ['c1', 'c2'])
      maya.hear('unread_count_updated', { ...change, conversation_id });
    await world.clock.advance(2_000);
    isDown = false;
    const from = maya.requests.length;
    maya.hear('unread_count_updated', change);
    await world.clock.advance(2_000);
    expect(since(maya, from)).toHaveLength(1);
  });

  it.each([['c2'], ['c1', 'c2', 'c3', 'c4'], [null]])(
    '[RC7] are not lost when the backend is away for a moment: %s',
    async (...ids) => {
      let isDown = false;
      const world = createChatWorld({ level: 1 });
      const [maya, noor] = [
        await world.seat('u1', {
          answer: (path) =>
            isDown && path.includes('/conversations') ? json({ error: 'busy' }, 503) : undefined,
        }),
        await world.seat('u3'),
      ];
      const inbox = maya.client.conversations.live();
      watch(inbox);
      watch(noor.client.conversations.live());
      await world.clock.advance(1_000);
      const previews = () => inbox.getSnapshot().items.map(({ lastMessage }) => lastMessage?.text);
      isDown = true;
      const { faults } = maya.device.line;
      maya.device.line.faults = { ...faults, frameLost: 1 };
      await world.say(noor, 'c2', 'unheard');
      maya.device.line.faults = faults;
      for (const conversation_id of ids) {
        if (conversation_id === null) maya.hear('conversation_list_refresh', {});
        else maya.hear('unread_count_updated', { ...change, conversation_id });
      }
      await world.clock.advance(20_000);
      expect(previews()).toEqual([undefined, undefined]);
      isDown = false;
      await world.clock.advance(40_000);
      expect(previews()).toEqual(['unheard', undefined]);
      const from = maya.requests.length;
      await world.clock.advance(60_000);
      expect(since(maya, from)).toEqual([]);
    },
  );

  it('[RC7] are read one by one after one conversation is gone', async () => {
    let isGone = false;
    const world = createChatWorld({ level: 2 });
    const maya = await world.seat('u1', {
      answer: (path) => (isGone && path === '/api/conversations/c1' ? json({ error: 'no' }, 404) : undefined),
    });
    watch(maya.client.conversations.live());
    await world.clock.advance(1_000);
    const hint = async (conversation_id: string) => {
      const from = maya.requests.length;
      maya.hear('unread_count_updated', { ...change, conversation_id });
      await world.clock.advance(2_000);
      return since(maya, from).map((request) => request.split('?')[0]);
    };
    expect(await hint('c1')).toEqual(['GET /api/conversations/c1']);
    isGone = true;
    await hint('c1');
    expect(await hint('c2')).toEqual(['GET /api/conversations/c2']);
  });

  it('[RC7] of a backend without a route for one conversation are read from the list, and only asked for once', async () => {
    const { world, maya } = await open({ level: 1 });
    const from = maya.requests.length;
    for (let i = 0; i < 2; i += 1) {
      maya.hear('unread_count_updated', { ...change, conversation_id: 'c2' });
      await world.clock.advance(2_000);
    }
    expect(since(maya, from).map((request) => request.split('?')[0])).toEqual([
      'GET /api/conversations/c2',
      'GET /api/conversations',
      'GET /api/conversations',
    ]);
  });
});
