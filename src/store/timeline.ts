import type { MessageFact, PageFact } from '../facts.ts';
import { SortedList } from '../lib/sorted-list.ts';

/** Oldest first: by number where the backend numbers messages, else by its time and then by id. */
export function compareMessages(a: MessageFact, b: MessageFact): number {
  if (a.seq !== null && b.seq !== null) return a.seq - b.seq;
  return a.createdAt - b.createdAt || (a.messageId < b.messageId ? -1 : a.messageId > b.messageId ? 1 : 0);
}

/** What a message fact did to a timeline. */
export type TimelineChange = 'added' | 'changed' | 'none';

/**
 * The confirmed messages of one conversation, in order, each once. Holes are known, never stitched over: by the numbers
 * where there are any, else by which messages were told to be neighbours.
 */
export class Timeline {
  readonly #ownId: string | undefined;
  readonly #messages = new SortedList<MessageFact>(compareMessages);
  readonly #byId = new Map<string, MessageFact>();
  readonly #clientIds = new Set<string>();
  /** Without numbers: messages whose predecessor is not known to be their neighbour. */
  readonly #loose = new Set<string>();
  /** Without numbers: messages that come with a page, so that what lies before them is not known. */
  readonly #expected = new Set<string>();
  /** Without numbers: whether a message that comes in live follows the newest one without a hole. */
  #attached = false;
  #reachesStart = false;
  /** From this number on nothing is missing; found downwards, as far as somebody asked. */
  #wholeFrom = Number.POSITIVE_INFINITY;

  /** Only this user's client ids are kept; without it everybody's. */
  constructor(ownId?: string) {
    this.#ownId = ownId;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(messageId: string): MessageFact | undefined {
    return this.#byId.get(messageId);
  }

  /** Whether an own message with this client id is confirmed. */
  hasClientId(clientId: string): boolean {
    return this.#clientIds.has(clientId);
  }

  oldest(): MessageFact | undefined {
    return this.#messages.first();
  }

  newest(): MessageFact | undefined {
    return this.#messages.last();
  }

  /** From the newest, or from a message that is held, to the oldest. */
  backwards(from?: MessageFact): IterableIterator<MessageFact> {
    return from ? this.#messages.backwardsFrom(from) : this.#messages.backwards();
  }

  [Symbol.iterator](): IterableIterator<MessageFact> {
    return this.#messages[Symbol.iterator]();
  }

  /** Whether the oldest known message is the first of the conversation. */
  get reachesStart(): boolean {
    const seq = this.oldest()?.seq ?? null;
    return seq === null ? this.#reachesStart : seq === 1;
  }

  /** How many messages are missing right before this one: 0, a number, or `null` for "some, perhaps". */
  gapBefore(message: MessageFact): number | null {
    const { seq } = message;
    if (seq === null ? !this.#loose.has(message.messageId) : seq > this.#wholeFrom) return 0;
    const previous = this.#messages.before(message);
    if (!previous) return 0;
    if (seq === null || previous.seq === null) return this.#loose.has(message.messageId) ? null : 0;
    const missing = seq - previous.seq - 1;
    if (missing === 0 && seq === this.#wholeFrom) this.#wholeFrom = previous.seq;
    return missing;
  }

  /** Whether nothing is missing among the newest `depth` messages, as far as `gapBefore` was asked for them before. */
  isWhole(depth: number): boolean {
    const seq = this.newest()?.seq ?? null;
    return seq !== null && seq - this.#wholeFrom >= depth;
  }

  /** The next older message held. */
  before(message: MessageFact): MessageFact | undefined {
    return this.#messages.before(message);
  }

  /** The next newer message held. */
  after(message: MessageFact): MessageFact | undefined {
    return this.#messages.after(message);
  }

  /** What is held, as statements that make the same timeline again. */
  facts(conversationId: string): (MessageFact | PageFact)[] {
    const pages: string[][] = [];
    for (const { messageId, seq } of this.#messages) {
      // Numbers tell by themselves what is missing.
      if (seq !== null) continue;
      if (pages.length === 0 || this.#loose.has(messageId)) pages.push([]);
      pages.at(-1)?.push(messageId);
    }
    return [
      ...this.#messages,
      ...pages.map((messageIds, index) => ({
        kind: 'page' as const,
        conversationId,
        messageIds,
        hasOlder: index === 0 && this.#reachesStart ? false : null,
        isLatest: false,
      })),
    ];
  }

  merge(fact: MessageFact): TimelineChange {
    const held = this.#byId.get(fact.messageId);
    if (held) return this.#join(held, fact);
    this.#byId.set(fact.messageId, fact);
    this.#noteClientId(fact);
    const newest = this.newest();
    if (fact.seq === null) {
      this.#loosen(fact, newest);
    } else if (fact.seq > (newest?.seq ?? -1) + 1) this.#wholeFrom = fact.seq;
    this.#messages.add(fact);
    return 'added';
  }

  /** A page is about to be merged, its messages first. */
  expectPage({ messageIds }: PageFact): void {
    for (const messageId of messageIds) if (!this.#byId.has(messageId)) this.#expected.add(messageId);
  }

  /** The messages of a page are neighbours of each other. Tells whether that closes or opens a hole, or finds an end. */
  mergePage({ messageIds, hasOlder, isLatest }: PageFact): boolean {
    const before = { loose: this.#loose.size, reachesStart: this.reachesStart };
    // A backend may order messages of one moment otherwise than we do.
    const page = messageIds.flatMap((messageId) => this.#byId.get(messageId) ?? []).sort(compareMessages);
    const [first] = page;
    for (const [index, message] of page.entries()) {
      if (index > 0 && this.#messages.before(message) === page[index - 1])
        this.#loose.delete(message.messageId);
    }
    this.#expected.clear();
    if (hasOlder === false && this.oldest() === first) this.#reachesStart = true;
    if (isLatest) this.#attached = this.newest() === page.at(-1);
    return before.loose !== this.#loose.size || before.reachesStart !== this.reachesStart;
  }

  /** The connection was lost: what comes in live from now on may not follow what is here. */
  detach(): void {
    this.#attached = false;
  }

  /** Forgets all but the newest `keep` messages. */
  trim(keep: number): void {
    while (this.#messages.length > keep) {
      const oldest = this.#messages.first();
      if (!oldest) break;
      this.#messages.remove(oldest);
      this.#byId.delete(oldest.messageId);
      this.#loose.delete(oldest.messageId);
      if (oldest.clientId !== null) this.#clientIds.delete(oldest.clientId);
      this.#reachesStart = false;
    }
    this.#wholeFrom = this.newest()?.seq ?? Number.POSITIVE_INFINITY;
  }

  #noteClientId({ clientId, senderId }: MessageFact) {
    if (clientId !== null && senderId === (this.#ownId ?? senderId)) this.#clientIds.add(clientId);
  }

  #loosen(fact: MessageFact, newest: MessageFact | undefined) {
    const isNewest = !newest || compareMessages(newest, fact) < 0;
    if (newest && !(isNewest && this.#attached && !this.#expected.has(fact.messageId)))
      this.#loose.add(fact.messageId);
    const next = this.#messages.after(fact);
    if (next) this.#loose.add(next.messageId);
  }

  #join(held: MessageFact, fact: MessageFact): TimelineChange {
    const isDeleted = held.isDeleted || fact.isDeleted;
    const isSeen = held.isSeen || fact.isSeen;
    const clientId = held.clientId ?? fact.clientId;
    if (isDeleted === held.isDeleted && isSeen === held.isSeen && clientId === held.clientId) return 'none';
    const joined: MessageFact = {
      ...held,
      isDeleted,
      isSeen,
      clientId,
      text: isDeleted ? '' : held.text,
      mediaUrl: isDeleted ? null : held.mediaUrl,
    };
    this.#byId.set(held.messageId, joined);
    this.#noteClientId(joined);
    this.#messages.replace(held, joined);
    return 'changed';
  }
}
