import { HttpError } from '../errors.ts';
import type { UserFact } from '../facts.ts';
import { requireId } from '../lib/ids.ts';
import type { Avatar, Live, UserSnapshot } from '../models.ts';
import type { ParseContext } from '../protocol/route.ts';
import { recordOf, type ShownRecord, type UserTable } from '../store/users.ts';
import type { Directory } from './directory.ts';
import type { Loader } from './loader.ts';
import { statementFacts, type UserStatement } from './statement.ts';

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
  /**
   * Shows everywhere what the app knows of a user by its own means: an upload of its own, an event of another library.
   *
   * Taken in like a live event without a version: what the backend says more exactly stays, and it is asked what holds.
   *
   * @returns the picture to show now; `null` for none.
   * @throws TypeError for a picture whose address is not safe to show; nothing changes.
   * @example
   * image.src = client.users.update(7, { pictureUrl: answer.url })?.url ?? fallback;
   */
  update(userId: string | number, statement: UserStatement): Avatar | null;
}

export interface UsersSettings {
  readonly loader: Loader;
  readonly directory: Directory;
  readonly table: UserTable;
  parseContext(): ParseContext;
  avatarOf(record: ShownRecord | undefined): Avatar | null;
  /** Takes in statements as a live event would bring them. */
  take(facts: readonly UserFact[]): void;
}

export function createUsersApi(settings: UsersSettings): UsersApi {
  const { loader, directory, table, avatarOf } = settings;
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
    update(id, statement) {
      const userId = requireId(id);
      const before = table.get(userId)?.avatar?.picture;
      const facts = statementFacts(userId, statement, before, settings.parseContext());
      settings.take(facts);
      const held = table.get(userId);
      const stated = facts.find((fact) => fact.kind === 'avatar');
      const isHeld = !stated || stated.picture?.url === held?.avatar?.picture?.url;
      return avatarOf(isHeld ? held : recordOf(stated));
    },
  };
}
