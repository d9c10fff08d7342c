import type { ThreadSnapshot } from '../chat-models.ts';
import { HttpError, mayPass } from '../errors.ts';
import type { MessageFact } from '../facts.ts';
import type { MessagesInput, MessagesPage } from '../protocol/chat-preset.ts';
import type { Timeline } from '../store/timeline.ts';
import type { ChatContext } from './chat-context.ts';

const pageSize = 50;
/** More than this is shown as a gap instead of being loaded unasked. */
const maxFill = 200;
const maxPages = 20;
/** A reordered frame usually arrives by itself within this time, in milliseconds. */
const patienceMs = 150;
const retryMs = 3_000;

/** Reads one conversation's messages from the backend: one request at a time, nothing twice. */
export interface ThreadLoader {
  status(): ThreadSnapshot['status'];
  /** Whether what is shown was read elsewhere, and not again since. */
  readonly isRestored: boolean;
  /** Read elsewhere: shown as such, and read again when somebody looks. */
  restore(status: ThreadSnapshot['status']): void;
  /** Somebody looks: reads the newest page, or what is missing since. */
  start(): void;
  loadLatest(): Promise<void>;
  loadBefore(message: MessageFact, limit: number): Promise<void>;
  /** Loads older pages until the message is there. */
  find(messageId: string): Promise<MessageFact | undefined>;
  /** Loads what is missing in the window, soon. */
  closeGaps(): void;
  /** Reads what is missing. */
  repair(signal?: AbortSignal): Promise<void>;
  /** Reads the window again: what is in it may have changed unheard. */
  reload(signal?: AbortSignal): Promise<void>;
  /** What was read is no longer there. */
  forget(): void;
}

export interface ThreadLoaderEvents {
  onStatus(): void;
  /** How many of the newest messages are looked at for holes. */
  depth(): number;
  isWatched(): boolean;
}

export function createThreadLoader(
  context: ChatContext,
  conversationId: string,
  { onStatus, depth, isWatched }: ThreadLoaderEvents,
): ThreadLoader {
  const { http, preset, store, clock, logger } = context;
  let status: ThreadSnapshot['status'] = 'idle';
  let queue: Promise<unknown> = Promise.resolve();
  let isRestored = false;
  let isClosing = false;
  let cancelRetry = () => {};

  const conversation = () => store.get(conversationId);
  const isNumbered = () => (conversation()?.timeline.newest()?.seq ?? null) !== null;

  /** How many messages are held from the newest to this one. */
  function placeOf({ messageId }: MessageFact): number {
    let place = 0;
    for (const message of conversation()?.timeline.backwards() ?? []) {
      place += 1;
      if (message.messageId === messageId) break;
    }
    return place;
  }

  /** In the order they were asked: what an earlier one brought may make a later one needless. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = queue.then(run, run);
    queue = result.catch(() => {});
    return result;
  }

  async function fetchPage(
    input: Omit<MessagesInput, 'conversationId'>,
    signal?: AbortSignal,
    isHistory = true,
  ): Promise<MessagesPage> {
    const page = await http.call(preset.routes.messages, { conversationId, ...input }, { signal });
    context.apply(page.facts, isHistory ? 'history' : 'sync');
    return page;
  }

  function become(next: ThreadSnapshot['status']) {
    if (next === status) return;
    status = next;
    onStatus();
  }

  const loadLatest = (signal?: AbortSignal) =>
    inTurn(async () => {
      if (status !== 'ready') become('loading');
      try {
        await fetchPage({ page: 1, limit: pageSize }, signal);
        become('ready');
      } catch (error) {
        if (status !== 'ready')
          become(error instanceof HttpError && error.status === 404 ? 'missing' : 'failed');
        throw error;
      }
    });

  /** For repairs: a conversation that is not there is not a failure of the connection. */
  const loadOrMiss = (signal?: AbortSignal) =>
    loadLatest(signal).catch((error: unknown) => {
      if (mayPass(error) || signal?.aborted) throw error;
    });

  const loadBefore = (message: MessageFact, limit: number, signal?: AbortSignal, isHistory = true) =>
    inTurn(async () => {
      if (message.seq !== null)
        return void (await fetchPage({ beforeSeq: message.seq, limit }, signal, isHistory));
      await fetchPage(pageAround(placeOf(message), limit), signal);
    });

  /** Reads what follows a known message; without numbers pages back until they overlap with it. */
  async function catchUp(signal?: AbortSignal, newest = conversation()?.timeline.newest()): Promise<void> {
    if (!newest) return loadLatest(signal);
    const missing = conversation()?.missingAtEnd ?? 0;
    if (newest.seq !== null && missing <= maxFill) {
      return inTurn(async () => {
        for (let after: number | null = newest.seq; after !== null; ) {
          const page = await fetchPage({ afterSeq: after, limit: maxFill }, signal, false);
          const last: MessageFact | undefined = conversation()?.timeline.get(page.messageIds.at(-1) ?? '');
          after = page.hasMore ? (last?.seq ?? null) : null;
        }
      });
    }
    return inTurn(async () => {
      for (let page = 1; page <= (newest.seq === null ? maxPages : 1); page += 1) {
        const { messageIds, hasMore } = await fetchPage({ page, limit: pageSize }, signal, false);
        if (!hasMore || messageIds.includes(newest.messageId)) return;
      }
    });
  }

  /** What is newer than all that is held is news. */
  async function reloadWindow(signal?: AbortSignal): Promise<void> {
    const newest = conversation()?.timeline.newest()?.messageId ?? '';
    const pages = Math.ceil(Math.min(depth(), conversation()?.timeline.size ?? 0) / pageSize);
    let isHistory = newest === '';
    for (let page = 1; page <= Math.max(1, pages); page += 1) {
      const { messageIds, hasMore } = await fetchPage({ page, limit: pageSize }, signal, isHistory);
      if (!hasMore) return;
      isHistory ||= messageIds.includes(newest);
    }
  }

  /** The newest hole that is worth closing unasked, as what closes it. */
  function findHole(): ((signal?: AbortSignal) => Promise<void>) | undefined {
    const here = conversation();
    if (!here) return undefined;
    if (here.missingAtEnd > 0) return catchUp;
    return here.timeline.isWhole(depth()) ? undefined : findHoleIn(here.timeline);
  }

  function findHoleIn(timeline: Timeline) {
    let seen = 0;
    for (const message of timeline.backwards()) {
      const missing = timeline.gapBefore(message);
      if (missing === null) return (signal?: AbortSignal) => catchUp(signal, timeline.before(message));
      if (missing > 0 && missing <= maxFill)
        return (signal?: AbortSignal) => loadBefore(message, missing, signal, false);
      seen += 1;
      if (seen >= depth()) return undefined;
    }
    const oldest = timeline.oldest();
    const isShort = seen < pageSize && (oldest?.seq ?? 1) > 1;
    return oldest && isShort ? (signal?: AbortSignal) => loadBefore(oldest, pageSize, signal) : undefined;
  }

  async function close(signal?: AbortSignal): Promise<void> {
    for (let rounds = 0; rounds < maxPages; rounds += 1) {
      const closeHole = findHole();
      if (!closeHole) return;
      const before = conversation()?.timeline.size;
      await closeHole(signal);
      // The backend does not have more: looking again would not help.
      if (conversation()?.timeline.size === before) return;
    }
  }

  return {
    status: () => status,
    get isRestored() {
      return isRestored;
    },
    restore(restored) {
      status = restored;
      isRestored = true;
    },
    start() {
      if (status === 'loading') return;
      // Opened again: what came in meanwhile may not have been heard.
      const again = isRestored ? this.reload : this.repair;
      (status === 'ready' ? again() : loadLatest()).then(
        () => {
          isRestored = false;
        },
        (error: unknown) => {
          logger.debug('unable to open the conversation', error);
          cancelRetry();
          if (isWatched() && mayPass(error)) cancelRetry = clock.schedule(() => this.start(), retryMs);
        },
      );
    },
    loadLatest: () => loadLatest(),
    loadBefore: (message, limit) => loadBefore(message, limit),
    async find(messageId) {
      for (let pages = 0; pages < maxPages; pages += 1) {
        const found = conversation()?.timeline.get(messageId);
        const oldest = conversation()?.timeline.oldest();
        if (found || (oldest && conversation()?.timeline.reachesStart)) return found;
        await (oldest ? loadBefore(oldest, maxFill) : loadLatest());
      }
      return conversation()?.timeline.get(messageId);
    },
    closeGaps() {
      if (isClosing || status !== 'ready' || !isWatched() || !findHole()) return;
      isClosing = true;
      clock.schedule(() => {
        close()
          .catch((error: unknown) => {
            logger.debug('unable to close a gap', error);
            if (mayPass(error)) clock.schedule(() => this.closeGaps(), retryMs);
          })
          .finally(() => {
            isClosing = false;
          });
      }, patienceMs);
    },
    async repair(signal) {
      if (status === 'missing') return;
      if (status !== 'ready') return loadOrMiss(signal);
      if (!isNumbered()) await catchUp(signal);
      await close(signal);
    },
    forget: () => become('idle'),
    async reload(signal) {
      if (status !== 'ready') return loadOrMiss(signal);
      if (!isNumbered()) await catchUp(signal);
      else await inTurn(() => reloadWindow(signal));
      await close(signal);
    },
  };
}

/**
 * Without numbers two pages are known to be neighbours only when they overlap: the page that holds the last of the
 * newest `known` messages and the most that are older.
 */
function pageAround(known: number, limit: number): { readonly page: number; readonly limit: number } {
  let best = { page: 1, limit };
  let most = 0;
  for (let size = limit; known > 0 && size <= Math.min(2 * limit, maxFill); size += 1) {
    const page = Math.floor((known - 1) / size) + 1;
    const older = page * size - known;
    if (older <= most) continue;
    most = older;
    best = { page, limit: size };
  }
  return best;
}
