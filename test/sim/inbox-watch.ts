import type { LiveInbox } from '../../src/chat-models.ts';
import type { Findings } from './findings.ts';

/** Holds one page's inbox against what may never be seen in it. */
export class InboxWatch {
  readonly live: LiveInbox;
  looks = 0;
  readonly #where: string;
  readonly #findings: Findings;

  constructor(live: LiveInbox, where: string, findings: Findings) {
    this.live = live;
    this.#where = where;
    this.#findings = findings;
    live.subscribe(() => this.look());
  }

  look(): void {
    this.looks += 1;
    const snapshot = this.live.getSnapshot();
    const { items, totalUnread } = snapshot;
    this.#findings.expect(
      snapshot === this.live.getSnapshot() && Object.isFrozen(snapshot),
      'I14',
      () => `${this.#where}: the snapshot is not stable`,
    );
    for (const { id, unread } of items) {
      this.#findings.expect(
        Number.isInteger(unread) && unread >= 0,
        'I5',
        () => `${this.#where}: unread of ${id} is ${unread}`,
      );
    }
    const sum = items.reduce((total, { unread }) => total + unread, 0);
    this.#findings.expect(
      Number.isInteger(totalUnread) && totalUnread >= sum,
      'I5',
      () => `${this.#where}: the total is ${totalUnread}, the rows have ${sum}`,
    );
    this.#findings.expect(
      new Set(items.map(({ id }) => id)).size === items.length,
      'I1',
      () => `${this.#where}: a conversation is there twice`,
    );
    this.#findings.expect(
      items.every((item, index) => item.activityAt <= (items[index - 1]?.activityAt ?? item.activityAt)),
      'I1',
      () => `${this.#where}: the rows are not in the order of activity`,
    );
  }
}
