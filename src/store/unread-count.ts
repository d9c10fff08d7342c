import { compareStamps, type MessageFact, type UnreadFact } from '../facts.ts';
import { covers, type Mark } from './mark.ts';
import type { Timeline } from './timeline.ts';

/** How many messages of others are above the own mark: the backend's count as the base, and what came in since. */
export class UnreadCount {
  /** Never below 0. */
  value = 0;
  /** The backend's count that all else is counted from. */
  anchor: UnreadFact | undefined;
  readonly #timeline: Timeline;
  readonly #ownId: string;
  /** Without numbers: the latest activity that the backend's count covers, and whether more was seen since. */
  #anchorAt = Number.NEGATIVE_INFINITY;
  #isReadSinceAnchor = false;

  constructor(timeline: Timeline, ownId: string) {
    this.#timeline = timeline;
    this.#ownId = ownId;
  }

  /** A message came in; late is one that is older than others held. */
  add(message: MessageFact, mark: Mark, isLate: boolean): void {
    if (message.senderId !== this.#ownId && !isLate && this.#isFresh(message, mark)) this.value += 1;
    else if (this.#refines(message, mark)) this.recount(mark);
  }

  /** The own mark rose. */
  read(mark: Mark): void {
    this.#isReadSinceAnchor = true;
    this.recount(mark);
  }

  /** Takes the backend's count for the base, unless a later one is held; tells whether it did. */
  rebase(fact: UnreadFact, mark: Mark, activityAt: number): boolean {
    if (this.anchor && !isLaterCount(fact, this.anchor)) return false;
    this.anchor = fact;
    const { upTo = activityAt, stamp } = fact;
    // A row that names no time counts what was there when it was asked for.
    this.#anchorAt = Number.isFinite(upTo) ? upTo : stamp.value;
    this.#isReadSinceAnchor = false;
    this.recount(mark);
    return true;
  }

  recount(mark: Mark): void {
    const { anchor } = this;
    if (anchor && anchor.lastSeq === null) {
      const since: Mark = { seq: 0, at: Math.max(mark.at, this.#anchorAt) };
      this.value = this.#isReadSinceAnchor
        ? this.#countAbove(mark, 0)
        : anchor.count + this.#countAbove(since, 0);
      return;
    }
    const { lastSeq, readSeq, count } = { lastSeq: 0, readSeq: 0, count: 0, ...anchor };
    if (anchor === undefined || lastSeq === null || readSeq === null || mark.seq >= lastSeq) {
      this.value = this.#countAbove(mark, 0);
    } else if (mark.seq <= readSeq) {
      this.value = count + this.#countAbove(mark, lastSeq);
    } else if (this.#isLoadedAbove(mark.seq, lastSeq)) {
      this.value = this.#countAbove(mark, 0);
    } else {
      const seen = this.#countBetween(readSeq, mark.seq);
      this.value = Math.max(0, count - seen) + this.#countAbove(mark, lastSeq);
    }
  }

  /** Whether a message counts on top of what is counted already. */
  #isFresh(message: MessageFact, mark: Mark): boolean {
    if (message.isSeen || covers(mark, message)) return false;
    if (message.seq === null) return message.createdAt > this.#anchorAt;
    return message.seq > (this.anchor?.lastSeq ?? 0);
  }

  /** Whether a message among the counted ones tells more about how many of them are seen already. */
  #refines({ seq }: MessageFact, { seq: own }: Mark): boolean {
    const { lastSeq, readSeq } = this.anchor ?? {};
    const isBetween =
      typeof lastSeq === 'number' && typeof readSeq === 'number' && own > readSeq && own < lastSeq;
    return isBetween && seq !== null && seq > readSeq && seq <= lastSeq;
  }

  /** Others' messages above the mark and above a number. */
  #countAbove(mark: Mark, seq: number): number {
    let count = 0;
    for (const message of this.#timeline.backwards()) {
      if (covers(mark, message) || (message.seq !== null && message.seq <= seq)) break;
      if (message.senderId !== this.#ownId && !message.isSeen) count += 1;
    }
    return count;
  }

  #countBetween(low: number, high: number): number {
    let count = 0;
    for (const message of this.#timeline.backwards()) {
      if (message.seq === null || message.seq <= low) break;
      if (message.seq <= high && message.senderId !== this.#ownId) count += 1;
    }
    return count;
  }

  #isLoadedAbove(low: number, high: number): boolean {
    let loaded = 0;
    for (const message of this.#timeline.backwards()) {
      if (message.seq === null || message.seq <= low) break;
      if (message.seq <= high) loaded += 1;
    }
    return loaded === high - low;
  }
}

function isLaterCount(fact: UnreadFact, held: UnreadFact): boolean {
  if (fact.lastSeq !== null && held.lastSeq !== null && fact.readSeq !== null && held.readSeq !== null) {
    return (fact.lastSeq - held.lastSeq || fact.readSeq - held.readSeq) > 0;
  }
  return compareStamps(fact.stamp, held.stamp) > 0;
}
