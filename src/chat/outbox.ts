import { VisavisError } from '../errors.ts';
import { guard } from '../lib/emitter.ts';
import type { Logger } from '../lib/logger.ts';
import type { Durability, OutboxStorage } from '../storage/storage.ts';
import type { Draft, OutboxItem } from './outbox-item.ts';
import { bytesOf, defaultLimits, draftBytes, type OutboxLimits } from './outbox-limits.ts';
import { createEntry, createOutboxList, type Entry } from './outbox-list.ts';
import { loadOutbox, wipeOutbox } from './outbox-load.ts';
import { type OutboxState, toRecord } from './outbox-record.ts';
import { createSender, type SenderSettings, type SendScope } from './outbox-sender.ts';

export interface OutboxSettings extends Omit<SenderSettings, 'list' | 'change' | 'showProgress' | 'leave'> {
  /** Whose messages these are; another's stay stored, unseen. */
  readonly ownerId: string;
  readonly storage: OutboxStorage;
  readonly logger: Logger;
  readonly limits?: Partial<OutboxLimits>;
  newId(): string;
  /** Something in a conversation's items changed. */
  onChange(conversation: string): void;
  onDurability(durability: Durability): void;
  /** What other pages see changed, or the user wants it sent now: those pages may load. */
  onStored(): void;
}

/** Messages that the backend does not have yet: stored, in order, each sent until it is there or refused. */
export interface Outbox {
  /** Reads what is stored, also again: another page may have added, sent or discarded. */
  load(): Promise<void>;
  /** Shows the message at once; `stored` resolves when it survives a crash. Throws `TOO_LARGE`, and then keeps nothing. */
  add(draft: Draft): { readonly item: OutboxItem; readonly stored: Promise<void> };
  /** In the order of sending. Frozen; the same array until something in it changes. */
  items(conversation: string): readonly OutboxItem[];
  /** Conversations that have items. */
  conversations(): readonly string[];
  /** Sends a failed or uncertain message again, a waiting one now; `false` when there is no such item. */
  retry(clientId: string): boolean;
  discard(clientId: string): boolean;
  /** The message was seen on the backend: it leaves, whatever its try still says. */
  confirm(clientId: string): void;
  /** Begins to send, after what is stored was read. Only one page of a browser may send all. */
  start(scope?: SendScope): Promise<void>;
  /** Ends every try; resolves when another page may start. Keeps everything. */
  stop(): Promise<void>;
  /** Signed out: begins no new try. Keeps everything. */
  pause(): void;
  resume(): void;
  /** The connection is back: ends every backoff, but no wait the backend asked for. */
  nudge(): void;
  /** Ends every try and keeps nothing, in memory or stored. */
  clear(): Promise<void>;
  dispose(): void;
}

export function createOutbox(settings: OutboxSettings): Outbox {
  const { ownerId, storage, clock, logger, newId } = settings;
  const limits = { ...defaultLimits, ...settings.limits };
  const list = createOutboxList();
  /** The latest that left: a storage that is behind must not bring them back. */
  const gone = new Set<string>();
  let lastPosition = 0;
  let loads = 0;
  let loading = Promise.resolve();
  let isLoadDue = false;
  /** Counts starts and stops, so that a start knows whether it was overtaken. */
  let turn = 0;
  let disposed = false;

  const sender = createSender({ ...settings, list, change, showProgress, leave });
  const unwatch = storage.watch((durability) => {
    settings.onDurability(durability);
    if (durability === 'persistent' && loads > 0) void load().then(settings.onStored);
  });

  function changed(conversation: string) {
    if (!disposed) guard(() => settings.onChange(conversation), logger);
  }

  /** An injected storage may break its promise never to reject; an item must not hang on that. */
  function settled(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) => logger.error('the storage failed', error));
  }

  async function save(entry: Entry) {
    await settled(storage.put(toRecord(entry.state)));
    entry.isStored = true;
    entry.isShared = storage.durability === 'persistent';
    if (entry.isShared) settings.onStored();
    else sender.wake(entry.state.item.conversationId);
  }

  function change(entry: Entry, item: Partial<OutboxItem>, rest: Partial<OutboxState> = {}) {
    show(entry, { ...entry.state, ...rest, item: Object.freeze({ ...entry.state.item, ...item }) });
    return save(entry);
  }

  function show(entry: Entry, state: OutboxState) {
    list.replace(entry, state);
    changed(state.item.conversationId);
  }

  function showProgress(entry: Entry, progress: number) {
    if (!entry.isGone)
      show(entry, { ...entry.state, item: Object.freeze({ ...entry.state.item, progress }) });
  }

  /** Takes over what another page stored. */
  function adopt(entry: Entry, state: OutboxState) {
    entry.lookAt = clock.now() + settings.backoff.baseMs;
    show(entry, state);
  }

  function insert(state: OutboxState, bytes = bytesOf(state.item)) {
    const entry = createEntry(state, bytes);
    entry.lookAt = clock.now() + settings.backoff.baseMs;
    lastPosition = Math.max(lastPosition, state.item.position);
    list.insert(entry);
    changed(state.item.conversationId);
    return entry;
  }

  function forget(entry: Entry) {
    list.remove(entry);
    changed(entry.state.item.conversationId);
    sender.drop(entry);
  }

  function leave(entry: Entry) {
    const { clientId } = entry.state.item;
    void settled(storage.remove(clientId)).then(settings.onStored);
    remember(clientId);
    forget(entry);
  }

  function remember(clientId: string) {
    gone.add(clientId);
    const [oldest] = gone;
    if (gone.size > limits.maxItems && oldest !== undefined) gone.delete(oldest);
  }

  function nextPosition() {
    lastPosition = Math.max(clock.now(), lastPosition + 1 / 1024);
    return lastPosition;
  }

  /** What was added before the stored items were known comes after them, whatever the clock says. */
  function moveBehind(stored: ReadonlySet<Entry>) {
    const last = Math.max(...[...stored].map(({ state }) => state.item.position));
    for (const entry of list.entries()) {
      const isEarly = !stored.has(entry) && entry.state.item.position <= last;
      if (isEarly) void change(entry, { position: nextPosition() });
    }
  }

  async function loadOnce() {
    const stored = new Set<Entry>();
    await loadOutbox({
      ownerId,
      storage,
      logger,
      list,
      gone,
      insert(state) {
        const entry = insert(state);
        stored.add(entry);
        return entry;
      },
      adopt,
      forget,
      isTrying: sender.isTrying,
    });
    if (loads === 0) moveBehind(stored);
    loads += 1;
    for (const conversation of list.conversations()) sender.wake(conversation);
  }

  function load() {
    if (disposed || isLoadDue) return loading;
    isLoadDue = true;
    loading = loading.then(() => {
      isLoadDue = false;
      return loadOnce();
    });
    return loading;
  }

  return {
    load,
    add(draft) {
      if (disposed) throw new VisavisError('DISPOSED', 'unable to send the message; the client is disposed');
      const bytes = draftBytes(draft, list, limits);
      const { conversationId, receiverId, text, mediaUrl, media } = draft;
      const item: OutboxItem = Object.freeze({
        conversationId,
        receiverId,
        text,
        mediaUrl,
        media,
        clientId: newId(),
        ownerId,
        createdAt: clock.now(),
        position: nextPosition(),
        state: 'queued',
        tries: 0,
        mayHaveArrived: false,
        progress: null,
        error: null,
      });
      const entry = insert({ item, closes: 0, wasResent: false, twins: [] }, bytes);
      const stored = save(entry);
      sender.wake(item.conversationId);
      return { item: entry.state.item, stored };
    },
    items: list.items,
    conversations: list.conversations,
    retry(clientId) {
      const entry = list.get(clientId);
      if (!entry) return false;
      const { state } = entry.state.item;
      entry.retryAt = 0;
      if (state === 'failed' || state === 'uncertain') {
        entry.failures = 0;
        entry.isCleared = state === 'uncertain';
        void change(entry, { state: 'queued', error: null }, { closes: 0, wasResent: false });
      } else settings.onStored();
      sender.wake(entry.state.item.conversationId);
      return true;
    },
    discard(clientId) {
      const entry = list.get(clientId);
      if (entry) leave(entry);
      return entry !== undefined;
    },
    confirm(clientId) {
      const entry = list.get(clientId);
      if (entry) leave(entry);
      else remember(clientId);
    },
    async start(scope = 'all') {
      turn += 1;
      const own = turn;
      await load();
      if (own === turn) sender.start(scope);
    },
    stop() {
      turn += 1;
      return sender.stop();
    },
    pause: sender.pause,
    resume: sender.resume,
    nudge() {
      void storage.flush();
      sender.nudge();
    },
    async clear() {
      turn += 1;
      await sender.stop();
      for (const entry of list.entries()) forget(entry);
      await settled(wipeOutbox(ownerId, storage));
    },
    dispose() {
      disposed = true;
      turn += 1;
      unwatch();
      void sender.stop();
    },
  };
}
