import type { GapItem, LiveThread, MessageItem, SeenBy, ThreadSnapshot } from '../chat-models.ts';
import { HttpError } from '../errors.ts';
import type { MessageFact } from '../facts.ts';
import { createLive } from '../lib/live.ts';
import type { Conversation } from '../store/conversation.ts';
import type { ChatContext } from './chat-context.ts';
import { matchEchoes } from './echoes.ts';
import { MessageItems } from './message-items.ts';
import { createThreadLoader } from './thread-loader.ts';
import { createWatchedUsers } from './watched-users.ts';

const pageSize = 50;
const maxWindow = 500;
const tailGap = 'gap:newest';

/** A conversation's live view: a bounded window over its messages, holes shown, what is on its way at the end. */
export interface Thread {
  readonly live: LiveThread;
  readonly isWatched: boolean;
  /** Whether its messages are on screen, or about to be: they came with the page. */
  readonly isKept: boolean;
  readonly status: ThreadSnapshot['status'];
  /** Shows what the store holds as read elsewhere, and reads it again when somebody looks. */
  restore(status: ThreadSnapshot['status']): void;
  /** The store's or the outbox's view of the conversation changed. */
  touch(): void;
  /** Reads what is missing. Rejects with what made it fail. */
  repair(signal?: AbortSignal): Promise<void>;
  /** Reads the window again. Rejects with what made it fail. */
  reload(signal?: AbortSignal): Promise<void>;
  /** Nobody looks: lets go of the messages, to be read anew when somebody does. */
  forget(): void;
}

export function createThread(context: ChatContext, conversationId: string, onUse: () => void): Thread {
  const { store, outbox, users, userId: ownId } = context;
  const items = new MessageItems(ownId);
  /** The newest message of the window; `null` follows the newest of all. */
  let end: MessageFact | null = null;
  let size = pageSize;

  const loader = createThreadLoader(context, conversationId, {
    onStatus: () => live.invalidate(),
    depth: () => size,
    isWatched: () => live.isWatched,
  });
  const watchedUsers = createWatchedUsers(users, () => live.invalidate());
  const live = createLive<ThreadSnapshot>({
    compute,
    notify: context.notify,
    logger: context.logger,
    onFirstSubscriber() {
      onUse();
      context.join(conversationId, true);
      loader.start();
    },
    onLastGone() {
      context.join(conversationId, false);
      // Out of the room nobody tells of every message.
      store.get(conversationId)?.timeline.detach();
      watchedUsers.follow(new Set());
    },
  });

  function compute(previous: ThreadSnapshot | undefined): ThreadSnapshot {
    const conversation = store.get(conversationId);
    const shown = conversation ? windowOf(conversation) : [];
    const senders = new Set([...typists(), ownId]);
    const list = conversation ? itemsOf(conversation, shown, senders) : [];
    if (end === null) list.push(...pendingItems(conversation, shown));
    const seenBy = conversation ? seenMarks(conversation, shown, senders) : [];
    items.turn();
    if (live.isWatched) watchedUsers.follow(senders);
    return reuse(previous, {
      conversationId,
      items: list,
      typing: typists().map(users.snapshot),
      seenBy,
      unread: conversation?.unread ?? 0,
      status: loader.status(),
      hasOlder: conversation !== undefined && hasOlder(conversation, shown[0]),
      hasNewer: end !== null,
    });
  }

  const typists = () => context.typists(conversationId);

  /** The messages of the window, oldest first. */
  function windowOf({ timeline }: Conversation): MessageFact[] {
    const shown: MessageFact[] = [];
    for (const message of timeline.backwards(end ?? undefined)) {
      shown.push(message);
      if (shown.length === size) break;
    }
    return shown.reverse();
  }

  function itemsOf(conversation: Conversation, shown: readonly MessageFact[], senders: Set<string>) {
    const list: (MessageItem | GapItem)[] = [];
    const echoes = echoesIn(conversation, shown);
    for (const [index, message] of shown.entries()) {
      const missing = index === 0 ? 0 : conversation.timeline.gapBefore(message);
      if (missing !== 0) list.push(gapItem(`gap:${message.messageId}`, missing));
      senders.add(message.senderId);
      const key =
        (message.senderId === ownId && message.clientId) ||
        echoes.get(message.messageId) ||
        message.messageId;
      const sender = users.snapshot(message.senderId);
      list.push(items.confirmed(message, key, sender, conversation.isSeen(message)));
    }
    const behind = end === null && loader.status() === 'ready' ? conversation.missingAtEnd : 0;
    if (behind > 0) list.push(gapItem(tailGap, behind));
    return list;
  }

  const echoesIn = ({ timeline }: Conversation, shown: readonly MessageFact[]) =>
    matchEchoes(shown, outbox.items(conversationId), ownId, (clientId) => timeline.hasClientId(clientId));

  function pendingItems(
    conversation: Conversation | undefined,
    shown: readonly MessageFact[],
  ): MessageItem[] {
    const echoed = new Set(conversation ? echoesIn(conversation, shown).values() : []);
    return outbox
      .items(conversationId)
      .filter(({ clientId }) => !conversation?.timeline.hasClientId(clientId) && !echoed.has(clientId))
      .map((item) => items.pending(item, users.snapshot(ownId)));
  }

  function seenMarks(
    conversation: Conversation,
    shown: readonly MessageFact[],
    senders: Set<string>,
  ): SeenBy[] {
    return [...conversation.othersMarks()].map(([userId]) => {
      senders.add(userId);
      const newest = shown.findLast((message) => conversation.covers(userId, message));
      const messageKey = newest ? (newest.senderId === ownId && newest.clientId) || newest.messageId : null;
      return Object.freeze({ user: users.snapshot(userId), messageKey });
    });
  }

  function hasOlder({ timeline }: Conversation, oldest: MessageFact | undefined): boolean {
    if (oldest === undefined) return false;
    return timeline.before(oldest) !== undefined || !timeline.reachesStart;
  }

  const oldestShown = () => {
    const conversation = store.get(conversationId);
    return conversation && windowOf(conversation)[0];
  };

  return {
    get isWatched() {
      return live.isWatched;
    },
    get isKept() {
      return live.isWatched || loader.isRestored;
    },
    get status() {
      return loader.status();
    },
    restore(status) {
      loader.restore(status);
      size = Math.max(pageSize, store.get(conversationId)?.timeline.size ?? 0);
      live.pin();
    },
    touch() {
      live.invalidate();
      loader.closeGaps();
    },
    repair: (signal) => loader.repair(signal),
    reload: (signal) => loader.reload(signal),
    forget() {
      end = null;
      size = pageSize;
      loader.forget();
      store.get(conversationId)?.forgetMessages();
      live.invalidate();
    },
    live: {
      getSnapshot: live.getSnapshot,
      getServerSnapshot: live.getServerSnapshot,
      subscribe: live.subscribe,
      async loadOlder() {
        const oldest = oldestShown();
        if (!oldest) return loader.loadLatest();
        const conversation = store.get(conversationId);
        const isKnown =
          conversation?.timeline.before(oldest) && conversation.timeline.gapBefore(oldest) === 0;
        if (!isKnown && !conversation?.timeline.reachesStart) await loader.loadBefore(oldest, pageSize);
        grow();
      },
      async loadNewer() {
        if (end === null) return;
        const timeline = store.get(conversationId)?.timeline;
        for (let steps = 0; end && steps < pageSize; steps += 1) end = timeline?.after(end) ?? null;
        live.invalidate();
      },
      async jumpTo(messageId) {
        const target = await loader.find(messageId);
        if (!target) {
          throw new HttpError('unable to jump to the message; the conversation has no such message', {
            status: 404,
          });
        }
        const timeline = store.get(conversationId)?.timeline;
        let newest: MessageFact | undefined = target;
        for (let steps = 0; newest && steps < pageSize / 2; steps += 1) newest = timeline?.after(newest);
        end = newest ?? null;
        size = pageSize;
        live.invalidate();
      },
      jumpToLatest() {
        end = null;
        size = pageSize;
        live.invalidate();
      },
      async fillGap(key) {
        if (key === tailGap) return loader.loadLatest();
        const newer = store.get(conversationId)?.timeline.get(key.slice('gap:'.length));
        if (newer) await loader.loadBefore(newer, pageSize);
      },
    },
  };

  /** One page more at the old end; at the limit the new end moves along. */
  function grow() {
    size += pageSize;
    const conversation = store.get(conversationId);
    if (size > maxWindow && conversation) {
      const shown = windowOf(conversation);
      size = maxWindow;
      end = shown[maxWindow - 1] ?? end;
    }
    live.invalidate();
  }
}

function gapItem(key: string, count: number | null): GapItem {
  return Object.freeze({ kind: 'gap', key, count });
}

/** The previous snapshot, or its lists, where nothing in them changed. */
function reuse(previous: ThreadSnapshot | undefined, next: ThreadSnapshot): ThreadSnapshot {
  if (!previous) return freeze(next);
  const merged: ThreadSnapshot = {
    ...next,
    items: sameList(previous.items, next.items) ? previous.items : next.items,
    typing: sameList(previous.typing, next.typing) ? previous.typing : next.typing,
    seenBy: sameSeen(previous.seenBy, next.seenBy) ? previous.seenBy : next.seenBy,
  };
  const names = Object.keys(merged) as (keyof ThreadSnapshot)[];
  return names.every((name) => merged[name] === previous[name]) ? previous : freeze(merged);
}

function freeze(snapshot: ThreadSnapshot): ThreadSnapshot {
  Object.freeze(snapshot.items);
  Object.freeze(snapshot.typing);
  Object.freeze(snapshot.seenBy);
  return Object.freeze(snapshot);
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function sameSeen(a: readonly SeenBy[], b: readonly SeenBy[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ user, messageKey }, index) => user === b[index]?.user && messageKey === b[index]?.messageKey)
  );
}
