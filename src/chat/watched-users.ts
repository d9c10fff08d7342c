import type { ChatContext } from './chat-context.ts';

/** Follows the users that a view shows, so that a changed picture or name reaches it; forgets those it shows no more. */
export function createWatchedUsers(users: ChatContext['users'], onChange: () => void) {
  const watched = new Map<string, () => void>();

  return {
    follow(userIds: ReadonlySet<string>): void {
      for (const userId of userIds) {
        if (!watched.has(userId)) watched.set(userId, users.watch(userId, onChange));
      }
      for (const [userId, undo] of watched) {
        if (userIds.has(userId)) continue;
        undo();
        watched.delete(userId);
      }
    },
  };
}
