import type { ConversationItem, InboxSnapshot, LiveInbox, MessagePreview } from '../chat-models.ts';
import { mayPass } from '../errors.ts';
import { createLive } from '../lib/live.ts';
import { raceAbort } from '../lib/wait.ts';
import type { ChatProgress } from '../protocol/dehydrated.ts';
import type { Conversation, Preview } from '../store/conversation.ts';
import type { ChatContext } from './chat-context.ts';
import { createWatchedUsers } from './watched-users.ts';

const pageSize = 50;
const retryMs = 3_000;

/** The live list of conversations, latest activity first. */
export interface Inbox {
  readonly live: LiveInbox;
  readonly isWatched: boolean;
  readonly isReady: boolean;
  touch(conversationId: string): void;
  /** What was read may be out of date: read again when somebody looks. */
  expire(): void;
  /** One conversation as the list shows it. */
  item(conversation: Conversation): ConversationItem;
  /** Reads the head of the list. Rejects with what made it fail. */
  repair(signal?: AbortSignal): Promise<void>;
  /** What is being read was asked for before the connection was there: who asks from now on needs a later answer. */
  renew(): void;
  /** How far the reading of the list is, for {@link Inbox.restore} elsewhere. */
  progress(): ChatProgress['inbox'];
  restore(progress: ChatProgress['inbox']): void;
}

export function createInbox(context: ChatContext, onUse: () => void): Inbox {
  const { store, users, http, preset, userId: ownId, clock, logger } = context;
  const items = new Map<string, ConversationItem>();
  /** Conversations whose item may be out of date. */
  const stale = new Set<string>();
  let status: InboxSnapshot['status'] = 'idle';
  let pages = 0;
  let hasMore = false;
  /** Read elsewhere: shown as such, and read again when somebody looks. */
  let isRestored = false;
  let heading: Promise<void> | undefined;
  let cancelRetry = () => {};

  const watchedUsers = createWatchedUsers(users, () => {
    // Whose picture or name changed is found again by comparing the joined snapshots.
    live.invalidate();
  });
  const live = createLive<InboxSnapshot>({
    compute,
    notify: context.notify,
    logger,
    onFirstSubscriber() {
      onUse();
      start();
    },
    onLastGone: () => watchedUsers.follow(new Set()),
  });

  function compute(previous: InboxSnapshot | undefined): InboxSnapshot {
    const list: ConversationItem[] = [];
    const shown = new Set<string>();
    for (const conversation of store.byActivity()) {
      list.push(item(conversation));
      if (conversation.fields.otherUserId !== null) shown.add(conversation.fields.otherUserId);
    }
    if (live.isWatched) watchedUsers.follow(shown);
    const isSame =
      previous?.items.length === list.length && list.every((row, i) => row === previous.items[i]);
    const rows = isSame ? previous.items : Object.freeze(list);
    const { totalUnread } = store;
    if (
      previous &&
      isSame &&
      previous.totalUnread === totalUnread &&
      previous.status === status &&
      previous.hasMore === hasMore
    ) {
      return previous;
    }
    return Object.freeze({ items: rows, totalUnread, status, hasMore });
  }

  function item(conversation: Conversation): ConversationItem {
    const held = items.get(conversation.id);
    const { fields, preview } = conversation;
    const otherUser = fields.otherUserId === null ? null : users.snapshot(fields.otherUserId);
    if (held && held.otherUser === otherUser && !stale.has(conversation.id)) return held;
    const made: ConversationItem = Object.freeze({
      id: conversation.id,
      otherUser,
      type: fields.type,
      flowState: fields.flowState,
      awaitingRole: fields.awaitingRole,
      chatStatus: fields.chatStatus,
      lastMessage: preview && previewOf(preview, held?.lastMessage ?? null),
      unread: conversation.unread,
      typing: Object.freeze(context.typists(conversation.id).map(users.snapshot)),
      activityAt: conversation.activityAt,
    });
    const same = held && held.otherUser === otherUser && isSameItem(held, made) ? held : made;
    items.set(conversation.id, same);
    stale.delete(conversation.id);
    return same;
  }

  function previewOf(preview: Preview, held: MessagePreview | null): MessagePreview {
    const { messageId, senderId, text, type, createdAt } = preview;
    const made = Object.freeze({ messageId, senderId, isOwn: senderId === ownId, text, type, createdAt });
    return held && isSame(held, made) ? held : made;
  }

  function become(next: InboxSnapshot['status']) {
    if (status === next) return;
    status = next;
    live.invalidate();
  }

  async function load(page: number): Promise<void> {
    const answer = await http.call(preset.routes.conversations, { userId: ownId, page, limit: pageSize });
    context.apply(answer.facts, 'sync');
    if (page >= pages) {
      pages = page;
      hasMore = answer.hasMore;
    }
    live.invalidate();
  }

  /** One request for many who ask meanwhile; who leaves ends it for nobody else. */
  function loadHead(signal?: AbortSignal): Promise<void> {
    heading ??= beginHead();
    return raceAbort(heading, signal);
  }

  function beginHead(): Promise<void> {
    if (status !== 'ready') become('loading');
    const begun: Promise<void> = load(1)
      .then(
        () => {
          isRestored = false;
          become('ready');
        },
        (error: unknown) => {
          if (heading === begun && status !== 'ready') become('failed');
          throw error;
        },
      )
      .finally(() => {
        if (heading === begun) heading = undefined;
      });
    return begun;
  }

  function start() {
    if (status === 'ready' && !isRestored) return;
    loadHead().catch((error: unknown) => {
      logger.debug('unable to open the inbox', error);
      cancelRetry();
      if (live.isWatched && mayPass(error)) cancelRetry = clock.schedule(start, retryMs);
    });
  }

  return {
    get isWatched() {
      return live.isWatched;
    },
    get isReady() {
      return status === 'ready';
    },
    touch(conversationId) {
      stale.add(conversationId);
      live.invalidate();
    },
    expire() {
      if (status === 'ready' && !isRestored) become('idle');
    },
    item,
    repair: loadHead,
    renew() {
      heading = undefined;
    },
    progress: () => ({ status, pages, hasMore }),
    restore(progress) {
      ({ status, pages, hasMore } = progress);
      isRestored = true;
      live.pin();
    },
    live: {
      getSnapshot: live.getSnapshot,
      getServerSnapshot: live.getServerSnapshot,
      subscribe: live.subscribe,
      async loadMore() {
        if (pages === 0) return loadHead();
        if (hasMore) await load(pages + 1);
      },
    },
  };
}

function isSameItem(a: ConversationItem, b: ConversationItem): boolean {
  const isSameTyping =
    a.typing.length === b.typing.length && a.typing.every((user, i) => user === b.typing[i]);
  return isSameTyping && isSame({ ...a, typing: null }, { ...b, typing: null });
}

/** Whether two flat objects have the same values. */
function isSame<T extends object>(a: T, b: T): boolean {
  return Object.entries(a).every(([name, value]) => value === Reflect.get(b, name));
}
