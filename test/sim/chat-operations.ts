import { type ChatClient, chatOf } from './chat-client.ts';
import type { Page } from './page.ts';
import type { Sends } from './sends.ts';
import { messagesOf } from './thread-watch.ts';
import type { World } from './world.ts';

/** What people do in conversations; `null` when there was nothing to do. */
export interface ChatOperation {
  readonly weight: number;
  run(world: World, page: Page, chat: ChatClient, sends: Sends, conversationId: string): string | null;
}

const operations: readonly ChatOperation[] = [
  {
    weight: 24,
    run: (_, page, chat, sends, conversationId) => sends.send(page, chat, conversationId),
  },
  {
    weight: 4,
    run(world, page, chat, sends, conversationId) {
      const count = 2 + world.random.below(6);
      for (let sent = 0; sent < count; sent += 1) sends.send(page, chat, conversationId);
      return `sends ${count} messages at once to ${conversationId}`;
    },
  },
  {
    weight: 6,
    run(_, page, __, ___, conversationId) {
      page.openThread(conversationId);
      return `opens ${conversationId}`;
    },
  },
  {
    weight: 2,
    run: (_, page, __, ___, conversationId) =>
      page.closeThread(conversationId) ? `closes ${conversationId}` : null,
  },
  {
    weight: 8,
    run(_, __, chat, ___, conversationId) {
      settle(chat.messages.markSeen(conversationId));
      return `marks ${conversationId} as seen`;
    },
  },
  {
    weight: 6,
    run(world, page, chat, __, conversationId) {
      page.keystrokes.push({ at: world.clock.now(), conversationId });
      chat.realtime.keystroke(conversationId);
      return `types in ${conversationId}`;
    },
  },
  {
    weight: 1,
    run(_, __, chat, ___, conversationId) {
      chat.realtime.stopTyping(conversationId);
      return `stops typing in ${conversationId}`;
    },
  },
  {
    weight: 2,
    run: (_, page, chat, sends) => sends.meddle(page, chat),
  },
  {
    weight: 2,
    run(world, page, chat, __, conversationId) {
      const thread = page.threads.get(conversationId);
      const own =
        thread && messagesOf(thread.live.getSnapshot()).filter((item) => item.isOwn && item.id !== null);
      const chosen = own?.[world.random.below(own.length)];
      if (!chosen?.id || world.level < 2) return null;
      settle(chat.messages.delete(chosen.id));
      return `deletes "${chosen.text}"`;
    },
  },
];

const total = operations.reduce((sum, { weight }) => sum + weight, 0);

export function runChatOperation(world: World, page: Page, sends: Sends): string | null {
  const chat = chatOf(page.client);
  if (!chat) return null;
  const own = world.conversationsOf(page.device.userId);
  const conversationId = own[world.random.below(own.length)];
  if (conversationId === undefined) return null;
  let at = world.random.below(total);
  for (const operation of operations) {
    at -= operation.weight;
    if (at < 0) return operation.run(world, page, chat, sends, conversationId);
  }
  return null;
}

/** A refusal is told by the state too. */
function settle(answer: unknown) {
  Promise.resolve(answer).catch(() => {});
}
