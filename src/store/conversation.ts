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
import { covers, type Mark, noMark } from './mark.ts';
import { Timeline } from './timeline.ts';
import { UnreadCount } from './unread-count.ts';

export interface ConversationFields {
  readonly otherUserId: string | null;
  readonly type: string;
  readonly flowState: string | null;
  readonly awaitingRole: string | null;
  readonly chatStatus: string | null;
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
  readonly #unread: UnreadCount;

  constructor(id: string, ownId: string) {
    this.id = id;
    this.#ownId = ownId;
    this.timeline = new Timeline(ownId);
    this.#unread = new UnreadCount(this.timeline, ownId);
  }

  /** Messages of others above the own mark; never below 0. */
  get unread(): number {
    return this.#unread.value;
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

  /** Whether a message was seen: an own one by somebody else, anybody else's by the user. */
  isSeen(message: MessageFact): boolean {
    if (message.isSeen) return true;
    const isOwn = message.senderId === this.#ownId;
    for (const [userId, mark] of this.#marks) {
      if ((userId === this.#ownId) !== isOwn && covers(mark, message)) return true;
    }
    return false;
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
    if (change === 'added') this.#unread.add(fact, this.mark(this.#ownId), isLate);
    if (change === 'changed' && fact.seq === null && fact.isSeen)
      this.#unread.recount(this.mark(this.#ownId));
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
    if (fact.userId === this.#ownId) this.#unread.read(this.mark(this.#ownId));
    return true;
  }

  /** Forgets the messages, but for those that the unread count stands on: nobody looks at them. */
  forgetMessages(): void {
    const counted = this.#unread.anchor?.lastSeq ?? null;
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
    if (!this.#unread.rebase(fact, this.mark(this.#ownId), this.activityAt)) return;
    this.lastSeq = Math.max(this.lastSeq, fact.lastSeq ?? 0);
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
    const { anchor, value } = this.#unread;
    if (lastSeq > 0) return anchor ? [...facts, anchor] : facts;
    // Without numbers the count stands on when what came in, which nobody can tell later.
    const uncounted = { stamp: weakest, lastSeq: null, readSeq: null };
    facts.push({ ...uncounted, ...anchor, kind: 'unread', conversationId, count: value, upTo: undefined });
    return facts;
  }
}

function isNewer(preview: Preview, held: Preview | null): boolean {
  if (!held) return true;
  if (preview.seq !== null && held.seq !== null) return preview.seq > held.seq;
  if (preview.createdAt !== held.createdAt) return preview.createdAt > held.createdAt;
  // The same moment: one that names its message, then the larger id.
  return (preview.messageId ?? '') > (held.messageId ?? '');
}
