import type { ChatContext } from './chat-context.ts';

const debounceMs = 250;

/** "Something changed there": reads it soon, once for many hints. */
export function createHints(
  { clock, http, preset, logger, apply }: Pick<ChatContext, 'clock' | 'http' | 'preset' | 'logger' | 'apply'>,
  isWanted: () => boolean,
  readList: () => Promise<void>,
) {
  const conversations = new Set<string>();
  let wholeList = false;
  let isScheduled = false;

  async function read() {
    isScheduled = false;
    const route = preset.routes.conversation;
    const ids = [...conversations];
    const asList = wholeList || route === null || ids.length > 3;
    conversations.clear();
    wholeList = false;
    try {
      if (asList) return await readList();
      await Promise.all(
        ids.map(async (conversationId) => {
          const facts = route && (await http.call(route, { conversationId }));
          if (facts) apply(facts, 'sync');
        }),
      );
    } catch (error) {
      logger.debug('unable to read what a hint was about', error);
    }
  }

  return (conversationId: string | null): void => {
    if (!isWanted()) return;
    if (conversationId === null) wholeList = true;
    else conversations.add(conversationId);
    if (isScheduled) return;
    isScheduled = true;
    clock.schedule(() => void read(), debounceMs);
  };
}
