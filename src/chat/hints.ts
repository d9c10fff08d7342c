import type { ChatContext } from './chat-context.ts';

const debounceMs = 250;

/** "Something changed there": reads it soon, once for many hints, and never twice at the same time. */
export function createHints(
  { clock, http, preset, logger, apply }: Pick<ChatContext, 'clock' | 'http' | 'preset' | 'logger' | 'apply'>,
  isWanted: () => boolean,
  readList: () => Promise<void>,
) {
  const conversations = new Set<string>();
  let wholeList = false;
  let isBusy = false;

  /** Where a backend has no such route, or does not know the conversation by it, the list tells. */
  async function readOne(conversationId: string): Promise<boolean> {
    const route = preset.routes.conversation;
    const facts = route && (await http.call(route, { conversationId }));
    if (facts) apply(facts, 'sync');
    return Boolean(facts);
  }

  async function read() {
    const ids = [...conversations];
    const asList = wholeList || ids.length > 3;
    const isDue = wholeList || ids.length > 0;
    conversations.clear();
    wholeList = false;
    try {
      const isTold = !isDue || (!asList && (await Promise.all(ids.map(readOne))).every(Boolean));
      if (!isTold) await readList();
    } catch (error) {
      logger.debug('unable to read what a hint was about', error);
    }
    isBusy = false;
    if (wholeList || conversations.size > 0) schedule();
  }

  function schedule() {
    if (isBusy) return;
    isBusy = true;
    clock.schedule(() => void read(), debounceMs);
  }

  return {
    add(conversationId: string | null): void {
      if (!isWanted()) return;
      if (conversationId === null) wholeList = true;
      else conversations.add(conversationId);
      schedule();
    },
    /** Everything is about to be read anyway. */
    clear(): void {
      conversations.clear();
      wholeList = false;
    },
  };
}
