import type { AvatarApi } from './avatar/avatar.ts';
import type { Fact } from './facts.ts';
import type { AvatarCapabilities } from './models.ts';
import type { DehydratedState } from './protocol/dehydrated.ts';
import type { ConnectionApi } from './realtime/events.ts';
import type { FactOrigin } from './realtime/hub.ts';
import type { UsersApi } from './users/users.ts';

/** What every client has: people, their pictures, and the connection. */
export interface AvatarClient {
  /** The signed-in user's id. */
  readonly userId: string;
  readonly avatar: AvatarApi;
  readonly users: UsersApi;
  readonly realtime: ConnectionApi;
  /** What the backend can do about pictures. */
  readonly capabilities: AvatarCapabilities;
  /**
   * What is held now, as plain JSON: for the option `hydrate` of another client of the same user, in the page that a
   * server renders. Tokens are not in it; names and messages are.
   */
  dehydrate(): DehydratedState;
  /**
   * Calls `listener` with everything the client learns, before it is taken in: for tools, see `visavis/devtools`.
   *
   * @returns an undo, safe to call twice.
   */
  inspect(listener: Inspector): () => void;
  /**
   * Ends everything in all tabs of this browser that have the same backend and user: what waits to be sent is removed,
   * each emits `signedOut`, and later calls reject with `DISPOSED`. Resolves when nothing is stored any more.
   */
  signOut(): Promise<void>;
  /** Ends everything: connection, uploads, timers, listeners. Later calls reject with `DISPOSED`. Safe to call twice. */
  dispose(): void;
}

/** Hears of facts as they are taken in; `history` are those that are old news. */
export type Inspector = (facts: readonly Fact[], origin: FactOrigin) => void;
