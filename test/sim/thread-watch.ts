import type { LiveThread, MessageItem, ThreadSnapshot } from '../../src/chat-models.ts';
import type { FakeBackend } from '../../src/testing/index.ts';
import type { Findings } from './findings.ts';

export interface ThreadWatchSettings {
  readonly live: LiveThread;
  readonly where: string;
  readonly ownId: string;
  readonly backend: FakeBackend;
  readonly findings: Findings;
  readonly now: () => number;
  /** When a start of typing was last heard, by conversation and user; 0 for never. */
  readonly heardTyping: (key: string) => number;
}

const typingLastsMs = 6_000;
/** A notification comes at most a frame later. */
const frameMs = 20;

/** Holds one page's view of one conversation against what may never be seen in it, not even for a moment. */
export class ThreadWatch {
  readonly live: LiveThread;
  looks = 0;
  readonly #settings: ThreadWatchSettings;
  readonly #unsubscribe: () => void;
  readonly #keys = new Map<string, string>();
  readonly #marks = new Map<string, number>();
  #order: readonly string[] = [];

  constructor(settings: ThreadWatchSettings) {
    this.#settings = settings;
    this.live = settings.live;
    this.#unsubscribe = this.live.subscribe(() => this.look());
  }

  close(): void {
    this.#unsubscribe();
  }

  look(): void {
    this.looks += 1;
    const { findings, where } = this.#settings;
    const snapshot = this.live.getSnapshot();
    findings.expect(
      snapshot === this.live.getSnapshot() && Object.isFrozen(snapshot),
      'I14',
      () => `${where}: the snapshot is not stable`,
    );
    findings.expect(
      Number.isInteger(snapshot.unread) && snapshot.unread >= 0,
      'I5',
      () => `${where}: unread is ${snapshot.unread}`,
    );
    const messages = messagesOf(snapshot);
    this.#checkUnread(snapshot, messages);
    this.#checkOnce(messages);
    this.#checkOrder(messages);
    this.#checkKeys(messages);
    this.#checkMarks(snapshot, messages);
    this.#checkTyping(snapshot);
  }

  /** Where the whole conversation is shown, what is unread can be counted; the plain wire's own flags disagree. */
  #checkUnread(
    { unread, items, status, hasOlder, hasNewer }: ThreadSnapshot,
    messages: readonly MessageItem[],
  ) {
    const { findings, where } = this.#settings;
    if (
      this.#settings.backend.level < 2 ||
      status !== 'ready' ||
      hasOlder ||
      hasNewer ||
      items.length !== messages.length ||
      messages.every(({ id }) => id === null)
    )
      return;
    const count = messages.filter((item) => !item.isOwn && item.status !== 'seen').length;
    findings.expect(
      unread === count,
      'I5',
      () => `${where}: unread is ${unread}, ${count} messages of others are shown as not seen`,
    );
  }

  #checkOnce(messages: readonly MessageItem[]) {
    const { findings, where } = this.#settings;
    const seen = new Set<string>();
    for (const { key, id, text, isDeleted, isOwn, status } of messages) {
      // Every text of a run is sent once only.
      const names = [
        `key ${key}`,
        id && `id ${id}`,
        text && !isDeleted && !isEqualText(text) && `text ${text}`,
      ];
      for (const name of names) {
        if (!name) continue;
        findings.expect(
          !seen.has(name),
          'I2',
          () => `${where}: ${name} is there twice (${isOwn ? 'own' : 'other’s'}, ${status})`,
        );
        seen.add(name);
      }
    }
  }

  #checkOrder(messages: readonly MessageItem[]) {
    const { findings, where } = this.#settings;
    const order = messages.flatMap(({ id }) => (id === null ? [] : [id]));
    const [before, now] = [new Set(this.#order), new Set(order)];
    const kept = order.filter((id) => before.has(id));
    const was = this.#order.filter((id) => now.has(id));
    findings.expect(
      kept.every((id, index) => id === was[index]),
      'I4',
      () => `${where}: a confirmed message moved: ${was.join(' ')} became ${kept.join(' ')}`,
    );
    this.#order = order;
  }

  #checkKeys(messages: readonly MessageItem[]) {
    const { findings, where } = this.#settings;
    for (const { isOwn, text, key, isDeleted } of messages) {
      if (!isOwn || isDeleted || text === '' || isEqualText(text)) continue;
      const before = this.#keys.get(text) ?? key;
      findings.expect(key === before, 'I2', () => `${where}: the key of "${text}" changed`);
      this.#keys.set(text, key);
    }
  }

  #checkMarks({ seenBy }: ThreadSnapshot, messages: readonly MessageItem[]) {
    const { findings, where, backend } = this.#settings;
    for (const { user, messageKey } of seenBy) {
      const id = messages.find(({ key }) => key === messageKey)?.id;
      const seq = backend.truth.messages.get(id ?? '')?.seq;
      if (seq === undefined) continue;
      const before = this.#marks.get(user.id) ?? 0;
      findings.expect(
        seq >= before,
        'I6',
        () => `${where}: the seen mark of ${user.id} goes back from ${before} to ${seq}`,
      );
      this.#marks.set(user.id, seq);
    }
  }

  #checkTyping({ typing, conversationId }: ThreadSnapshot) {
    const { findings, where, heardTyping, now } = this.#settings;
    for (const { id } of typing) {
      const age = now() - heardTyping(`${conversationId} ${id}`);
      findings.expect(
        age <= typingLastsMs + frameMs,
        'I8',
        () => `${where}: ${id} still types ${Math.round(age)} ms after the last start`,
      );
    }
  }
}

export function messagesOf({ items }: ThreadSnapshot): MessageItem[] {
  return items.filter((item) => item.kind === 'message');
}

/** Some texts are sent many times, to see that equal ones are not taken for repeats. */
export const equalText = 'ok';
export const isEqualText = (text: string) => text === equalText;
