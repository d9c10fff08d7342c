import type { ChatContext } from './chat-context.ts';

/**
 * Reads the row of one conversation, and tells whether there is one; `undefined` where only the list can tell, as
 * backends may have no route for it.
 */
export type RowReader = (conversationId: string, signal?: AbortSignal) => Promise<boolean | undefined>;

export function createRowReader({
  http,
  preset,
  store,
  apply,
}: Pick<ChatContext, 'http' | 'preset' | 'store' | 'apply'>): RowReader {
  const route = preset.routes.conversation;
  /** Told by its first row, or by its first 404 for a conversation that is there. */
  let hasRoute: boolean | undefined;

  return async (conversationId, signal) => {
    if (!route || hasRoute === false) return undefined;
    const facts = await http.call(route, { conversationId }, { signal });
    if (facts) {
      hasRoute = true;
      apply(facts, 'sync');
      return true;
    }
    if (hasRoute) return false;
    if (store.isListed(conversationId)) hasRoute = false;
    return undefined;
  };
}
