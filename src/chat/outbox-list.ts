import type { OutboxItem } from './outbox-item.ts';
import type { OutboxState } from './outbox-record.ts';

/** An item and what is known of it as long as this page lives. */
export interface Entry {
  state: OutboxState;
  readonly bytes: number;
  /** It may be sent even though it may have arrived: the backend did not have it, or the user wants it so. */
  isCleared: boolean;
  /** Tries that failed in a row, for the backoff. */
  failures: number;
  /** When its backoff ends, in milliseconds since 1970. */
  retryAt: number;
  /** Before this, looking for it on the backend tells nothing. */
  lookAt: number;
  /** Whether its first write is done. */
  isStored: boolean;
  /** Whether other pages can see it too: it is on the disk that they share. */
  isShared: boolean;
  /** Sent, discarded or confirmed: what still comes from a try is of no interest. */
  isGone: boolean;
}

/** Items by conversation, each in the order of `position`. */
export interface OutboxList {
  readonly size: number;
  readonly bytes: number;
  /** Of the files of all items. */
  readonly mediaBytes: number;
  entries(): Entry[];
  conversations(): string[];
  get(clientId: string): Entry | undefined;
  /** The first item of the conversation that is to be sent, of those that may be. */
  head(conversation: string, mayBe: (entry: Entry) => boolean): Entry | undefined;
  /** Frozen; the same array until something in it changes. */
  items(conversation: string): readonly OutboxItem[];
  insert(entry: Entry): void;
  replace(entry: Entry, state: OutboxState): void;
  remove(entry: Entry): void;
}

const none: readonly OutboxItem[] = Object.freeze([]);

export function createEntry(state: OutboxState, bytes: number): Entry {
  return {
    state,
    bytes,
    isCleared: false,
    failures: 0,
    retryAt: 0,
    lookAt: 0,
    isStored: false,
    isShared: false,
    isGone: false,
  };
}

export function createOutboxList(): OutboxList {
  const byId = new Map<string, Entry>();
  const byConversation = new Map<string, Entry[]>();
  const views = new Map<string, readonly OutboxItem[]>();
  let bytes = 0;

  function sort(entries: Entry[]) {
    entries.sort((a, b) => a.state.item.position - b.state.item.position);
  }

  return {
    get size() {
      return byId.size;
    },
    get bytes() {
      return bytes;
    },
    get mediaBytes() {
      return [...byId.values()].reduce((sum, { state }) => sum + (state.item.media?.size ?? 0), 0);
    },
    entries: () => [...byId.values()],
    conversations: () => [...byConversation.keys()],
    get: (clientId) => byId.get(clientId),
    head: (conversation, mayBe) =>
      byConversation.get(conversation)?.find((entry) => entry.state.item.state === 'queued' && mayBe(entry)),
    items(conversation) {
      const entries = byConversation.get(conversation);
      if (!entries) return none;
      const view = views.get(conversation) ?? Object.freeze(entries.map(({ state }) => state.item));
      views.set(conversation, view);
      return view;
    },
    insert(entry) {
      const { item } = entry.state;
      const conversation = item.conversationId;
      const entries = byConversation.get(conversation) ?? [];
      entries.push(entry);
      sort(entries);
      byConversation.set(conversation, entries);
      byId.set(item.clientId, entry);
      views.delete(conversation);
      bytes += entry.bytes;
    },
    replace(entry, state) {
      const hasMoved = entry.state.item.position !== state.item.position;
      const conversation = state.item.conversationId;
      entry.state = state;
      views.delete(conversation);
      if (hasMoved) sort(byConversation.get(conversation) ?? []);
    },
    remove(entry) {
      const { item } = entry.state;
      const conversation = item.conversationId;
      const rest = (byConversation.get(conversation) ?? []).filter((other) => other !== entry);
      if (rest.length > 0) byConversation.set(conversation, rest);
      else byConversation.delete(conversation);
      byId.delete(item.clientId);
      views.delete(conversation);
      bytes -= entry.bytes;
      entry.isGone = true;
    },
  };
}
