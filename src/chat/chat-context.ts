import type { Capabilities } from '../chat-models.ts';
import type { Fact } from '../facts.ts';
import type { Clock } from '../lib/clock.ts';
import type { Notify } from '../lib/live.ts';
import type { Logger } from '../lib/logger.ts';
import type { Origin, UserSnapshot } from '../models.ts';
import type { ChatPreset } from '../protocol/chat-preset.ts';
import type { Conversations } from '../store/conversations.ts';
import type { Http } from '../transport/http.ts';
import type { BySocket } from './by-socket.ts';
import type { Outbox } from './outbox.ts';

/** What the parts of the chat share. Made once, in the composition root. */
export interface ChatContext {
  readonly userId: string;
  readonly http: Http;
  readonly preset: ChatPreset;
  readonly store: Conversations;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notify: Notify;
  readonly users: {
    snapshot(userId: string): UserSnapshot;
    watch(userId: string, listener: () => void): () => void;
  };
  typists(conversationId: string): readonly string[];
  capabilities(): Promise<Capabilities>;
  readonly bySocket: BySocket;
  /** An absolute address, of one that may be relative to the backend. Throws a `TypeError` for what is none. */
  resolveUrl(url: string): string;
  /** The one door into the store. */
  apply(facts: readonly Fact[], origin: Origin | 'history'): void;
  /** The same for what only this tab can see to: if it goes, nobody tells the backend. */
  applyHere(facts: readonly Fact[], origin: Origin | 'history'): void;
  /** Enters or leaves the conversation's room on the backend, now and after every connect. */
  join(conversationId: string, isWanted: boolean): void;
}
