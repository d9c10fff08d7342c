import type { ConversationItem, LiveInbox } from '../chat-models.ts';
import type { WaitOptions } from '../models.ts';

/** Options of {@link ConversationsApi.list}. */
export interface ListConversationsOptions extends WaitOptions {
  /** Only conversations in which the user has this role, where the backend knows roles. */
  readonly role?: string;
  /** From 1. Default 1. */
  readonly page?: number;
  /** Conversations per page. Default 50. */
  readonly limit?: number;
}

/** A page of conversations. */
export interface ConversationList {
  /** Latest activity first. */
  readonly items: readonly ConversationItem[];
  readonly hasMore: boolean;
}

/** The user's conversations. */
export interface ConversationsApi {
  /** Reads a page of the list from the backend. */
  list(options?: ListConversationsOptions): Promise<ConversationList>;
  /**
   * Reads one conversation from the backend.
   *
   * @throws {@link HttpError} `NOT_FOUND` when there is none, or the user is not in it.
   */
  get(conversationId: string | number, options?: WaitOptions): Promise<ConversationItem>;
  /** The list now and from now on; always the same object. Loaded when somebody subscribes. */
  live(): LiveInbox;
}
