import { HttpError, VisavisError } from '../errors.ts';
import type { ReadFact } from '../facts.ts';
import { backoffMs } from '../lib/backoff.ts';
import type { ChatContext } from './chat-context.ts';

/** The own seen marks: shown at once, sent in batches, only ever rising. */
export interface Seen {
  mark(conversationId: string): void;
  /** From now on everything that comes in is seen at once, while the page is visible. Returns the undo. */
  keep(conversationId: string): () => void;
  /** Something in the conversation changed: messages may have come in. */
  received(conversationId: string): void;
  /** The page is visible again: what came in meanwhile is seen where that is kept. */
  returned(): void;
  /** Sends what waits, now: the page hides, or the connection is back. */
  flush(): void;
}

const batchMs = 300;
const backoff = { baseMs: 1_000, maxMs: 30_000 };

export function createSeen(
  context: ChatContext,
  { isVisible, random }: { isVisible(): boolean; random: () => number },
): Seen {
  const { store, http, preset, clock, userId, logger } = context;
  const waiting = new Map<string, ReadFact>();
  const sending = new Set<string>();
  const kept = new Map<string, number>();
  let cancel: (() => void) | undefined;
  let failures = 0;
  /** Until then the backend wants to be left alone. */
  let restUntil = 0;

  function mark(conversationId: string) {
    const conversation = store.get(conversationId);
    if (!conversation) return;
    const newest = conversation.timeline.newest();
    const seq = conversation.lastSeq || null;
    const messageId = newest?.messageId ?? conversation.preview?.messageId ?? null;
    const at = seq === null ? (newest?.createdAt ?? conversation.preview?.createdAt ?? null) : null;
    const held = conversation.mark(userId);
    if (seq === null ? at === null || at <= held.at : seq <= held.seq) return;
    const read: ReadFact = { kind: 'read', conversationId, userId, seq, at, messageId };
    context.applyHere([read], 'self');
    waiting.set(conversationId, read);
    scheduleFlush();
  }

  function scheduleFlush() {
    cancel ??= clock.schedule(flush, Math.max(batchMs, restUntil - clock.now()));
  }

  function flush() {
    cancel?.();
    cancel = undefined;
    if (clock.now() < restUntil) return scheduleFlush();
    for (const [conversationId, read] of waiting) {
      if (sending.has(conversationId)) continue;
      waiting.delete(conversationId);
      void send(read);
    }
  }

  async function send(read: ReadFact) {
    const { conversationId } = read;
    sending.add(conversationId);
    try {
      // What the socket did not take, the route may: a mark can be made twice.
      const bySocket = await context.bySocket(preset.commands.markSeen, read).catch(() => null);
      const facts = bySocket ?? (await http.call(preset.routes.markSeen, read));
      context.apply([read, ...facts], 'self');
      failures = 0;
    } catch (error) {
      logger.debug('unable to mark as seen', error);
      if (error instanceof VisavisError && error.retryable) {
        if (!waiting.has(conversationId)) waiting.set(conversationId, read);
        const asked = error instanceof HttpError ? error.retryAfterMs : undefined;
        restUntil = clock.now() + (asked ?? backoffMs(failures, backoff, random));
        failures += 1;
      }
    } finally {
      sending.delete(conversationId);
      if (waiting.has(conversationId)) scheduleFlush();
    }
  }

  return {
    mark,
    keep(conversationId) {
      kept.set(conversationId, (kept.get(conversationId) ?? 0) + 1);
      if (isVisible()) mark(conversationId);
      let isKept = true;
      return () => {
        if (!isKept) return;
        isKept = false;
        const count = (kept.get(conversationId) ?? 1) - 1;
        if (count === 0) kept.delete(conversationId);
        else kept.set(conversationId, count);
      };
    },
    received(conversationId) {
      if (kept.has(conversationId) && isVisible()) mark(conversationId);
    },
    returned() {
      for (const conversationId of kept.keys()) mark(conversationId);
    },
    flush,
  };
}
