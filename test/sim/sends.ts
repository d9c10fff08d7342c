import { VisavisError } from '../../src/errors.ts';
import type { MessageRecord } from '../../src/testing/index.ts';
import type { Page } from './page.ts';
import { equalText, isEqualText, messagesOf } from './thread-watch.ts';
import type { World } from './world.ts';

/** A message somebody wrote. */
interface Issue {
  readonly text: string;
  readonly page: Page;
  readonly deviceId: string;
  /** Of two tabs nobody can say which was written in first. */
  readonly place: string;
  readonly conversationId: string;
  /** `accepted` once the client said it has it. */
  state: 'given' | 'accepted' | 'refused' | 'discarded';
  /** Whether the user meddled with it, so that its place is theirs to answer for. */
  isMeddled: boolean;
}

/** Writes messages and holds what became of them against I2, I3 and I4. */
export class Sends {
  readonly #world: World;
  readonly #issues: Issue[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  send(page: Page, conversationId: string): string {
    const isEqual = this.#world.random.chance(0.1);
    const text = isEqual ? equalText : `m${this.#issues.length + 1} from ${page.device.deviceId}`;
    const { deviceId } = page.device;
    const [place = ''] = page.name.split('#');
    const issue: Issue = { text, page, deviceId, place, conversationId, state: 'given', isMeddled: false };
    this.#issues.push(issue);
    const hasMedia = this.#world.level === 2 && this.#issues.length % 8 === 0;
    const draft = { text, ...(hasMedia ? { media: new Blob([text], { type: 'image/webp' }) } : {}) };
    page.client.messages.send(conversationId, draft).then(
      () => {
        if (issue.state === 'given') issue.state = 'accepted';
      },
      (error: unknown) => {
        issue.state = 'refused';
        this.#world.note(`${page.name} "${text}" is refused: ${String(error)}`);
        this.#world.findings.expect(
          error instanceof VisavisError,
          'I3',
          () => `${page.name}: "${text}" is refused without a typed reason: ${String(error)}`,
        );
      },
    );
    return `sends "${text}" to ${conversationId}${hasMedia ? ' with a picture' : ''}`;
  }

  /** Retries or discards a failed message of the page. */
  meddle(page: Page): string | null {
    const { messages } = page.client;
    for (const thread of page.threads.values()) {
      for (const { status, clientId, text } of messagesOf(thread.live.getSnapshot())) {
        if (clientId === null || (status !== 'failed' && status !== 'uncertain')) continue;
        const issue = this.#issues.find(
          (known) => known.text === text && known.deviceId === page.device.deviceId,
        );
        if (!issue || isEqualText(text)) continue;
        issue.isMeddled = true;
        if (this.#world.random.chance(0.5)) {
          messages.retry(clientId);
          return `retries "${text}"`;
        }
        issue.state = 'discarded';
        messages.discard(clientId);
        return `discards "${text}"`;
      }
    }
    return null;
  }

  /** After heal + T, with every thread open on every page. */
  check(): void {
    const rows = [...this.#world.backend.truth.messages.values()];
    for (const issue of this.#issues) if (!isEqualText(issue.text)) this.#checkOne(issue, rows);
    for (const row of rows) this.#checkMedia(row);
    this.#checkEqual(rows);
    this.#checkOrder(rows);
    this.#checkSettled();
  }

  #checkOne({ text, state, deviceId, page }: Issue, rows: readonly MessageRecord[]) {
    const { findings, level } = this.#world;
    const count = rows.filter(({ sentText }) => sentText === text).length;
    findings.expect(count <= 1, 'I2', () => `"${text}" is stored ${count} times`);
    const shown = this.#shownOn(deviceId, text);
    if (shown === 'sent' || shown === 'seen') {
      findings.expect(
        count === 1,
        'I2',
        () => `"${text}" is shown as ${shown}, but is stored ${count} times`,
      );
    }
    if (state !== 'accepted' || count === 1) return;
    const isKept = shown === 'failed' || (shown === 'uncertain' && level === 0);
    findings.expect(
      isKept,
      'I3',
      () =>
        `"${text}", accepted on ${page.name}, is neither stored nor failed; it is shown as ${shown ?? 'nothing'}`,
    );
  }

  /** A picture is there before the message that names it, and is that message's own. */
  #checkMedia({ mediaUrl, sentText }: MessageRecord) {
    if (mediaUrl === null) return;
    const { media } = this.#world.backend.truth;
    this.#world.findings.expect(
      media.get(mediaUrl) === sentText.length,
      'I3',
      () =>
        `"${sentText}" has a picture of ${media.get(mediaUrl) ?? 'no'} bytes instead of ${sentText.length}`,
    );
  }

  /** Equal texts are never hidden as repeats, and none is stored more often than it was written. */
  #checkEqual(rows: readonly MessageRecord[]) {
    const equal = this.#issues.filter(({ text }) => isEqualText(text));
    const groups = new Set(
      equal.map(({ page, conversationId }) => `${page.device.userId} ${conversationId}`),
    );
    for (const group of groups) {
      const own = equal.filter(
        ({ page, conversationId }) => group === `${page.device.userId} ${conversationId}`,
      );
      const stored = rows.filter(
        ({ sentText, senderId, conversationId }) =>
          isEqualText(sentText) && group === `${senderId} ${conversationId}`,
      ).length;
      this.#checkGroup(group, own, stored);
    }
  }

  #checkGroup(group: string, own: readonly Issue[], stored: number) {
    const { findings, level } = this.#world;
    const [userId, conversationId] = group.split(' ');
    const what = `"${equalText}" of ${userId} in ${conversationId}`;
    findings.expect(
      stored <= own.length,
      'I2',
      () => `${what} was written ${own.length} times and stored ${stored} times`,
    );
    // Without client ids nobody can tell the equal texts of two pages apart.
    const [first] = own;
    if (level === 0 && own.some(({ page }) => page !== first?.page || !page.isAlive)) return;
    const accepted = own.filter(({ state }) => state === 'accepted').length;
    const pages = this.#world.pages().filter(({ device }) => device.userId === userId);
    const waiting = pages.reduce((sum, page) => sum + this.#unsent(page, conversationId ?? ''), 0);
    findings.expect(
      stored + waiting >= accepted,
      'I3',
      () => `${what} was accepted ${accepted} times, stored ${stored} times and waits ${waiting} times`,
    );
  }

  #unsent(page: Page, conversationId: string): number {
    const thread = page.threads.get(conversationId);
    return (thread ? messagesOf(thread.live.getSnapshot()) : []).filter(
      ({ text, status }) => isEqualText(text) && (status === 'failed' || status === 'uncertain'),
    ).length;
  }

  #checkOrder(rows: readonly MessageRecord[]) {
    const places = new Map(rows.map((row) => [row.sentText, row]));
    const last = new Map<string, { readonly text: string; readonly seq: number }>();
    for (const { text, place, conversationId, isMeddled, state } of this.#issues) {
      const row = places.get(text);
      if (!row || isEqualText(text) || isMeddled || state === 'refused') continue;
      const key = `${place} ${conversationId}`;
      const before = last.get(key);
      this.#world.findings.expect(
        !before || before.seq < row.seq,
        'I4',
        () =>
          `"${before?.text}" was written before "${text}" but has number ${before?.seq} against ${row.seq}`,
      );
      last.set(key, { text, seq: row.seq });
    }
  }

  /** Nothing is still on its way. */
  #checkSettled() {
    for (const page of this.#world.pages()) {
      for (const { live } of page.threads.values()) {
        const stuck = messagesOf(live.getSnapshot()).find(
          ({ status }) => status === 'queued' || status === 'sending',
        );
        this.#world.findings.expect(
          !stuck,
          'I3',
          () => `${page.name}: "${stuck?.text}" is still ${stuck?.status} long after the last fault`,
        );
      }
    }
  }

  #shownOn(deviceId: string, text: string): string | undefined {
    const page = this.#world.pages().find(({ device }) => device.deviceId === deviceId);
    return [...(page?.threads.values() ?? [])]
      .flatMap(({ live }) => messagesOf(live.getSnapshot()))
      .find((item) => item.text === text)?.status;
  }
}
