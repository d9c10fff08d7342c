import { describe, expect, it } from 'vitest';
import type { ConversationItem, InboxSnapshot } from '../../src/chat-models.ts';
import { definePreset } from '../../src/presets/define-preset.ts';
import { chat } from '../../src/protocol/chat.ts';
import { runningRoutes } from '../../src/protocol/chat-routes.ts';
import { createChatWorld, json, watch } from '../support/chat-world.ts';

const rowOf = ({ items }: InboxSnapshot, id = 'c1'): ConversationItem => {
  const row = items.find((item) => item.id === id);
  if (row) return row;
  throw new Error(`there is no row ${id}`);
};

async function openInbox(options: Parameters<typeof createChatWorld>[0] = {}) {
  const world = createChatWorld(options);
  const maya = await world.seat('u1');
  const inbox = maya.client.conversations.live();
  const told = watch(inbox);
  await world.clock.advance(1_000);
  const jonas = await world.seat('u2');
  const noor = await world.seat('u3');
  // Below level 2 a message by socket needs its receiver, which the list tells.
  for (const seat of [jonas, noor]) watch(seat.client.conversations.live());
  await world.clock.advance(1_000);
  return { world, maya, jonas, noor, inbox, told };
}

describe('the inbox', () => {
  it('[IN1] is read when somebody subscribes, once for many who do', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1', { isConnected: false });
    const inbox = maya.client.conversations.live();
    expect(inbox.getSnapshot()).toEqual({ items: [], totalUnread: 0, status: 'idle', hasMore: false });
    expect(maya.requests).not.toContainEqual(expect.stringContaining('/conversations'));
    watch(inbox);
    watch(inbox);
    await world.clock.advance(1_000);
    expect(inbox.getSnapshot()).toMatchObject({ status: 'ready', hasMore: false });
    expect(
      inbox
        .getSnapshot()
        .items.map(({ id }) => id)
        .toSorted(),
    ).toEqual(['c1', 'c2']);
    expect(maya.requests.filter((request) => request.includes('/conversations?'))).toHaveLength(1);
    expect(maya.client.conversations.live()).toBe(inbox);
  });

  it('[IN1] is failed until it can be read', async () => {
    const world = createChatWorld();
    let isDown = true;
    const maya = await world.seat('u1', {
      isConnected: false,
      answer: (path) =>
        isDown && path.includes('/conversations') ? json({ error: 'busy' }, 503) : undefined,
    });
    const inbox = maya.client.conversations.live();
    watch(inbox);
    await world.clock.advance(2_500);
    expect(inbox.getSnapshot().status).toBe('failed');
    isDown = false;
    await world.clock.advance(10_000);
    expect(inbox.getSnapshot()).toMatchObject({ status: 'ready', items: { length: 2 } });
  });

  /** A backend on which one conversation is read by the list, so that such a call and the inbox share a read. */
  async function share(answer: () => Response | Promise<Response> | undefined) {
    const world = createChatWorld({ level: 0, routes: 'running' });
    const maya = await world.seat('u1', {
      isConnected: false,
      chat: definePreset({ extends: chat, routes: runningRoutes }),
      answer: (path) => (path.includes('/conversations?') ? answer() : undefined),
    });
    const abort = new AbortController();
    const { conversations } = maya.client;
    return {
      world,
      maya,
      abort,
      inbox: conversations.live(),
      get: () => conversations.get('c1', { signal: abort.signal }),
    };
  }

  it('[IN1] is read although another call with which it shares the read is aborted', async () => {
    const { world, maya, abort, inbox, get } = await share(() => undefined);
    const given = expect(get()).rejects.toBe('enough');
    watch(inbox);
    abort.abort('enough');
    await given;
    await world.clock.advance(1_000);
    expect(inbox.getSnapshot()).toMatchObject({ status: 'ready', items: { length: 2 } });
    expect(maya.requests.filter((request) => request.includes('/conversations?'))).toHaveLength(1);
  });

  it('[IN1] is read again when the read of another call, which it waited for, fails', async () => {
    let isDown = true;
    const { world, inbox, get } = await share(() => (isDown ? json({ error: 'busy' }, 503) : undefined));
    const one = get();
    watch(inbox);
    await expect(world.during(one)).rejects.toMatchObject({ code: 'SERVER_ERROR' });
    expect(inbox.getSnapshot().status).toBe('failed');
    isDown = false;
    await world.clock.advance(10_000);
    expect(inbox.getSnapshot()).toMatchObject({ status: 'ready', items: { length: 2 } });
  });

  it('[HT10] is still being read when another call, which waited for it, is aborted', async () => {
    const { abort, inbox, get } = await share(() => new Promise(() => {}));
    watch(inbox);
    const given = expect(get()).rejects.toBe('enough');
    abort.abort('enough');
    await given;
    expect(inbox.getSnapshot().status).toBe('loading');
  });

  it.each([0, 1, 2] as const)(
    '[IN2] stands in the order of the latest activity, at level %i',
    async (level) => {
      const { world, jonas, noor, inbox } = await openInbox({ level });
      await world.say(jonas, 'c1', 'first');
      expect(inbox.getSnapshot().items.map(({ id }) => id)).toEqual(['c1', 'c2']);
      await world.say(noor, 'c2', 'second');
      expect(inbox.getSnapshot().items.map(({ id }) => id)).toEqual(['c2', 'c1']);
      const [first, second] = inbox.getSnapshot().items;
      expect(first?.activityAt).toBeGreaterThan(second?.activityAt ?? 0);
    },
  );

  it('[IN3] previews the newest message: text, media and deleted', async () => {
    const { world, maya, jonas, inbox } = await openInbox();
    await world.say(jonas, 'c1', 'hello');
    expect(rowOf(inbox.getSnapshot())).toMatchObject({
      otherUser: { id: 'u2', name: 'Jonas' },
      lastMessage: { senderId: 'u2', isOwn: false, text: 'hello', type: 'text' },
    });
    await world.during(maya.client.messages.send('c1', { mediaUrl: 'https://cdn.example.com/a.webp' }));
    expect(rowOf(inbox.getSnapshot()).lastMessage).toMatchObject({ isOwn: true, text: '', type: 'image' });
    await world.say(jonas, 'c1', 'oops');
    const { lastMessage } = rowOf(inbox.getSnapshot());
    await world.during(jonas.client.messages.delete(lastMessage?.messageId ?? ''));
    expect(rowOf(inbox.getSnapshot()).lastMessage).toMatchObject({
      messageId: lastMessage?.messageId,
      text: '',
    });
  });

  it.each([0, 1, 2] as const)(
    '[IN4] counts what is unread, in rows and in all, at level %i',
    async (level) => {
      const { world, maya, jonas, noor, inbox } = await openInbox({ level });
      await world.say(jonas, 'c1', 'one');
      await world.say(jonas, 'c1', 'two');
      await world.say(noor, 'c2', 'three');
      await world.say(maya, 'c1', 'mine');
      expect(inbox.getSnapshot().totalUnread).toBe(3);
      expect(
        inbox
          .getSnapshot()
          .items.map(({ id, unread }) => [id, unread])
          .toSorted(),
      ).toEqual([
        ['c1', 2],
        ['c2', 1],
      ]);
      maya.client.messages.markSeen('c1');
      expect(inbox.getSnapshot()).toMatchObject({ totalUnread: 1 });
      await world.clock.advance(1_000);
      expect(rowOf(inbox.getSnapshot()).unread).toBe(0);
      expect(inbox.getSnapshot().totalUnread).toBe(1);
    },
  );

  it('[IN4] counts what was unread before the client came', async () => {
    const world = createChatWorld();
    const jonas = await world.seat('u2');
    for (const text of ['a', 'b', 'c']) await world.say(jonas, 'c1', text);
    const maya = await world.seat('u1');
    const inbox = maya.client.conversations.live();
    watch(inbox);
    await world.clock.advance(1_000);
    expect(inbox.getSnapshot().totalUnread).toBe(3);
    watch(maya.client.messages.live('c1'));
    await world.clock.advance(1_000);
    await world.say(jonas, 'c1', 'd');
    expect(inbox.getSnapshot().totalUnread).toBe(4);
  });

  it('[IN5] shows who types and who is there', async () => {
    const { world, jonas, inbox } = await openInbox();
    expect(rowOf(inbox.getSnapshot())).toMatchObject({ typing: [], otherUser: { presence: 'online' } });
    jonas.client.messages.live('c1');
    jonas.client.realtime.keystroke('c1');
    await world.clock.advance(200);
    expect(rowOf(inbox.getSnapshot()).typing).toMatchObject([{ id: 'u2', name: 'Jonas' }]);
    jonas.client.realtime.disconnect();
    await world.clock.advance(7_000);
    expect(rowOf(inbox.getSnapshot())).toMatchObject({ typing: [], otherUser: { presence: 'offline' } });
  });

  it('[IN6] shows the state of a conversation as it changes', async () => {
    const { world, maya, inbox } = await openInbox({
      conversations: [{ id: 'c1', members: ['u1', 'u2'], type: 'bid' }],
    });
    expect(rowOf(inbox.getSnapshot())).toMatchObject({
      type: 'bid',
      flowState: 'request_sent',
      awaitingRole: 'influencer',
      chatStatus: 'automated',
    });
    const states: unknown[] = [];
    maya.client.realtime.on('conversationState', (event) => states.push(event));
    const state = { flow_state: 'accepted', awaiting_role: null, chat_status: 'realtime' };
    maya.hear('conversation_state_changed', { conversation_id: 'c1', ...state });
    maya.hear('conversation_state_changed', { conversation_id: 'c1', ...state });
    await world.clock.advance(100);
    const shown = { flowState: 'accepted', awaitingRole: null, chatStatus: 'realtime' };
    expect(rowOf(inbox.getSnapshot())).toMatchObject(shown);
    expect(states).toEqual([{ conversationId: 'c1', ...shown }]);
  });

  it('[IN7] loads page by page', async () => {
    const conversations = Array.from({ length: 120 }, (_, i) => ({
      id: `x${i}`,
      members: ['u1', i % 2 ? 'u2' : 'u3'] as const,
    }));
    const { world, inbox } = await openInbox({ conversations });
    expect(inbox.getSnapshot()).toMatchObject({ hasMore: true, items: { length: 50 } });
    await world.during(inbox.loadMore());
    expect(inbox.getSnapshot()).toMatchObject({ hasMore: true, items: { length: 100 } });
    await world.during(inbox.loadMore());
    expect(inbox.getSnapshot()).toMatchObject({ hasMore: false, items: { length: 120 } });
    expect(new Set(inbox.getSnapshot().items.map(({ id }) => id)).size).toBe(120);
  });

  it('[IN8] is frozen, and keeps every row that did not change', async () => {
    const { world, jonas, inbox } = await openInbox();
    await world.say(jonas, 'c1', 'hello');
    const before = inbox.getSnapshot();
    const untouched = rowOf(before, 'c2');
    expect(inbox.getSnapshot()).toBe(before);
    for (const value of [
      before,
      before.items,
      ...before.items,
      rowOf(before).lastMessage,
      rowOf(before).typing,
    ]) {
      expect(Object.isFrozen(value)).toBe(true);
    }
    await world.say(jonas, 'c1', 'again');
    expect(inbox.getSnapshot()).not.toBe(before);
    expect(rowOf(inbox.getSnapshot(), 'c2')).toBe(untouched);
    expect(rowOf(before).lastMessage?.text).toBe('hello');
  });

  it('[IN9] tells a subscriber at most once per frame', async () => {
    const { world, maya, inbox, told } = await openInbox();
    const before = told.count;
    for (let seq = 1; seq <= 500; seq += 1) {
      const message = {
        id: `m${seq}`,
        sender_id: 'u2',
        content: String(seq),
        seq,
        created_at: new Date(seq).toISOString(),
      };
      maya.hear('conversation_list_updated', { conversation_id: 'c1', action: 'message_received', message });
    }
    await world.clock.advance(100);
    expect(told.count - before).toBeLessThanOrEqual(2);
    expect(rowOf(inbox.getSnapshot()).unread).toBe(500);
  });

  it('[IN10] gets a new conversation of somebody else', async () => {
    const { world, maya, jonas, inbox } = await openInbox({ conversations: [] });
    expect(inbox.getSnapshot().items).toEqual([]);
    const { id } = openConversation(world, jonas.device.userId, maya.device.userId);
    await world.say(jonas, id, 'hello');
    await world.clock.advance(2_000);
    expect(rowOf(inbox.getSnapshot(), id)).toMatchObject({
      otherUser: { name: 'Jonas' },
      lastMessage: { text: 'hello' },
      unread: 1,
    });
  });

  it('[IN11] follows a changed picture: one notification for each view, every row and message', async () => {
    const { world, maya, jonas, inbox, told } = await openInbox();
    for (const text of ['a', 'b', 'c']) await world.say(jonas, 'c1', text);
    const thread = maya.client.messages.live('c1');
    const threadTold = watch(thread);
    await world.clock.advance(1_000);
    const before = [told.count, threadTold.count];
    const untouched = rowOf(inbox.getSnapshot(), 'c2');
    maya.hear('user:avatar:updated', {
      userId: 'u2',
      avatar_url: 'https://cdn.example.com/new.webp',
      avatar_thumb_url: 'https://cdn.example.com/new-thumb.webp',
      avatar_version: 7,
    });
    await world.clock.advance(100);
    const avatar = { version: 7, url: 'https://cdn.example.com/new.webp?v=7' };
    expect(rowOf(inbox.getSnapshot()).otherUser?.avatar).toMatchObject(avatar);
    expect(rowOf(inbox.getSnapshot(), 'c2')).toBe(untouched);
    expect(thread.getSnapshot().items).toMatchObject(Array(3).fill({ sender: { avatar } }));
    expect([told.count, threadTold.count]).toEqual(before.map((count) => count + 1));
  });

  it('[IN12] lists and reads single conversations on demand', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1', { isConnected: false });
    const { items, hasMore } = await world.during(
      maya.client.conversations.list({ limit: 1, role: 'influencer' }),
    );
    expect([items.length, hasMore]).toEqual([1, true]);
    expect(maya.requests).toContain('GET /api/conversations?user_id=u1&role=influencer&page=1&limit=1');
    const row = await world.during(maya.client.conversations.get('c1'));
    expect(row).toMatchObject({ id: 'c1', otherUser: { name: 'Jonas' } });
    await expect(world.during(maya.client.conversations.get('c9'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('[IN12] does not show the row of a conversation that is gone as if it was there', async () => {
    let isGone = false;
    const world = createChatWorld();
    const maya = await world.seat('u1', {
      isConnected: false,
      answer: (path) => (isGone && path === '/api/conversations/c1' ? json({ error: 'no' }, 404) : undefined),
    });
    const { conversations } = maya.client;
    expect(await world.during(conversations.get('c1'))).toMatchObject({ id: 'c1' });
    isGone = true;
    const from = maya.requests.length;
    await expect(world.during(conversations.get('c1'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(maya.requests.slice(from)).toEqual(['GET /api/conversations/c1']);
  });
});

/** A conversation that begins on the backend. */
function openConversation({ backend }: ReturnType<typeof createChatWorld>, ...members: [string, string]) {
  const record = {
    id: 'new',
    members,
    type: 'direct',
    flowState: 'open',
    awaitingRole: null,
    chatStatus: 'realtime',
    createdAt: 1,
    updatedAt: 1,
    messages: [],
    seen: new Map<string, number>(),
  };
  (backend.truth.conversations as Map<string, typeof record>).set(record.id, record);
  return record;
}
