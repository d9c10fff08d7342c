import type { ChatFact, MessageFact, ReadFact } from '../facts.ts';
import { SortedList } from '../lib/sorted-list.ts';
import { Conversation } from './conversation.ts';

/** What a batch of facts did. */
export interface ChatChanges {
  /** Conversations of which anything that is shown changed. */
  readonly touched: ReadonlySet<string>;
  /** Messages seen for the first time, in the order they came. */
  readonly added: readonly MessageFact[];
  /** Marks that rose. */
  readonly reads: readonly ReadFact[];
  /** Conversations that a fact names but of which no row is known. */
  readonly unknown: ReadonlySet<string>;
}

/** Shared: a new set costs more than taking in a message twice. */
const none: ReadonlySet<string> = new Set();

/** All conversations of one user. Merging is a join, as far as the backend numbers its messages. */
export class Conversations {
  readonly #ownId: string;
  readonly #byId = new Map<string, Conversation>();
  /** Latest activity first. */
  readonly #byActivity = new SortedList<Conversation>(
    (a, b) => b.activityAt - a.activityAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  /** Conversations whose row the backend has told. */
  readonly #listed = new Set<string>();
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
    return this.#listed.has(conversationId);
  }

  /** Listed conversations, latest activity first. */
  *byActivity(): Generator<Conversation> {
    for (const conversation of this.#byActivity) if (this.#listed.has(conversation.id)) yield conversation;
  }

  merge(facts: readonly ChatFact[]): ChatChanges {
    let touched: Set<string> | undefined;
    const added: MessageFact[] = [];
    const reads: ReadFact[] = [];
    let unknown: Set<string> | undefined;
    for (const fact of facts) {
      if (fact.kind === 'page') this.#open(fact.conversationId).timeline.expectPage(fact);
    }
    for (const fact of facts) {
      const conversation = this.#open(fact.conversationId);
      const { unread: before, missingAtEnd: missing } = conversation;
      const changed = this.#mergeOne(conversation, fact, added, reads);
      this.#totalUnread += conversation.unread - before;
      if (changed || conversation.unread !== before || conversation.missingAtEnd !== missing) {
        touched = (touched ?? new Set()).add(conversation.id);
      }
      if (!this.#listed.has(conversation.id)) unknown = (unknown ?? new Set()).add(conversation.id);
    }
    return { touched: touched ?? none, added, reads, unknown: unknown ?? none };
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

  #mergeOne(conversation: Conversation, fact: ChatFact, added: MessageFact[], reads: ReadFact[]): boolean {
    switch (fact.kind) {
      case 'message': {
        const change = conversation.mergeMessage(fact);
        if (change === 'added') added.push(fact);
        if (change === 'none') return false;
        const { messageId, seq, senderId, text, type, createdAt } = fact;
        this.#activity(conversation, createdAt, { messageId, seq, senderId, text, type });
        return true;
      }
      case 'page':
        return conversation.timeline.mergePage(fact);
      case 'conversation': {
        // Only a row tells who is in it; an event's fields alone do not make a list item.
        const isNew = fact.otherUserId !== undefined && !this.#listed.has(conversation.id);
        if (isNew) this.#listed.add(conversation.id);
        return conversation.mergeFields(fact) || isNew;
      }
      case 'activity':
        return this.#activity(conversation, fact.at, fact.preview);
      case 'read': {
        const rose = conversation.mergeRead(fact);
        if (rose) reads.push(fact);
        return rose;
      }
      case 'unread':
        conversation.mergeUnread(fact);
        return false;
    }
  }

  #activity(
    conversation: Conversation,
    at: number,
    preview: Parameters<Conversation['mergeActivity']>[1],
  ): boolean {
    const isFirst = this.#byActivity.first() === conversation;
    if (isFirst || at <= conversation.activityAt) return conversation.mergeActivity(at, preview);
    this.#byActivity.remove(conversation);
    const changed = conversation.mergeActivity(at, preview);
    this.#byActivity.add(conversation);
    return changed;
  }

  #open(conversationId: string): Conversation {
    let conversation = this.#byId.get(conversationId);
    if (!conversation) {
      conversation = new Conversation(conversationId, this.#ownId);
      this.#byId.set(conversationId, conversation);
      this.#byActivity.add(conversation);
    }
    return conversation;
  }
}
