import type { ChatFact, MessageFact, ReadFact } from '../facts.ts';
import { SortedList } from '../lib/sorted-list.ts';
import { Conversation, type Preview } from './conversation.ts';
import type { TimelineChange } from './timeline.ts';

/** What a batch of facts did. A list may name one conversation several times. */
export interface ChatChanges {
  /** Conversations of which anything that is shown changed. */
  readonly touched: readonly string[];
  /** Messages seen for the first time, in the order they came. */
  readonly added: readonly MessageFact[];
  /** Marks that rose. */
  readonly reads: readonly ReadFact[];
  /** Conversations that a fact names but of which no row is known. */
  readonly unknown: readonly string[];
}

/** Shared: most batches leave most lists empty. */
const none: readonly never[] = [];

/** All conversations of one user. Merging is a join, as far as the backend numbers its messages. */
export class Conversations {
  readonly #ownId: string;
  readonly #byId = new Map<string, Conversation>();
  /** Latest activity first, but for those that moved. */
  readonly #byPlace = new SortedList<Conversation>(
    (a, b) => b.place - a.place || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  /** Put in their place once per look, not once per message. */
  readonly #moved = new Set<Conversation>();
  #totalUnread = 0;

  constructor(ownId: string) {
    this.#ownId = ownId;
  }

  get totalUnread(): number {
    return this.#totalUnread;
  }

  get(conversationId: string): Conversation | undefined {
    return this.#byId.get(conversationId);
  }

  isListed(conversationId: string): boolean {
    return this.#byId.get(conversationId)?.isListed === true;
  }

  /** Listed conversations, latest activity first. */
  *byActivity(): Generator<Conversation> {
    for (const conversation of this.#moved) {
      this.#byPlace.remove(conversation);
      conversation.place = conversation.activityAt;
      this.#byPlace.add(conversation);
    }
    this.#moved.clear();
    for (const conversation of this.#byPlace) if (conversation.isListed) yield conversation;
  }

  merge(facts: readonly ChatFact[]): ChatChanges {
    let touched: string[] | undefined;
    let added: MessageFact[] | undefined;
    let reads: ReadFact[] | undefined;
    let unknown: string[] | undefined;
    // By index: the iterator of a list of two costs as much as what is done with one of them.
    for (let at = 0; at < facts.length; at += 1) {
      const fact = facts[at];
      if (fact?.kind === 'page') this.#open(fact.conversationId).timeline.expectPage(fact);
    }
    for (let at = 0; at < facts.length; at += 1) {
      const fact = facts[at];
      if (!fact) continue;
      const conversation = this.#open(fact.conversationId);
      const { id, unread, lastSeq } = conversation;
      const change = this.#mergeOne(conversation, fact);
      this.#totalUnread += conversation.unread - unread;
      if (change === 'added' && fact.kind === 'message') added = append(added, fact);
      if (change !== 'none' && fact.kind === 'read') reads = append(reads, fact);
      if (change !== 'none' || conversation.unread !== unread || conversation.lastSeq !== lastSeq)
        touched = append(touched, id);
      if (!conversation.isListed) unknown = append(unknown, id);
    }
    return { touched: touched ?? none, added: added ?? none, reads: reads ?? none, unknown: unknown ?? none };
  }

  /** What is held, as statements that make the same conversations again. */
  facts(): ChatFact[] {
    return [...this.#byId.values()].flatMap((conversation) => conversation.facts());
  }

  /** After the connection was lost: what comes in live may leave holes. */
  detach(): void {
    for (const { timeline } of this.#byId.values()) timeline.detach();
  }

  /** Forgets what was read of conversations that are not open: it can no longer be trusted, or takes too much room. */
  forgetMessages(isOpen: (conversationId: string) => boolean): void {
    for (const conversation of this.#byId.values())
      if (!isOpen(conversation.id)) conversation.forgetMessages();
  }

  #mergeOne(conversation: Conversation, fact: ChatFact): TimelineChange {
    switch (fact.kind) {
      case 'message': {
        const change = conversation.mergeMessage(fact);
        if (change !== 'none') this.#activity(conversation, fact.createdAt, fact);
        return change;
      }
      case 'page':
        return changedIf(conversation.timeline.mergePage(fact));
      case 'conversation': {
        // Only a row tells who is in it; an event's fields alone do not make a list item.
        const isNew = fact.otherUserId !== undefined && !conversation.isListed;
        if (isNew) conversation.isListed = true;
        return changedIf(conversation.mergeFields(fact) || isNew);
      }
      case 'activity':
        return changedIf(
          this.#activity(conversation, fact.at, fact.preview && { ...fact.preview, createdAt: fact.at }),
        );
      case 'read':
        return changedIf(conversation.mergeRead(fact));
      case 'unread':
        conversation.mergeUnread(fact);
        return 'none';
    }
  }

  #activity(conversation: Conversation, at: number, preview: Preview | null): boolean {
    const changed = conversation.mergeActivity(at, preview);
    if (conversation.activityAt !== conversation.place) this.#moved.add(conversation);
    return changed;
  }

  #open(conversationId: string): Conversation {
    let conversation = this.#byId.get(conversationId);
    if (!conversation) {
      conversation = new Conversation(conversationId, this.#ownId);
      this.#byId.set(conversationId, conversation);
      this.#byPlace.add(conversation);
    }
    return conversation;
  }
}

const changedIf = (changed: boolean): TimelineChange => (changed ? 'changed' : 'none');

/** A list is made for its first item, without room to spare: most batches put in one or none. */
function append<T>(list: T[] | undefined, item: T): T[] {
  if (!list) return [item];
  if (list.at(-1) !== item) list.push(item);
  return list;
}
