import { VisavisError } from '../errors.ts';
import { type Backoff, backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { OutboxItem } from './outbox-item.ts';
import type { Entry, OutboxList } from './outbox-list.ts';
import { afterLook, beforeTry, judge, suspectCloses, type Verdict } from './outbox-policy.ts';
import type { OutboxState } from './outbox-record.ts';

export type Look = (
  item: OutboxItem,
  signal: AbortSignal,
  twins: readonly string[],
) => Promise<'sent' | 'absent' | 'unknown'>;

export interface SenderSettings {
  readonly list: OutboxList;
  readonly clock: Clock;
  readonly random: () => number;
  /** `baseMs` is also the least wait before a message is looked for on the backend. */
  readonly backoff: Backoff;
  /**
   * One try. Resolves when the backend has it; rejects with a typed error, which may be a `TryFault` too. Has a
   * timeout of its own, and ends soon after `signal` aborts.
   */
  deliver(item: OutboxItem, signal: AbortSignal): Promise<void>;
  /** Puts the item's media up and gives its address; told how far, from 0 to 1. Rejects like `deliver`. */
  upload(item: OutboxItem, signal: AbortSignal, onProgress: (fraction: number) => void): Promise<string>;
  /**
   * Whether it was stored although no answer came, as none of its twins; `unknown` when that cannot be told. Rejects
   * like `deliver`.
   */
  readonly findSent?: Look | undefined;
  /** Ids of messages that would be taken for this one, and are there before it. */
  twinsOf(item: OutboxItem): readonly string[];
  /** Whether sending the same `clientId` twice is harmless. */
  canRepeat(): boolean;
  /** Shows and stores what is now known of an item; resolves when it is stored. */
  change(entry: Entry, item: Partial<OutboxItem>, rest?: Partial<OutboxState>): Promise<void>;
  /** Shows how much of the media is put up. */
  showProgress(entry: Entry, fraction: number): void;
  /** The backend has it. */
  leave(entry: Entry): void;
}

export type SendScope = 'all' | 'unshared';

/** Sends what is queued: one item of a conversation at a time, the conversations independently. */
export interface Sender {
  /** `unshared` is what no other page can see, and so no other can send. */
  start(scope: SendScope): void;
  /** Ends every try; resolves when none is left, so that another page may take over. */
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
  /** The connection is back: ends the backoff of every item, but no wait the backend asked for. */
  nudge(): void;
  /** Goes on with a conversation in which something changed. */
  wake(conversation: string): void;
  isTrying(entry: Entry): boolean;
  /** The item is gone: ends its try and goes on with the next. */
  drop(entry: Entry): void;
}

/** Why a try ends: a reason of its own, because making an `AbortError` costs more than sending a message. */
const left = 'the try was ended';

interface Try {
  readonly entry: Entry;
  readonly abort: AbortController;
  done: Promise<void>;
}

export function createSender(settings: SenderSettings): Sender {
  const { list, clock, random, backoff, change } = settings;
  const tries = new Map<string, Try>();
  const waits = new Map<string, () => void>();
  let running: SendScope | null = null;
  let paused = false;
  let holdUntil = 0;
  let suspect: Entry | null = null;

  const maySend = () => running !== null && !paused;
  const isOurs = ({ isStored, isShared }: Entry) => running === 'all' || (isStored && !isShared);

  function wake(conversation: string) {
    rest(conversation);
    const entry = list.head(conversation, isOurs);
    if (!entry || !maySend() || tries.has(conversation)) return;
    const { item, closes } = entry.state;
    const step = beforeTry({ ...item, isCleared: entry.isCleared }, settings.canRepeat());
    const wakeAt = Math.max(entry.retryAt, holdUntil, step === 'look' ? entry.lookAt : 0);
    const pause = wakeAt - clock.now();
    if (pause > 0) {
      waits.set(
        conversation,
        clock.schedule(() => wake(conversation), pause),
      );
      return;
    }
    if (closes >= suspectCloses) {
      if (suspect) return;
      suspect = entry;
    }
    const current: Try = { entry, abort: new AbortController(), done: Promise.resolve() };
    tries.set(conversation, current);
    const { signal } = current.abort;
    current.done = (step === 'send' ? send(entry, signal) : look(entry, signal)).finally(() => end(current));
  }

  function wakeAll() {
    for (const conversation of list.conversations()) wake(conversation);
  }

  function rest(conversation: string) {
    waits.get(conversation)?.();
    waits.delete(conversation);
  }

  function end({ entry, abort }: Try) {
    const conversation = entry.state.item.conversationId;
    if (tries.get(conversation)?.abort !== abort) return;
    tries.delete(conversation);
    if (suspect === entry) {
      suspect = null;
      wakeAll();
    } else wake(conversation);
  }

  async function send(entry: Entry, signal: AbortSignal) {
    const { state, tries: before, mayHaveArrived } = entry.state.item;
    const isFirst = !mayHaveArrived && !settings.canRepeat();
    const twins = isFirst ? settings.twinsOf(entry.state.item) : entry.state.twins;
    await change(entry, { state: 'sending', tries: before + 1 }, { twins });
    if (entry.isGone) return;
    if (!maySend() || signal.aborted) return change(entry, { state, tries: before });
    if (entry.state.item.media && !(await putUp(entry, signal))) return;
    entry.isCleared = false;
    try {
      await settings.deliver(entry.state.item, signal);
    } catch (reason) {
      if (!entry.isGone) await onRejected(entry, reason, signal);
      return;
    }
    if (!entry.isGone) settings.leave(entry);
  }

  /** The media first; tells whether the message may follow. What fails here has not reached the conversation. */
  async function putUp(entry: Entry, signal: AbortSignal): Promise<boolean> {
    const { item } = entry.state;
    settings.showProgress(entry, 0);
    try {
      const mediaUrl = await settings.upload(item, signal, (fraction) =>
        settings.showProgress(entry, fraction),
      );
      if (!entry.isGone) await change(entry, { mediaUrl, media: null, progress: null });
    } catch (reason) {
      if (!entry.isGone) await onRejected(entry, reason, signal, false);
      return false;
    }
    if (entry.isGone) return false;
    if (maySend() && !signal.aborted) return true;
    await change(entry, { state: 'queued' });
    return false;
  }

  async function onRejected(entry: Entry, reason: unknown, signal: AbortSignal, hasLeft = true) {
    // An abort is our own: it says nothing of the item.
    const cut = signal.aborted && !(reason instanceof VisavisError);
    const cause = cut ? new VisavisError('DISPOSED', 'unable to send the message; it was stopped') : reason;
    const { item } = entry.state;
    const verdict = judge({ ...item, closes: entry.state.closes }, cause);
    const { next, error, closes } = verdict;
    const told = { mayHaveArrived: hasLeft ? verdict.mayHaveArrived : item.mayHaveArrived, progress: null };
    if (next === 'sent') return settings.leave(entry);
    if (next === 'failed') return change(entry, { ...told, state: 'failed', error }, { closes });
    if (!cut) postpone(entry, verdict);
    entry.lookAt = clock.now() + backoff.baseMs;
    await change(entry, { ...told, state: 'queued' }, { closes });
  }

  function postpone(entry: Entry, { holdMs }: Verdict) {
    const now = clock.now();
    holdUntil = Math.max(holdUntil, now + holdMs);
    entry.retryAt = now + holdMs + backoffMs(entry.failures, backoff, random);
    entry.failures += 1;
  }

  async function look(entry: Entry, signal: AbortSignal) {
    let found: 'sent' | 'absent' | 'unknown' = 'unknown';
    try {
      if (settings.findSent) found = await settings.findSent(entry.state.item, signal, entry.state.twins);
    } catch (reason) {
      if (entry.isGone || signal.aborted) return;
      const verdict = judge({ mayHaveArrived: true, closes: 0 }, reason);
      if (verdict.next === 'again') return postpone(entry, verdict);
    }
    if (entry.isGone) return;
    const next = afterLook(found, entry.state.wasResent);
    if (next === 'sent') return settings.leave(entry);
    if (next === 'uncertain') return change(entry, { state: 'uncertain' });
    entry.isCleared = true;
    await change(entry, {}, { wasResent: true });
  }

  return {
    start(scope) {
      running = scope;
      wakeAll();
    },
    async stop() {
      running = null;
      for (const conversation of [...waits.keys()]) rest(conversation);
      const open = [...tries.values()];
      for (const { abort } of open) abort.abort(left);
      // Another page may send them now, so what this one looked up no longer holds.
      for (const entry of list.entries()) entry.isCleared = false;
      await Promise.all(open.map(({ done }) => done));
    },
    pause() {
      paused = true;
      for (const conversation of [...waits.keys()]) rest(conversation);
    },
    resume() {
      if (!paused) return;
      paused = false;
      wakeAll();
    },
    nudge() {
      for (const entry of list.entries()) entry.retryAt = 0;
      wakeAll();
    },
    wake,
    isTrying: (entry) => tries.get(entry.state.item.conversationId)?.entry === entry,
    drop(entry) {
      const current = tries.get(entry.state.item.conversationId);
      if (current?.entry !== entry) return wake(entry.state.item.conversationId);
      current.abort.abort(left);
      end(current);
    },
  };
}
