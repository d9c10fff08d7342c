import type { Change } from './records.ts';

export interface SyncPage {
  readonly changes: readonly Change[];
  readonly cursor: string;
  readonly hasMore: boolean;
  readonly reset: boolean;
}

/** What changed for each user, in order; the oldest are forgotten. */
export interface SyncLog {
  add(userIds: Iterable<string>, change: Change): void;
  read(userId: string, since: string | null, limit: number): SyncPage;
}

export function createSyncLog(keep: number): SyncLog {
  const logs = new Map<string, { first: number; readonly changes: Change[] }>();

  function logOf(userId: string) {
    const log = logs.get(userId) ?? { first: 0, changes: [] };
    logs.set(userId, log);
    return log;
  }

  return {
    add(userIds, change) {
      for (const userId of userIds) {
        const log = logOf(userId);
        log.changes.push(change);
        if (log.changes.length <= keep) continue;
        log.changes.shift();
        log.first += 1;
      }
    },
    read(userId, since, limit) {
      const { first, changes } = logOf(userId);
      const end = first + changes.length;
      const now = { changes: [], cursor: `c${end}`, hasMore: false };
      if (since === null) return { ...now, reset: false };
      const from = /^c\d+$/.test(since) ? Number(since.slice(1)) : -1;
      if (from < first || from > end) return { ...now, reset: true };
      const page = changes.slice(from - first, from - first + limit);
      const cursor = from + page.length;
      return { changes: page, cursor: `c${cursor}`, hasMore: cursor < end, reset: false };
    },
  };
}
