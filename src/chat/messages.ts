import type { LiveThread, MessageItem } from '../chat-models.ts';
import type { WaitOptions } from '../models.ts';

/** What to send: a text, media, or both. */
export interface MessageDraft {
  /** Trimmed; at most 1,000 UTF-16 code units by default. */
  readonly text?: string;
  /** Address of media that is put up already. */
  readonly mediaUrl?: string;
  /** A file to put up first, where the backend takes files (`capabilities.mediaUpload`). Stored until then, like the message. */
  readonly media?: Blob;
  /** Who it is for, where the conversation does not tell. */
  readonly receiverId?: string | number;
}

/** Options of {@link MessagesApi.list}. */
export interface ListMessagesOptions extends WaitOptions {
  /** From 1, the newest page. Default 1. */
  readonly page?: number;
  /** Messages per page, at most 200. Default 50. */
  readonly limit?: number;
}

/** Messages of conversations. */
export interface MessagesApi {
  /**
   * Sends a message: shown at once, stored before the first try, sent until the backend has it, existing exactly once.
   *
   * @returns the message as it is shown, once it is stored on this device.
   * @throws {@link VisavisError} `TOO_LARGE` when it can never be sent, or the outbox is full; nothing was kept then.
   * @throws {@link VisavisError} `UNSUPPORTED` for a file when the preset has no way to put it up.
   * @throws TypeError without a text or media.
   * @example
   * await client.messages.send('c1', { text: 'hi' });
   */
  send(conversationId: string | number, draft: MessageDraft): Promise<MessageItem>;
  /** Reads a page of messages, oldest first. */
  list(conversationId: string | number, options?: ListMessagesOptions): Promise<readonly MessageItem[]>;
  /** A conversation's messages now and from now on; the same object for the same id. Loaded when somebody subscribes. */
  live(conversationId: string | number): LiveThread;
  /** Marks everything in the conversation as seen: here at once, on the backend in batches. */
  markSeen(conversationId: string | number): void;
  /**
   * Marks as seen, and goes on doing so as messages come in, while the page is visible. For the conversation that is
   * open: its badge does not blink.
   *
   * @returns an undo, safe to call twice.
   */
  keepSeen(conversationId: string | number): () => void;
  /** Sends a failed or uncertain message again; `false` when there is none with this client id. */
  retry(clientId: string): boolean;
  /** Drops a message that was not sent; `false` when there is none with this client id. */
  discard(clientId: string): boolean;
  /**
   * Deletes an own message for everyone; it stays as an empty one.
   *
   * @throws a `VisavisError` with `UNSUPPORTED` when the backend cannot, see `client.capabilities.deleteMessage`.
   */
  delete(messageId: string, options?: WaitOptions): Promise<void>;
}
