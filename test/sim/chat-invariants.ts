import type { MessageItem, ThreadSnapshot } from '../../src/chat-models.ts';
import type { ConversationRecord } from '../../src/testing/index.ts';
import type { Page } from './page.ts';
import { messagesOf } from './thread-watch.ts';
import type { World } from './world.ts';

/** After heal + T, with every thread open on every page: what is shown is what is stored. */
export function checkThreads(world: World, when: 'connected' | 'reconnected'): void {
  for (const page of world.pages()) {
    for (const [conversationId, { live }] of page.threads) {
      const conversation = world.backend.truth.conversations.get(conversationId);
      if (!conversation) continue;
      checkThread(world, page, conversation, live.getSnapshot(), when);
    }
  }
}

function checkThread(
  { findings, level }: World,
  page: Page,
  { id, messages }: ConversationRecord,
  snapshot: ThreadSnapshot,
  when: 'connected' | 'reconnected',
) {
  // Without numbers two messages of the same millisecond have no order but that of their ids.
  const rows =
    level === 2
      ? messages
      : messages.toSorted(
          (a, b) => Math.floor(a.createdAt) - Math.floor(b.createdAt) || (a.id < b.id ? -1 : 1),
        );
  const where = `${page.name} in ${id}`;
  findings.expect(snapshot.status === 'ready', 'I1', () => `${where}: the thread is ${snapshot.status}`);
  findings.expect(!snapshot.hasNewer, 'I1', () => `${where}: the window ends before the newest message`);
  const confirmed = messagesOf(snapshot).filter((item) => item.id !== null);
  const expected = rows.slice(rows.length - confirmed.length);
  const isRight = ({ id: shownId, text, isDeleted }: MessageItem, index: number) => {
    const row = expected[index];
    if (row?.id !== shownId) return false;
    // Nothing tells of a delete whose one frame got lost, until the connection is made anew.
    if (when === 'connected' && row.deletedAt !== null && !isDeleted) return true;
    return row.text === text && (row.deletedAt !== null) === isDeleted;
  };
  const wrong = confirmed.findIndex((item, index) => !isRight(item, index));
  findings.expect(wrong < 0, 'I1', () => {
    const shown = confirmed.slice(wrong).map(({ text, isDeleted }) => (isDeleted ? '(deleted)' : text));
    const there = expected
      .slice(wrong)
      .map(({ text, deletedAt }) => (deletedAt === null ? text : '(deleted)'));
    const [a, b] = [shown, there].map((texts) => JSON.stringify(texts.slice(0, 8)));
    return `${where} shows from place ${wrong} ${a}; stored are ${b} (${rows.length} in all)`;
  });
  findings.expect(
    confirmed.length >= Math.min(rows.length, 20) && (confirmed.length === rows.length || snapshot.hasOlder),
    'I1',
    () => `${where} shows ${confirmed.length} of ${rows.length} messages and has no older ones`,
  );
  const gap = snapshot.items.findIndex((item) => item.kind === 'gap');
  findings.expect(gap <= 0, 'I1', () => `${where}: there is a gap in the window`);
}

/** After heal + T: counts, marks and who is there. */
export function checkInboxes(world: World): void {
  const { backend, findings, level } = world;
  for (const page of world.pages()) {
    const { items, totalUnread, status } = page.inbox.live.getSnapshot();
    findings.expect(status === 'ready', 'I1', () => `${page.name}: the inbox is ${status}`);
    const own = world.conversationsOf(page.device.userId);
    findings.expect(
      items.length === own.length,
      'I1',
      () => `${page.name}: the inbox has ${items.map(({ id }) => id).join()} of ${own.join()}`,
    );
    if (level < 2) continue;
    let total = 0;
    for (const { id, unread, lastMessage } of items) {
      const conversation = backend.truth.conversations.get(id);
      if (!conversation) continue;
      const right = unreadOf(conversation, page.device.userId);
      total += right;
      findings.expect(
        unread === right,
        'I5',
        () => `${page.name}: unread of ${id} is ${unread}, it should be ${right}`,
      );
      const newest = conversation.messages.at(-1);
      findings.expect(
        (lastMessage?.messageId ?? null) === (newest?.id ?? null),
        'I1',
        () => `${page.name}: the preview of ${id} is "${lastMessage?.text}", the newest is "${newest?.text}"`,
      );
    }
    findings.expect(
      totalUnread === total,
      'I5',
      () => `${page.name}: the total of unread is ${totalUnread}, it should be ${total}`,
    );
  }
}

/** After everybody opened and marked everything. */
export function checkNothingUnread(world: World): void {
  for (const page of world.pages()) {
    const { items } = page.inbox.live.getSnapshot();
    for (const { id, unread } of items) {
      world.findings.expect(
        unread === 0,
        'I5',
        () => `${page.name}: unread of ${id} is ${unread} after everything was opened and marked`,
      );
    }
  }
}

/** On good lines, with everything marked: what others write since is unread, each message once. */
export function checkCounts(world: World, conversationId: string, writerId: string, count: number): void {
  const readers = world.pages().filter(({ device, threads }) => {
    return device.userId !== writerId && threads.has(conversationId);
  });
  // A page that keeps it seen marks it for the user's other pages too.
  if (readers.some((page) => page.isKept(conversationId))) return;
  for (const page of readers) {
    const row = page.inbox.live.getSnapshot().items.find(({ id }) => id === conversationId);
    world.findings.expect(
      row?.unread === count,
      'I5',
      () => `${page.name}: unread of ${conversationId} is ${row?.unread} after ${count} messages of others`,
    );
  }
}

/** Who is in the room of the bid hears of it once, who is not does not, and all of it is counted. */
export function checkRoom(world: World, number: number): void {
  for (const { name, room, device } of world.pages()) {
    // Tabs of one browser hear what any of them has joined.
    const isJoined = world.pages().some((page) => page.device === device && page.room.isJoined);
    const wanted = isJoined ? 1 : 0;
    world.findings.expect(
      room.heard(number) === wanted,
      'I14',
      () => `${name} hears ${room.heard(number)} times of the bid instead of ${wanted}`,
    );
    const [heard, counted] = room.counts();
    world.findings.expect(
      heard === counted,
      'I14',
      () => `${name} counts ${counted} unknown events, but heard ${heard}`,
    );
  }
}

export function checkPresence(world: World): void {
  if (world.level < 2) return;
  const online = new Set([...world.backend.truth.connected].map(({ userId }) => userId));
  for (const page of world.pages()) {
    for (const { live } of page.pictures) {
      const snapshot = live.getSnapshot();
      const isPartner = world.partnersOf(page.device.userId).has(snapshot.id);
      if (!isPartner) continue;
      const right = online.has(snapshot.id) ? 'online' : 'offline';
      world.findings.expect(
        snapshot.presence === right,
        'I9',
        () => `${page.name}: ${snapshot.id} is ${snapshot.presence}, it should be ${right}`,
      );
    }
  }
}

/** The tabs of a browser have one connection. */
export function checkTabs({ backend, findings, places }: World): void {
  for (const { deviceId } of new Set(places.map(({ device }) => device))) {
    const count = [...backend.truth.connected].filter((member) => member.deviceId === deviceId).length;
    findings.expect(count === 1, 'I12', () => `${deviceId} has ${count} connections`);
  }
}

/** Two tabs show the same of what was done in one. */
export function checkSame({ findings }: World, here: Page, there: Page): void {
  const [mine, theirs] = [here, there].map(({ client, inbox, device }) => {
    const { avatar, pending } = client.users.live(device.userId).getSnapshot();
    return JSON.stringify([avatar, pending, inbox.live.getSnapshot().totalUnread]);
  });
  findings.expect(mine === theirs, 'I12', () => `${here.name} shows ${mine}, ${there.name} ${theirs}`);
}

/** While there is no connection nobody is known to be there or to type. */
export function checkOffline(world: World): void {
  for (const page of world.pages()) {
    const { status } = page.client.realtime;
    if (status !== 'offline' && status !== 'connecting') continue;
    for (const { live } of page.pictures) {
      const { id, presence } = live.getSnapshot();
      world.findings.expect(
        presence === 'unknown' || id === page.device.userId,
        'I9',
        () => `${page.name} is ${status} and shows ${id} as ${presence}`,
      );
    }
    for (const { live } of page.threads.values()) {
      const { typing } = live.getSnapshot();
      world.findings.expect(typing.length === 0, 'I8', () => `${page.name} is ${status} and shows typing`);
    }
  }
}

/** Every start of typing that went out belongs to a keystroke of that very moment. */
export function checkTypingSent(world: World): void {
  for (const { at, deviceId, direction, name, payload } of world.backend.journal.frames) {
    if (direction !== 'up' || name !== 'typing_start') continue;
    const isTyped = world
      .allPages()
      .some(
        ({ device, keystrokes }) =>
          device.deviceId === deviceId &&
          keystrokes.some(
            (stroke) => Math.abs(stroke.at - at) < 1 && payload.includes(stroke.conversationId),
          ),
      );
    world.findings.expect(isTyped, 'I8', () => `${deviceId} sends a start of typing that nobody typed then`);
  }
}

/** Longer than the backoff, shorter than a client takes to become suspicious of a silence. */
const reconnectMs = 40_000;

/** Requests of each device since a moment at which all had to connect anew on good lines. */
export function checkReconnect(world: World, since: number): void {
  for (const page of world.pages()) {
    const counts = new Map<string, number>();
    for (const { at, deviceId, method, path } of world.backend.journal.requests) {
      if (at < since || at > since + reconnectMs || deviceId !== page.device.deviceId || method !== 'GET')
        continue;
      const kind = kindOf(path);
      if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const tabs = world.pages().filter(({ device }) => device === page.device).length;
    for (const [kind, count] of counts) {
      world.findings.expect(
        count <= tabs,
        'I10',
        () => `${page.name} asks for ${kind} ${count} times after one reconnect`,
      );
    }
  }
}

function kindOf(path: string): string | null {
  if (/^\/api\/(?:messages\/)?conversations(?:\?|$)/.test(path)) return 'the list of conversations';
  const [, id] = /^\/api\/conversations\/([^/]+)\/messages/.exec(path) ?? [];
  return id === undefined ? null : `the messages of ${id}`;
}

function unreadOf({ messages, seen }: ConversationRecord, userId: string): number {
  const mark = seen.get(userId) ?? 0;
  return messages.filter(({ senderId, seq }) => senderId !== userId && seq > mark).length;
}
