import { describe, expect, it } from 'vitest';
import type { MessageItem, ThreadSnapshot } from '../../src/chat-models.ts';
import { createChatWorld, json, type Seat, textsOf, watch } from '../support/chat-world.ts';

const messagesOf = ({ items }: ThreadSnapshot) =>
  items.filter((item): item is MessageItem => item.kind === 'message');
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

/** Two people of whom one has written `count` messages, named by their numbers, before the other came. */
async function talk(count: number, options: Parameters<typeof createChatWorld>[0] = {}) {
  const world = createChatWorld(options);
  const jonas = await world.seat('u2');
  for (const text of numbers(1, count)) await world.say(jonas, 'c1', text);
  const maya = await world.seat('u1');
  return { world, maya, jonas };
}

/** An open thread and every snapshot its listener was told of. */
async function open(world: { clock: { advance(ms: number): Promise<void> } }, seat: Seat, id = 'c1') {
  const live = seat.client.messages.live(id);
  const seen: ThreadSnapshot[] = [];
  const undo = live.subscribe(() => seen.push(live.getSnapshot()));
  await world.clock.advance(1_000);
  return { live, seen, undo };
}

describe('a thread', () => {
  it('[TH1] is read when somebody subscribes, and shows the newest page, oldest first', async () => {
    const { world, maya } = await talk(60);
    const live = maya.client.messages.live('c1');
    expect(live.getSnapshot()).toMatchObject({ status: 'idle', items: [], hasOlder: false, hasNewer: false });
    const { seen } = await open(world, maya);
    expect([...new Set(seen.map(({ status }) => status))]).toEqual(['loading', 'ready']);
    expect(textsOf(live.getSnapshot())).toEqual(numbers(11, 60));
    expect(live.getSnapshot()).toMatchObject({ hasOlder: true, hasNewer: false, unread: 60 });
    expect(maya.client.messages.live('c1')).toBe(live);
  });

  it('[TH1] is missing where there is no such conversation, and failed until it can be read', async () => {
    const { world, maya } = await talk(0);
    const missing = await open(world, maya, 'c9');
    expect(missing.live.getSnapshot().status).toBe('missing');
    let isDown = true;
    const noor = await world.seat('u3', {
      answer: (path) => (isDown && path.includes('/messages') ? json({ error: 'busy' }, 503) : undefined),
    });
    const failing = await open(world, noor, 'c2');
    await world.clock.advance(2_000);
    expect(failing.live.getSnapshot().status).toBe('failed');
    isDown = false;
    await world.clock.advance(10_000);
    expect(failing.live.getSnapshot().status).toBe('ready');
  });

  it('[TH2] takes in messages of both sides once, in order', async () => {
    const { world, maya, jonas } = await talk(2);
    const { live } = await open(world, maya);
    await world.say(maya, 'c1', '3');
    await world.say(jonas, 'c1', '4');
    await Promise.all([world.say(maya, 'c1', '5'), world.say(jonas, 'c1', '6')]);
    expect(textsOf(live.getSnapshot()).toSorted()).toEqual(numbers(1, 6));
    const items = messagesOf(live.getSnapshot());
    expect(items.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(items.slice(0, 4)).toMatchObject([
      { isOwn: false, status: 'sent', sender: { name: 'Jonas' } },
      { isOwn: false },
      { isOwn: true, sender: { name: 'Maya' } },
      { isOwn: false, text: '4' },
    ]);
  });

  it.each([0, 1, 2] as const)(
    '[TH3] keeps one key for a message from writing it to its being seen, at level %i',
    async (level) => {
      const world = createChatWorld({ level });
      const maya = await world.seat('u1', { storageMs: 40 });
      const jonas = await world.seat('u2');
      watch(maya.client.conversations.live());
      const { live, seen } = await open(world, maya);
      await open(world, jonas);
      maya.device.line.faults = { ...maya.device.line.faults, latencyMs: [60, 60] };
      void maya.client.messages.send('c1', { text: 'before it' });
      await world.say(maya, 'c1', 'mine');
      await world.clock.advance(1_000);
      jonas.client.messages.markSeen('c1');
      await world.clock.advance(2_000);
      const own = [...seen, live.getSnapshot()]
        .flatMap((snapshot) => messagesOf(snapshot).filter(({ text }) => text === 'mine'))
        .filter((item, i, all) => item !== all[i - 1]);
      const [first] = own;
      expect(new Set(own.map(({ key }) => key))).toEqual(new Set([first?.clientId]));
      const statuses = own.map(({ status }) => status).filter((status, i, all) => status !== all[i - 1]);
      expect(statuses).toEqual(['queued', 'sending', 'sent', 'seen']);
      expect(first).toMatchObject({ id: null, seq: null });
      expect(own.at(-1)?.id).toBeTypeOf('string');
      for (const snapshot of seen) {
        const keys = snapshot.items.map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
      }
    },
  );

  it('[TH3] takes an echo without a name for the message that is still on its way', async () => {
    const world = createChatWorld({ level: 0 });
    let answer = (_: Response) => {};
    const maya = await world.seat('u1', {
      answer: (path) =>
        path === '/api/messages/send' ? new Promise((resolve) => (answer = resolve)) : undefined,
    });
    const { live } = await open(world, maya);
    await world.say(maya, 'c1', 'same');
    await world.say(maya, 'c1', 'same');
    const before = messagesOf(live.getSnapshot());
    const created_at = new Date(world.clock.now()).toISOString();
    const message = { id: 'm1', conversation_id: 'c1', sender_id: 'u1', message: 'same', created_at };
    maya.hear('new_message', { conversation_id: 'c1', message });
    await world.clock.advance(100);
    const keys = () => messagesOf(live.getSnapshot()).map(({ key }) => key);
    expect(keys()).toEqual(before.map(({ key }) => key));
    answer(json({ success: true, message }, 201));
    await world.clock.advance(100);
    expect(messagesOf(live.getSnapshot())).toMatchObject([
      { key: before[0]?.key, id: 'm1', status: 'sent' },
      { key: before[1]?.key, id: null, status: 'sending' },
    ]);
  });

  it('[TH4] keeps a refused message with its error, to be sent again or dropped', async () => {
    let refuse = true;
    const world = createChatWorld({ level: 0 });
    const maya = await world.seat('u1', {
      answer: (path) =>
        refuse && path === '/api/messages/send' ? json({ error: 'blocked' }, 403) : undefined,
    });
    const { live } = await open(world, maya);
    await world.say(maya, 'c1', 'again');
    await world.say(maya, 'c1', 'never');
    const [again, never] = messagesOf(live.getSnapshot());
    expect([again, never]).toMatchObject([
      { text: 'again', status: 'failed', error: { code: 'FORBIDDEN' } },
      { text: 'never', status: 'failed' },
    ]);
    refuse = false;
    expect(maya.client.messages.discard(never?.clientId ?? '')).toBe(true);
    expect(maya.client.messages.retry(again?.clientId ?? '')).toBe(true);
    await world.clock.advance(1_000);
    expect(messagesOf(live.getSnapshot())).toMatchObject([
      { key: again?.key, text: 'again', status: 'sent', error: null },
    ]);
    expect([maya.client.messages.retry('nothing'), maya.client.messages.discard('nothing')]).toEqual([
      false,
      false,
    ]);
  });

  it('[TH5] shows a hole that is too large as a gap, which can be filled', async () => {
    const { world, maya, jonas } = await talk(3);
    const { live, undo } = await open(world, maya);
    undo();
    maya.client.realtime.disconnect();
    for (const text of numbers(4, 260)) await world.say(jonas, 'c1', text);
    await world.during(maya.client.messages.list('c1', { limit: 10 }));
    const before = live.getSnapshot();
    expect(textsOf(before)).toEqual([...numbers(1, 3), '…247', ...numbers(251, 260)]);
    const gap = before.items.find(({ kind }) => kind === 'gap');
    await world.during(live.fillGap(gap?.key ?? ''));
    await world.during(live.loadOlder());
    expect(textsOf(live.getSnapshot()).slice(-61)).toEqual(['…197', ...numbers(201, 260)]);
  });

  it('[TH6] closes a hole by itself while somebody looks', async () => {
    const { world, maya, jonas } = await talk(3);
    const { live } = await open(world, maya);
    const told: string[] = [];
    maya.client.realtime.on('message', ({ text, origin }) => told.push(`${text} ${origin}`));
    maya.device.line.faults = { ...maya.device.line.faults, frameLost: 1 };
    await world.say(jonas, 'c1', '4');
    maya.device.line.faults = { ...maya.device.line.faults, frameLost: 0 };
    const requests = maya.requests.length;
    await world.say(jonas, 'c1', '5');
    await world.clock.advance(1_000);
    expect(textsOf(live.getSnapshot())).toEqual(numbers(1, 5));
    expect(told).toEqual(['5 realtime', '4 sync']);
    expect(maya.requests.slice(requests).filter((request) => request.includes('/messages?'))).toHaveLength(1);
  });

  it('[TH6] closes a hole that opened while nobody looked, once somebody does', async () => {
    const { world, maya, jonas } = await talk(1, { syncKeep: 3 });
    watch(maya.client.conversations.live());
    const { undo, live } = await open(world, maya);
    undo();
    maya.device.line.goOffline();
    await world.clock.advance(1_000);
    for (const text of numbers(2, 9)) await world.say(jonas, 'c1', text);
    maya.device.line.goOnline();
    await world.clock.advance(40_000);
    await open(world, maya);
    expect(textsOf(live.getSnapshot())).toEqual(numbers(1, 9));
  });

  it('[TH7] shows older messages page by page, from the backend where they are not known, to the start', async () => {
    const { world, maya } = await talk(120);
    const { live } = await open(world, maya);
    await world.during(live.loadOlder());
    expect(textsOf(live.getSnapshot())).toEqual(numbers(21, 120));
    expect(live.getSnapshot().hasOlder).toBe(true);
    await world.during(live.loadOlder());
    expect(textsOf(live.getSnapshot())).toEqual(numbers(1, 120));
    expect(live.getSnapshot().hasOlder).toBe(false);
    const before = maya.requests.length;
    await world.during(live.loadOlder());
    expect(maya.requests).toHaveLength(before);
  });

  it('[TH7] goes back without leaving gaps where messages are not numbered', async () => {
    const { world, maya, jonas } = await talk(120, { level: 0 });
    const { live } = await open(world, maya);
    await world.say(jonas, 'c1', '121');
    for (let i = 0; i < 5; i += 1) await world.during(live.loadOlder());
    expect(textsOf(live.getSnapshot())).toEqual(numbers(1, 121));
    expect(live.getSnapshot().hasOlder).toBe(false);
  });

  it('[TH8] moves to a message that was not loaded, and back to the newest', async () => {
    const { world, maya, jonas } = await talk(130);
    const { live } = await open(world, maya);
    const target = world.backend.truth.conversations.get('c1')?.messages[9];
    await world.during(live.jumpTo(target?.id ?? ''));
    expect(textsOf(live.getSnapshot())).toContain('10');
    expect(live.getSnapshot()).toMatchObject({ hasNewer: true });
    await world.say(jonas, 'c1', '131');
    expect(textsOf(live.getSnapshot())).not.toContain('131');
    live.jumpToLatest();
    expect(textsOf(live.getSnapshot())).toEqual(numbers(82, 131));
    expect(live.getSnapshot().hasNewer).toBe(false);
    await expect(world.during(live.jumpTo('no-such-message'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('[TH8] walks forward again with loadNewer', async () => {
    const { world, maya } = await talk(130);
    const { live } = await open(world, maya);
    await world.during(live.jumpTo(world.backend.truth.conversations.get('c1')?.messages[0]?.id ?? ''));
    for (let i = 0; i < 4 && live.getSnapshot().hasNewer; i += 1) await live.loadNewer();
    expect(live.getSnapshot().hasNewer).toBe(false);
    expect(textsOf(live.getSnapshot()).at(-1)).toBe('130');
  });

  it('[TH9] shows at most 500 messages, however far one goes back', async () => {
    const { world, maya } = await talk(620);
    const { live } = await open(world, maya);
    for (let i = 0; i < 12; i += 1) await world.during(live.loadOlder(), 500);
    const { items, hasNewer, hasOlder } = live.getSnapshot();
    expect([items.length, hasNewer, hasOlder]).toEqual([500, true, false]);
    expect(textsOf(live.getSnapshot())[0]).toBe('1');
    live.jumpToLatest();
    expect(textsOf(live.getSnapshot())).toEqual(numbers(571, 620));
  });

  it('[TH10] is frozen, and keeps every object that did not change', async () => {
    const { world, maya, jonas } = await talk(3);
    const { live } = await open(world, maya);
    const before = live.getSnapshot();
    expect(live.getSnapshot()).toBe(before);
    for (const value of [before, before.items, before.typing, before.seenBy, ...before.items]) {
      expect(Object.isFrozen(value)).toBe(true);
    }
    await world.say(jonas, 'c1', '4');
    const after = live.getSnapshot();
    const told = watch(live);
    expect(after.items.slice(0, 3)).toEqual(before.items);
    expect(after.items.slice(0, 3).every((item, i) => item === before.items[i])).toBe(true);
    expect(after.typing).toBe(before.typing);
    maya.hear('new_message', { conversation_id: 'c1', message: null });
    maya.hear('unread_count_updated', {
      conversation_id: 'c1',
      unread_count: 4,
      action: 'set',
      last_seq: 4,
      read_seq: 0,
    });
    await world.clock.advance(1_000);
    await world.during(maya.client.messages.list('c1'));
    expect(live.getSnapshot()).toBe(after);
    expect(told.count).toBe(0);
  });

  it('[TH11] tells a subscriber at most once per frame, whatever comes in', async () => {
    const { world, maya } = await talk(0);
    const { live } = await open(world, maya);
    const told = watch(live);
    const start = world.clock.now();
    for (let seq = 1; seq <= 1_000; seq += 1) {
      const message = {
        id: `m${seq}`,
        sender_id: 'u2',
        content: String(seq),
        seq,
        created_at: new Date(seq).toISOString(),
      };
      maya.hear('new_message', { conversation_id: 'c1', message });
      if (seq % 10 === 0) await world.clock.advance(1);
    }
    await world.clock.advance(50);
    expect(told.count).toBeGreaterThan(1);
    expect(told.count).toBeLessThanOrEqual(Math.ceil((world.clock.now() - start) / 16) + 1);
    expect(textsOf(live.getSnapshot()).at(-1)).toBe('1000');
  });

  it('[TH12] empties a deleted message and keeps its place', async () => {
    const { world, maya, jonas } = await talk(3);
    const { live } = await open(world, maya);
    const [, second] = messagesOf(live.getSnapshot());
    await world.during(jonas.client.messages.delete(second?.id ?? ''));
    expect(messagesOf(live.getSnapshot())).toMatchObject([
      { text: '1', isDeleted: false },
      { key: second?.key, text: '', isDeleted: true },
      { text: '3' },
    ]);
  });

  it('[TH13] shows how far the other side has seen', async () => {
    const { world, maya, jonas } = await talk(0);
    const { live } = await open(world, maya);
    await world.say(maya, 'c1', 'one');
    await world.say(maya, 'c1', 'two');
    expect(messagesOf(live.getSnapshot()).map(({ status }) => status)).toEqual(['sent', 'sent']);
    const thread = await open(world, jonas);
    jonas.client.messages.markSeen('c1');
    await world.clock.advance(1_000);
    const { items, seenBy } = live.getSnapshot();
    expect(messagesOf(live.getSnapshot()).map(({ status }) => status)).toEqual(['seen', 'seen']);
    expect(seenBy).toMatchObject([{ user: { id: 'u2' }, messageKey: items[1]?.key }]);
    expect(thread.live.getSnapshot().unread).toBe(0);
  });

  it('[TH14] enters the conversation’s room while somebody looks, again after a reconnect, and leaves it', async () => {
    const { world, maya } = await talk(1);
    const rooms = () =>
      maya.emitted.filter(({ name }) => /_conversation$/.test(name)).map(({ name, args }) => [name, ...args]);
    const { live, undo } = await open(world, maya);
    const second = live.subscribe(() => {});
    undo();
    undo();
    expect(rooms()).toEqual([['join_conversation', 'c1']]);
    maya.device.line.cut();
    await world.clock.advance(10_000);
    expect(rooms()).toEqual([
      ['join_conversation', 'c1'],
      ['join_conversation', 'c1'],
    ]);
    second();
    expect(rooms().at(-1)).toEqual(['leave_conversation', 'c1']);
    maya.device.line.cut();
    await world.clock.advance(10_000);
    expect(rooms()).toHaveLength(3);
  });
});
