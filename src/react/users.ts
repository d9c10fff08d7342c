import type { Avatar, UserSnapshot } from '../index.ts';
import { useClient } from './context.ts';
import { useLive, whole } from './live.ts';

/** A user as known now and from now on. */
export function useUser(userId: string | number): UserSnapshot {
  return useLive(useClient().users.live(userId), whole);
}

/** The picture to show for a user now; `null` for initials. Rendered again only when the picture changes. */
export function useAvatar(userId: string | number): Avatar | null {
  return useLive(useClient().users.live(userId), ({ avatar }) => avatar);
}
