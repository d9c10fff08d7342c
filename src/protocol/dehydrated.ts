import type { InboxSnapshot, ThreadSnapshot } from '../chat-models.ts';
import type { Fact } from '../facts.ts';
import type { UserSnapshot } from '../models.ts';
import { version } from '../version.ts';

/** What a client holds, as plain JSON: for another client of the same user to begin with. */
export interface DehydratedState {
  /** The SDK's version. */
  readonly version: string;
  readonly userId: string;
  readonly facts: readonly Fact[];
  /** How far the reading of users was. */
  readonly users: readonly (readonly [userId: string, status: UserSnapshot['status']])[];
  /** How far the reading of the chat was; `null` without one. */
  readonly chat: {
    readonly inbox: Pick<InboxSnapshot, 'status' | 'hasMore'> & { readonly pages: number };
    readonly threads: readonly (readonly [conversationId: string, status: ThreadSnapshot['status']])[];
  } | null;
}

/** Whether a state that came with a page is of this user, and made by this version: then it is what it must be. */
export function isStateOf(state: DehydratedState, userId: string): boolean {
  return state.version === version && state.userId === userId;
}
