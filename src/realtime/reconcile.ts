import type { Capabilities } from '../chat-models.ts';
import type { Fact } from '../facts.ts';
import type { Origin } from '../models.ts';
import type { ChatPreset } from '../protocol/chat-preset.ts';
import type { Http } from '../transport/http.ts';
import type { Resynced } from './events.ts';

export interface ReconcileSettings {
  readonly http: Http;
  readonly preset: ChatPreset;
  capabilities(): Promise<Capabilities>;
  apply(facts: readonly Fact[], origin: Origin): void;
  /** Whether the app uses the chat; without it only users are repaired. */
  isChatUsed(): boolean;
  /** Reads the list's head and the open conversations again. */
  reloadChat(signal: AbortSignal): Promise<void>;
  /** Reads what is still missing on screen after a sync. */
  repairChat(signal: AbortSignal): Promise<void>;
  /** Reads users on screen again; after a sync those it does not cover. */
  repairUsers(signal: AbortSignal, wasSynced: boolean): Promise<void>;
}

/** After a gap: one request where the backend keeps a change feed, else the list's head and what is on screen. */
export function createReconcile(settings: ReconcileSettings) {
  const { http, preset, apply } = settings;
  /** Where the change feed was left. */
  let cursor: string | null = null;
  /** Whether what is shown may be older than the cursor: until everything was read once after it was given. */
  let isReloadDue = true;

  async function sync(signal: AbortSignal): Promise<void> {
    const route = preset.routes.sync;
    const { sync: isOffered } = await settings.capabilities();
    if (!route || !isOffered) return;
    for (let hasMore = true; hasMore; ) {
      const page = await http.call(route, { since: cursor }, { signal });
      apply(page.facts, 'sync');
      cursor = page.cursor;
      isReloadDue ||= page.isReset;
      hasMore = page.hasMore && !page.isReset;
    }
  }

  return async (signal: AbortSignal): Promise<Resynced['way']> => {
    if (!settings.isChatUsed()) {
      await settings.repairUsers(signal, false);
      return 'refetch';
    }
    await sync(signal);
    const way = isReloadDue ? 'refetch' : 'sync';
    await Promise.all([
      isReloadDue ? settings.reloadChat(signal) : settings.repairChat(signal),
      settings.repairUsers(signal, !isReloadDue),
    ]);
    // Without a feed the next gap needs a reload again.
    isReloadDue = cursor === null;
    return way;
  };
}
