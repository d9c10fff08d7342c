import { HttpError } from '../errors.ts';
import { requireId } from '../lib/ids.ts';
import type { Live, UserSnapshot } from '../models.ts';
import type { Directory } from './directory.ts';
import type { Loader } from './loader.ts';

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

export function createUsersApi(loader: Loader, directory: Directory): UsersApi {
  return {
    async get(id, { signal } = {}) {
      const userId = requireId(id);
      signal?.throwIfAborted();
      await loader.read(userId, signal);
      if (loader.status(userId) === 'missing') {
        throw new HttpError('unable to read the profile; there is no such user (HTTP 404)', { status: 404 });
      }
      return directory.snapshot(userId);
    },
    live: (id) => directory.live(requireId(id)),
  };
}
