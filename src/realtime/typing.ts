import type { Clock } from '../lib/clock.ts';

export interface TypingSettings {
  readonly clock: Clock;
  readonly userId: string;
  isConnected(): boolean;
  /** Tells the backend that this user types, or stopped. */
  send(conversationId: string, isTyping: boolean): void;
  onChange(conversationId: string, userId: string, isTyping: boolean): void;
}

/** Who is typing where: throttled on the way out, expiring on the way in. Nothing sticks, nothing is replayed. */
export interface Typing {
  keystroke(conversationId: string): void;
  stop(conversationId: string): void;
  receive(conversationId: string, userId: string, isTyping: boolean): void;
  users(conversationId: string): readonly string[];
  /** The connection was lost or the page hidden: nobody is known to type. */
  clear(): void;
}

const throttleMs = 2_000;
const idleMs = 4_000;
const expiryMs = 6_000;

export function createTyping({ clock, userId: ownId, send, onChange, isConnected }: TypingSettings): Typing {
  const own = new Map<string, { readonly sentAt: number; readonly cancelIdle: () => void }>();
  /** Undo of the expiry, by conversation and user. */
  const others = new Map<string, Map<string, () => void>>();

  function stop(conversationId: string) {
    const typing = own.get(conversationId);
    if (!typing) return;
    typing.cancelIdle();
    own.delete(conversationId);
    send(conversationId, false);
  }

  function forget(conversationId: string, userId: string) {
    const typists = others.get(conversationId);
    const cancel = typists?.get(userId);
    if (!typists || !cancel) return;
    cancel();
    typists.delete(userId);
    if (typists.size === 0) others.delete(conversationId);
    onChange(conversationId, userId, false);
  }

  return {
    keystroke(conversationId) {
      // Told later it would be untrue.
      if (!isConnected()) return;
      const before = own.get(conversationId);
      before?.cancelIdle();
      const now = clock.now();
      const isDue = !before || now - before.sentAt >= throttleMs;
      own.set(conversationId, {
        sentAt: isDue ? now : before.sentAt,
        cancelIdle: clock.schedule(() => stop(conversationId), idleMs),
      });
      if (isDue) send(conversationId, true);
    },
    stop,
    receive(conversationId, userId, isTyping) {
      if (userId === ownId) return;
      if (!isTyping) return forget(conversationId, userId);
      let typists = others.get(conversationId);
      if (!typists) {
        typists = new Map();
        others.set(conversationId, typists);
      }
      const cancel = typists.get(userId);
      cancel?.();
      typists.set(
        userId,
        clock.schedule(() => forget(conversationId, userId), expiryMs),
      );
      if (!cancel) onChange(conversationId, userId, true);
    },
    users: (conversationId) => [...(others.get(conversationId)?.keys() ?? [])],
    clear() {
      for (const { cancelIdle } of own.values()) cancelIdle();
      own.clear();
      for (const [conversationId, typists] of [...others]) {
        for (const userId of [...typists.keys()]) forget(conversationId, userId);
      }
    },
  };
}
