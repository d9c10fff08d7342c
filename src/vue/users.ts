import { type ComputedRef, computed, type MaybeRefOrGetter, type ShallowRef, toValue } from 'vue';
import type { Avatar, AvatarClient, UserSnapshot } from '../index.ts';
import { useLive } from './live.ts';
import { useClient } from './plugin.ts';

/** A user as known now and from now on. */
export function useUser(userId: MaybeRefOrGetter<string | number>): Readonly<ShallowRef<UserSnapshot>> {
  const { users } = useClient<AvatarClient>();
  return useLive(() => users.live(toValue(userId)));
}

/** The picture to show for a user now; `null` for initials. */
export function useAvatar(userId: MaybeRefOrGetter<string | number>): ComputedRef<Avatar | null> {
  const user = useUser(userId);
  return computed(() => user.value.avatar);
}
