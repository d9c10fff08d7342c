import type { Live, UserSnapshot } from '../models.ts';

/** People, with the picture to show now. */
export interface UsersApi {
  /**
   * Reads a user's profile from the backend.
   *
   * @throws {@link HttpError} `NOT_FOUND` when there is no such user, and as every request does.
   */
  get(
    userId: string | number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<UserSnapshot>;
  /**
   * A user as known now and from now on; the same object for the same id. The profile is read when somebody subscribes.
   *
   * @example
   * const me = client.users.live('u1');
   * const undo = me.subscribe(() => show(me.getSnapshot().avatar?.thumbUrl));
   */
  live(userId: string | number): Live<UserSnapshot>;
}
