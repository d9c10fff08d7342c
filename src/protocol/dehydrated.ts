import * as z from 'zod/mini';
import type { InboxSnapshot } from '../chat-models.ts';
import type { Fact } from '../facts.ts';
import type { UserSnapshot } from '../models.ts';
import { version } from '../version.ts';
import { heldFacts } from './fact-schemas.ts';
import { count, id } from './schemas.ts';

/** How far reading something was. */
interface ReadProgress {
  readonly id: string;
  readonly status: UserSnapshot['status'];
}

/** How far reading the chat was. */
export interface ChatProgress {
  readonly inbox: Pick<InboxSnapshot, 'status' | 'hasMore'> & { readonly pages: number };
  readonly threads: readonly ReadProgress[];
}

/** What a client holds, as plain JSON: for another client of the same user to begin with. */
export interface DehydratedState {
  /** The SDK's version. */
  readonly version: string;
  readonly userId: string;
  readonly facts: readonly Fact[];
  /** How far reading users was. */
  readonly users: readonly ReadProgress[];
  /** How far reading the chat was; `null` without one. */
  readonly chat: ChatProgress | null;
}

const status = z.literal(['idle', 'loading', 'ready', 'missing', 'failed']);
const listStatus = z.literal(['idle', 'loading', 'ready', 'failed']);
const reads = z.array(z.object({ id, status }));

const schema: z.ZodMiniType<DehydratedState> = z.object({
  version: z.string(),
  userId: id,
  facts: z.array(z.union(heldFacts)),
  users: reads,
  chat: z.nullable(
    z.object({
      inbox: z.object({ status: listStatus, pages: count, hasMore: z.boolean() }),
      threads: reads,
    }),
  ),
});

/** A state that came with a page; `null` when it is of another user or another version, or not what it must be. */
export function readState(
  state: unknown,
  userId: string,
  isSafeUrl: (url: string) => boolean,
): DehydratedState | null {
  const { data } = schema.safeParse(state);
  if (data?.version !== version || data.userId !== userId) return null;
  const media = data.facts.flatMap((fact) => (fact.kind === 'message' && fact.mediaUrl) || []);
  return media.every(isSafeUrl) ? data : null;
}
