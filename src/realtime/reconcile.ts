import type { Capabilities } from '../chat-models.ts';
import type { Fact } from '../facts.ts';
import type { Origin } from '../models.ts';
import type { ChatPreset } from '../protocol/chat-preset.ts';
import type { Http } from '../transport/http.ts';

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

/** What a repair did. */
export interface Repair {
  readonly way: 'sync' | 'refetch';
}

/** After a gap: one request where the backend keeps a change feed, else the list's head and what is on screen. */
export function createReconcile(settings: ReconcileSettings) {
  const { http, preset, apply } = settings;
  /** Where the change feed was left. What was read before it was first known is read again, so that nothing falls between. */
  let cursor: string | null = null;

  async function sync(signal: AbortSignal): Promise<boolean> {
    const route = preset.routes.sync;
    const { sync: isOffered } = await settings.capabilities();
    if (!route || !isOffered) return false;
    const isFirst = cursor === null;
    for (let hasMore = true; hasMore; ) {
      const page = await http.call(route, { since: cursor }, { signal });
      apply(page.facts, 'sync');
      cursor = page.cursor;
      if (page.isReset) return false;
      hasMore = page.hasMore;
    }
    return !isFirst;
  }

  return async (signal: AbortSignal): Promise<Repair> => {
    if (!settings.isChatUsed()) {
      await settings.repairUsers(signal, false);
      return { way: 'refetch' };
    }
    const wasSynced = await sync(signal);
    await Promise.all([
      wasSynced ? settings.repairChat(signal) : settings.reloadChat(signal),
      settings.repairUsers(signal, wasSynced),
    ]);
    return { way: wasSynced ? 'sync' : 'refetch' };
  };
}
