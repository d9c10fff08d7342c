import {
  type ChatFact,
  type ConversationFact,
  compareStamps,
  type MessageFact,
  type ReadFact,
  type Stamp,
  StampRank,
  type UnreadFact,
} from '../facts.ts';
import { Timeline } from './timeline.ts';

export interface ConversationFields {
  readonly otherUserId: string | null;
  readonly type: string;
  readonly flowState: string | null;
  readonly awaitingRole: string | null;
  readonly chatStatus: string | null;
}

/** How far a member has seen: by number, or by backend time where messages are not numbered. */
export interface Mark {
  readonly seq: number;
  readonly at: number;
}

export interface Preview {
  readonly messageId: string | null;
  readonly seq: number | null;
  readonly senderId: string;
  readonly text: string;
  readonly type: string;
  readonly createdAt: number;
}

/** Anything else said of the same is newer. */
const weakest: Stamp = { rank: StampRank.arrival, value: 0 };
const noMark: Mark = { seq: 0, at: Number.NEGATIVE_INFINITY };

/** One conversation: its row, its messages, who has seen how much of it, and what is unread. */
export class Conversation {
  readonly id: string;
  readonly timeline: Timeline;
  /** Milliseconds since 1970 of the latest activity; the inbox is sorted by it. */
  activityAt = Number.NEGATIVE_INFINITY;
  /** Where it stands in the order of the list: its activity as of the last look. */
  place = Number.NEGATIVE_INFINITY;
  /** Whether the backend has told its row. */
  isListed = false;
  preview: Preview | null = null;
  /** The highest number anybody told of. */
  lastSeq = 0;
  fields: ConversationFields = {
    otherUserId: null,
    type: 'direct',
    flowState: null,
    awaitingRole: null,
    chatStatus: null,
  };
  readonly #ownId: string;
  readonly #stamps: Partial<Record<keyof ConversationFields, Stamp>> = {};
  readonly #marks = new Map<string, Mark>();
  #anchor: UnreadFact | undefined;
  /** Without numbers: the latest activity that the backend's count covers, and whether more was seen since. */
  #anchorAt = Number.NEGATIVE_INFINITY;
  #isReadSinceAnchor = false;
  #unread = 0;

  constructor(id: string, ownId: string) {
    this.id = id;
    this.#ownId = ownId;
    this.timeline = new Timeline(ownId);
  }

  /** Messages of others above the own mark; never below 0. */
  get unread(): number {
    return this.#unread;
  }

  mark(userId: string): Mark {
    return this.#marks.get(userId) ?? noMark;
  }

  /** How many messages are known to follow the newest one held. */
  get missingAtEnd(): number {
    const newest = this.timeline.newest();
    // Without numbers nobody can tell.
    return newest && newest.seq === null ? 0 : Math.max(0, this.lastSeq - (newest?.seq ?? 0));
  }

  /** Whether a member has seen a message. */
  covers(userId: string, message: MessageFact): boolean {
    return covers(this.mark(userId), message);
  }

  /** Everybody else's marks. */
  *othersMarks(): Generator<[userId: string, mark: Mark]> {
    for (const entry of this.#marks) if (entry[0] !== this.#ownId) yield entry;
  }

  /** Whether somebody else has seen this message. */
  isSeenByOthers(message: MessageFact): boolean {
    if (message.isSeen && message.senderId === this.#ownId) return true;
    for (const [userId, mark] of this.#marks) {
      if (userId !== this.#ownId && covers(mark, message)) return true;
    }
    return false;
  }

  /** Whether the unread count is known, not only a lower bound. */
  get isUnreadExact(): boolean {
    const { seq } = this.mark(this.#ownId);
    const anchor = this.#anchor;
    if (!anchor || anchor.lastSeq === null || anchor.readSeq === null) return true;
    return seq <= anchor.readSeq || seq >= anchor.lastSeq || this.#isLoadedAbove(seq, anchor.lastSeq);
  }

  mergeFields(fact: ConversationFact): boolean {
    const before = this.fields;
    this.#mergeField(fact, 'otherUserId');
    this.#mergeField(fact, 'type');
    this.#mergeField(fact, 'flowState');
    this.#mergeField(fact, 'awaitingRole');
    this.#mergeField(fact, 'chatStatus');
    this.lastSeq = Math.max(this.lastSeq, fact.lastSeq ?? 0);
    return this.fields !== before;
  }

  #mergeField(fact: ConversationFact, name: keyof ConversationFields) {
    const value = fact[name];
    if (value === undefined) return;
    const held = this.#stamps[name];
    const order = held ? compareStamps(fact.stamp, held) : 1;
    if (order < 0 || (order === 0 && String(value) <= String(this.fields[name]))) return;
    this.#stamps[name] = fact.stamp;
    if (value !== this.fields[name]) this.fields = { ...this.fields, [name]: value };
  }

  /** Whether the preview or the time changed. */
  mergeActivity(at: number, preview: Preview | null): boolean {
    const newer = preview !== null && isNewer(preview, this.preview);
    if (newer) {
      const { messageId, seq, senderId, text, type, createdAt } = preview;
      this.preview = { messageId, seq, senderId, text, type, createdAt };
    }
    const later = at > this.activityAt;
    if (later) this.activityAt = at;
    return newer || later;
  }

  mergeMessage(fact: MessageFact): ReturnType<Timeline['merge']> {
    const isLate =
      fact.seq === null && (this.timeline.newest()?.createdAt ?? fact.createdAt) > fact.createdAt;
    const change = this.timeline.merge(fact);
    if (fact.seq !== null) this.lastSeq = Math.max(this.lastSeq, fact.seq);
    if (change === 'added') {
      if (fact.senderId !== this.#ownId && !isLate && this.#isFresh(fact)) this.#unread += 1;
      else if (this.#refines(fact)) this.#recount();
    }
    if (change === 'changed' && fact.seq === null && fact.isSeen) this.#recount();
    if (fact.isDeleted && this.preview?.messageId === fact.messageId)
      this.preview = { ...this.preview, text: '' };
    return change;
  }

  /** Raises a mark; tells whether it rose. Where messages are numbered, time says nothing. */
  mergeRead(fact: ReadFact): boolean {
    const held = this.mark(fact.userId);
    const message = fact.messageId === null ? undefined : this.timeline.get(fact.messageId);
    const seq = fact.seq ?? message?.seq ?? 0;
    const at = seq > 0 ? held.at : (fact.at ?? message?.createdAt ?? held.at);
    if (seq <= held.seq && at <= held.at) return false;
    this.#marks.set(fact.userId, { seq: Math.max(seq, held.seq), at: Math.max(at, held.at) });
    if (fact.userId === this.#ownId) {
      this.#isReadSinceAnchor = true;
      this.#recount();
    }
    return true;
  }

  /** Forgets the messages, but for those that the unread count stands on: nobody looks at them. */
  forgetMessages(): void {
    const counted = this.#anchor?.lastSeq ?? null;
    let kept = 0;
    for (const message of this.timeline.backwards()) {
      const isCounted = counted === null || message.seq === null || message.seq <= counted;
      if (isCounted && (counted !== null || covers(this.mark(this.#ownId), message))) break;
      kept += 1;
    }
    this.timeline.trim(kept);
  }

  /** Takes the backend's count for the base, unless a later one is held. */
  mergeUnread(fact: UnreadFact): void {
    if (this.#anchor && !isLaterCount(fact, this.#anchor)) return;
    this.#anchor = fact;
    // A row that names no time counts what was there when it was asked for.
    this.#anchorAt = Number.isFinite(this.activityAt) ? this.activityAt : fact.stamp.value;
    this.#isReadSinceAnchor = false;
    this.lastSeq = Math.max(this.lastSeq, fact.lastSeq ?? 0);
    this.#recount();
  }

  /** What is held, as statements that make the same conversation again. */
  facts(): ChatFact[] {
    const { id: conversationId, fields, lastSeq, preview, activityAt } = this;
    const activity = { kind: 'activity' as const, conversationId };
    const facts: ChatFact[] = [
      ...(preview ? [{ ...activity, at: preview.createdAt, preview }] : []),
      ...(activityAt > 0 ? [{ ...activity, at: activityAt, preview: null }] : []),
      ...this.timeline.facts(conversationId),
    ];
    for (const [name, stamp] of Object.entries(this.#stamps)) {
      facts.push({ kind: 'conversation', conversationId, [name]: Reflect.get(fields, name), stamp });
    }
    if (lastSeq > 0) facts.push({ kind: 'conversation', conversationId, lastSeq, stamp: weakest });
    for (const [userId, { seq, at }] of this.#marks) {
      const known = { seq: seq || null, at: Number.isFinite(at) ? at : null, messageId: null };
      facts.push({ kind: 'read', conversationId, userId, ...known });
    }
    if (lastSeq > 0) return this.#anchor ? [...facts, this.#anchor] : facts;
    // Without numbers the count stands on when what came in, which nobody can tell later.
    const uncounted = { stamp: weakest, lastSeq: null, readSeq: null };
    facts.push({ ...uncounted, ...this.#anchor, kind: 'unread', conversationId, count: this.#unread });
    return facts;
  }

  /** Whether a message counts on top of what is counted already. */
  #isFresh(message: MessageFact): boolean {
    const mark = this.mark(this.#ownId);
    if (message.isSeen || covers(mark, message)) return false;
    if (message.seq === null) return message.createdAt > this.#anchorAt;
    return message.seq > (this.#anchor?.lastSeq ?? 0);
  }

  /** Whether a message among the counted ones tells more about how many of them are seen already. */
  #refines({ seq }: MessageFact): boolean {
    const { lastSeq, readSeq } = this.#anchor ?? {};
    const own = this.mark(this.#ownId).seq;
    const isBetween =
      typeof lastSeq === 'number' && typeof readSeq === 'number' && own > readSeq && own < lastSeq;
    return isBetween && seq !== null && seq > readSeq && seq <= lastSeq;
  }

  #recount() {
    const mark = this.mark(this.#ownId);
    const anchor = this.#anchor;
    if (anchor && anchor.lastSeq === null) {
      const since: Mark = { seq: 0, at: Math.max(mark.at, this.#anchorAt) };
      this.#unread = this.#isReadSinceAnchor
        ? this.#countAbove(mark, 0)
        : anchor.count + this.#countAbove(since, 0);
      return;
    }
    const { lastSeq, readSeq, count } = { lastSeq: 0, readSeq: 0, count: 0, ...anchor };
    if (anchor === undefined || lastSeq === null || readSeq === null || mark.seq >= lastSeq) {
      this.#unread = this.#countAbove(mark, 0);
    } else if (mark.seq <= readSeq) {
      this.#unread = count + this.#countAbove(mark, lastSeq);
    } else if (this.#isLoadedAbove(mark.seq, lastSeq)) {
      this.#unread = this.#countAbove(mark, 0);
    } else {
      const seen = this.#countBetween(readSeq, mark.seq);
      this.#unread = Math.max(0, count - seen) + this.#countAbove(mark, lastSeq);
    }
  }

  /** Others' messages above the mark and above a number. */
  #countAbove(mark: Mark, seq: number): number {
    let count = 0;
    for (const message of this.timeline.backwards()) {
      if (covers(mark, message) || (message.seq !== null && message.seq <= seq)) break;
      if (message.senderId !== this.#ownId && !message.isSeen) count += 1;
    }
    return count;
  }

  #countBetween(low: number, high: number): number {
    let count = 0;
    for (const message of this.timeline.backwards()) {
      if (message.seq === null || message.seq <= low) break;
      if (message.seq <= high && message.senderId !== this.#ownId) count += 1;
    }
    return count;
  }

  #isLoadedAbove(low: number, high: number): boolean {
    let loaded = 0;
    for (const message of this.timeline.backwards()) {
      if (message.seq === null || message.seq <= low) break;
      if (message.seq <= high) loaded += 1;
    }
    return loaded === high - low;
  }
}

function covers(mark: Mark, message: MessageFact): boolean {
  return message.seq === null ? message.createdAt <= mark.at : message.seq <= mark.seq;
}

function isNewer(preview: Preview, held: Preview | null): boolean {
  if (!held) return true;
  if (preview.seq !== null && held.seq !== null) return preview.seq > held.seq;
  if (preview.createdAt !== held.createdAt) return preview.createdAt > held.createdAt;
  // The same moment: one that names its message, then the larger id.
  return (preview.messageId ?? '') > (held.messageId ?? '');
}

function isLaterCount(fact: UnreadFact, held: UnreadFact): boolean {
  if (fact.lastSeq !== null && held.lastSeq !== null && fact.readSeq !== null && held.readSeq !== null) {
    return (fact.lastSeq - held.lastSeq || fact.readSeq - held.readSeq) > 0;
  }
  return compareStamps(fact.stamp, held.stamp) > 0;
}
