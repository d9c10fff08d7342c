import type { Page } from './page.ts';
import type { Sends } from './sends.ts';
import { messagesOf } from './thread-watch.ts';
import type { World } from './world.ts';

/** What people do in conversations; `null` when there was nothing to do. */
export interface ChatOperation {
  readonly weight: number;
  run(world: World, page: Page, sends: Sends, conversationId: string): string | null;
}

const operations: readonly ChatOperation[] = [
  {
    weight: 24,
    run: (_, page, sends, conversationId) => sends.send(page, conversationId),
  },
  {
    weight: 4,
    run(world, page, sends, conversationId) {
      const count = 2 + world.random.below(6);
      for (let sent = 0; sent < count; sent += 1) sends.send(page, conversationId);
      return `sends ${count} messages at once to ${conversationId}`;
    },
  },
  {
    weight: 6,
    run(_, page, __, conversationId) {
      page.openThread(conversationId);
      return `opens ${conversationId}`;
    },
  },
  {
    weight: 2,
    run: (_, page, __, conversationId) =>
      page.closeThread(conversationId) ? `closes ${conversationId}` : null,
  },
  {
    weight: 8,
    run(_, { client }, __, conversationId) {
      client.messages.markSeen(conversationId);
      return `marks ${conversationId} as seen`;
    },
  },
  {
    weight: 5,
    run(_, page, __, conversationId) {
      page.openThread(conversationId);
      page.keepSeen(conversationId);
      return `keeps ${conversationId} seen`;
    },
  },
  {
    weight: 6,
    run(world, page, __, conversationId) {
      page.keystrokes.push({ at: world.clock.now(), conversationId });
      page.client.realtime.keystroke(conversationId);
      return `types in ${conversationId}`;
    },
  },
  {
    weight: 1,
    run(_, { client }, __, conversationId) {
      client.realtime.stopTyping(conversationId);
      return `stops typing in ${conversationId}`;
    },
  },
  {
    weight: 2,
    run: (_, page, sends) => sends.meddle(page),
  },
  {
    weight: 1,
    run(world, { client }) {
      const presence = world.random.pick(['away', 'online'] as const);
      client.realtime.setPresence(presence);
      return `says it is ${presence}`;
    },
  },
  {
    weight: 2,
    run(world, page, __, conversationId) {
      const thread = page.threads.get(conversationId);
      const own =
        thread && messagesOf(thread.live.getSnapshot()).filter((item) => item.isOwn && item.id !== null);
      const chosen = own?.[world.random.below(own.length)];
      if (!chosen?.id || world.level < 2) return null;
      page.client.messages.delete(chosen.id).catch(() => {});
      return `deletes "${chosen.text}"`;
    },
  },
];

const total = operations.reduce((sum, { weight }) => sum + weight, 0);

export function runChatOperation(world: World, page: Page, sends: Sends): string | null {
  const own = world.conversationsOf(page.device.userId);
  const conversationId = own[world.random.below(own.length)];
  if (conversationId === undefined) return null;
  let at = world.random.below(total);
  for (const operation of operations) {
    at -= operation.weight;
    if (at < 0) return operation.run(world, page, sends, conversationId);
  }
  return null;
}
