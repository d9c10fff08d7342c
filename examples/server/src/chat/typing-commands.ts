import { requireSelf } from '../identity.ts';
import type { Announcements } from './announcements.ts';
import { typingPayload } from './chat-payloads.ts';
import type { Conversations } from './conversations.ts';
import type { Command } from './socket-commands.ts';

export interface Typing {
  /** Tells the others, if it was so. */
  stop(conversationId: string): void;
  /** A message says by itself that its typing is over. */
  forget(conversationId: string): void;
  stopAll(): void;
}

/** What one socket's user is typing, so that it ends when they leave or are cut off. */
export function typingCommands(
  userId: string,
  settings: { on: Command; conversations: Conversations; announcements: Announcements },
): Typing {
  const { on, conversations, announcements } = settings;
  const typingTo = new Map<string, string>();

  for (const [name, isTyping] of [
    ['typing_start', true],
    ['typing_stop', false],
  ] as const) {
    on(name, typingPayload, async ({ conversationId, userId: claimed }) => {
      requireSelf(userId, claimed);
      const otherId = await conversations.otherMember(userId, conversationId);
      if (isTyping) typingTo.set(conversationId, otherId);
      else typingTo.delete(conversationId);
      return { announce: () => announcements.typing(conversationId, userId, otherId, isTyping) };
    });
  }

  function stop(conversationId: string): void {
    const otherId = typingTo.get(conversationId);
    if (otherId === undefined) return;
    typingTo.delete(conversationId);
    announcements.typing(conversationId, userId, otherId, false);
  }

  return {
    stop,
    forget: (conversationId) => void typingTo.delete(conversationId),
    stopAll: () => {
      for (const conversationId of [...typingTo.keys()]) stop(conversationId);
    },
  };
}
