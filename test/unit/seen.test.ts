import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UnreadChanged } from '../../src/realtime/events.ts';
import { createChatWorld, json, type Seat, watch } from '../support/chat-world.ts';

afterEach(() => void vi.unstubAllGlobals());

const marks = ({ requests }: Seat) => requests.filter((request) => request.endsWith('/seen'));

async function talk(count: number, options: Parameters<typeof createChatWorld>[0] = {}, seat: object = {}) {
  const world = createChatWorld(options);
  const jonas = await world.seat('u2');
  watch(jonas.client.conversations.live());
  await world.clock.advance(1_000);
  const maya = await world.seat('u1', seat);
  const inbox = maya.client.conversations.live();
  watch(inbox);
  const thread = maya.client.messages.live('c1');
  watch(thread);
  await world.clock.advance(1_000);
  for (let i = 1; i <= count; i += 1) await world.say(jonas, 'c1', String(i));
  return { world, jonas, maya, inbox, thread };
}

const markOf = ({ backend }: ReturnType<typeof createChatWorld>, userId = 'u1') =>
  backend.truth.conversations.get('c1')?.seen.get(userId) ?? 0;

describe('marking as seen', () => {
  it.each([0, 1, 2] as const)(
    '[SE1] shows at once and tells the backend in one request, at level %i',
    async (level) => {
      const { world, jonas, maya, inbox, thread } = await talk(3, { level });
      const theirs = jonas.client.messages.live('c1');
      watch(theirs);
      await world.clock.advance(1_000);
      for (let i = 0; i < 5; i += 1) maya.client.messages.markSeen('c1');
      expect([thread.getSnapshot().unread, inbox.getSnapshot().totalUnread]).toEqual([0, 0]);
      expect(marks(maya)).toEqual([]);
      await world.clock.advance(1_000);
      expect(marks(maya)).toEqual(['PUT /api/conversations/c1/seen']);
      expect(markOf(world)).toBe(3);
      expect(theirs.getSnapshot().items).toMatchObject(Array(3).fill({ status: 'seen' }));
    },
  );

  it('[SE2] sends nothing when there is nothing new to mark, and nothing for an unknown conversation', async () => {
    const { world, maya } = await talk(2);
    maya.client.messages.markSeen('c1');
    await world.clock.advance(1_000);
    maya.client.messages.markSeen('c1');
    maya.client.messages.markSeen('c9');
    await world.clock.advance(1_000);
    expect(marks(maya)).toHaveLength(1);
  });

  it('[SE3] is tried again after a failure, with the newest mark, until the backend has it', async () => {
    let isDown = true;
    const answer = (path: string) =>
      isDown && path.endsWith('/seen') ? json({ error: 'busy' }, 503) : undefined;
    const { world, jonas, maya, thread } = await talk(1, {}, { answer });
    maya.client.messages.markSeen('c1');
    await world.clock.advance(5_000);
    await world.say(jonas, 'c1', 'two');
    maya.client.messages.markSeen('c1');
    expect(thread.getSnapshot().unread).toBe(0);
    isDown = false;
    await world.clock.advance(40_000);
    expect(markOf(world)).toBe(2);
    const settled = marks(maya).length;
    await world.clock.advance(60_000);
    expect(marks(maya)).toHaveLength(settled);
  });

  it('[SE3] is tried again by itself', async () => {
    let isDown = true;
    const answer = (path: string) =>
      isDown && path.endsWith('/seen') ? json({ error: 'busy' }, 503) : undefined;
    const { world, maya } = await talk(1, {}, { answer });
    maya.client.messages.markSeen('c1');
    await world.clock.advance(5_000);
    isDown = false;
    await world.clock.advance(40_000);
    expect(markOf(world)).toBe(1);
  });

  it('[SE3] is tried again when the backend asks for a rest while another mark waits', async () => {
    let refuse: ((answer: Response) => void) | undefined;
    const answer = (path: string) => {
      if (refuse || !path.endsWith('/c1/seen')) return;
      return new Promise<Response>((resolve) => {
        refuse = resolve;
      });
    };
    const { world, maya } = await talk(1, {}, { answer });
    const noor = await world.seat('u3');
    await world.say(noor, 'c2', 'hello');
    maya.client.messages.markSeen('c1');
    await world.clock.advance(1_000);
    maya.client.messages.markSeen('c2');
    refuse?.(new Response('{}', { status: 429, headers: { 'retry-after': '10' } }));
    await world.clock.advance(9_000);
    expect(marks(maya)).toEqual(['PUT /api/conversations/c1/seen']);
    await world.clock.advance(2_000);
    expect(marks(maya).slice(1)).toEqual([
      'PUT /api/conversations/c2/seen',
      'PUT /api/conversations/c1/seen',
    ]);
  });

  it('[SE4] never falls, whatever the backend tells late', async () => {
    const { world, maya, thread } = await talk(3);
    maya.client.messages.markSeen('c1');
    await world.clock.advance(1_000);
    maya.hear('messages_seen_update', { conversationId: 'c1', read_seq: 1 });
    maya.hear('sync_state', { conversation_id: 'c1', last_seq: 3, seen_seq: 0, unread: 3 });
    maya.hear('unread_count_updated', {
      conversation_id: 'c1',
      unread_count: 2,
      action: 'set',
      last_seq: 3,
      read_seq: 1,
    });
    await world.clock.advance(100);
    expect(thread.getSnapshot().unread).toBe(0);
    maya.client.messages.markSeen('c1');
    await world.clock.advance(1_000);
    expect(marks(maya)).toHaveLength(1);
  });

  it('[SE5] on one device reaches the user’s others', async () => {
    const { world, maya } = await talk(2);
    const phone = await world.seat('u1');
    const inbox = phone.client.conversations.live();
    watch(inbox);
    await world.clock.advance(1_000);
    expect(inbox.getSnapshot().totalUnread).toBe(2);
    maya.client.messages.markSeen('c1');
    await world.clock.advance(1_000);
    expect(inbox.getSnapshot().totalUnread).toBe(0);
  });
});

describe('keeping a conversation seen', () => {
  it('[SE1] is told also when a listener of the count marks as seen', async () => {
    const { world, jonas, maya } = await talk(0);
    const counts: number[] = [];
    maya.client.realtime.on('unread', ({ conversationId, unread }) => {
      counts.push(unread);
      if (unread > 0) maya.client.messages.markSeen(conversationId);
    });
    await world.say(jonas, 'c1', 'hello');
    await world.clock.advance(1_000);
    expect(counts).toEqual([1, 0]);
  });

  it('[SE6] never lets its badge blink', async () => {
    const { world, jonas, maya, inbox, thread } = await talk(1);
    const undo = maya.client.messages.keepSeen('c1');
    await world.clock.advance(1_000);
    const events: UnreadChanged[] = [];
    const counts = new Set<number>();
    maya.client.realtime.on('unread', (event) => events.push(event));
    const look = () => {
      counts.add(inbox.getSnapshot().totalUnread);
      counts.add(thread.getSnapshot().unread);
    };
    inbox.subscribe(look);
    thread.subscribe(look);
    for (let i = 0; i < 20; i += 1) {
      await world.say(jonas, 'c1', `m${i}`);
      look();
    }
    expect([[...counts], events]).toEqual([[0], []]);
    expect(markOf(world)).toBe(21);
    undo();
    undo();
    await world.say(jonas, 'c1', 'later');
    expect(thread.getSnapshot().unread).toBe(1);
    expect(events).toMatchObject([{ conversationId: 'c1', previous: 0, unread: 1, totalUnread: 1 }]);
  });

  it('[SE6] lasts as long as one of its keepers', async () => {
    const { world, jonas, maya, thread } = await talk(0);
    const [first, second] = [maya.client.messages.keepSeen('c1'), maya.client.messages.keepSeen('c1')];
    first();
    first();
    await world.say(jonas, 'c1', 'one');
    expect(thread.getSnapshot().unread).toBe(0);
    second();
    await world.say(jonas, 'c1', 'two');
    expect(thread.getSnapshot().unread).toBe(1);
  });

  it('[SE7] waits while the page is hidden', async () => {
    const { world, jonas, maya, thread } = await talk(0);
    maya.client.messages.keepSeen('c1');
    vi.stubGlobal('document', { visibilityState: 'hidden' });
    await world.say(jonas, 'c1', 'unseen');
    expect(thread.getSnapshot().unread).toBe(1);
    expect(markOf(world)).toBe(0);
    vi.unstubAllGlobals();
    await world.say(jonas, 'c1', 'seen');
    expect(thread.getSnapshot().unread).toBe(0);
  });
});
