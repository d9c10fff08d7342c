import type { LiveInbox, LiveThread } from '../../src/chat-models.ts';
import type { VisavisClient } from '../../src/client.ts';

/** The chat half of the client, as far as the simulation uses it. */
export interface ChatClient {
  readonly conversations: { live(): LiveInbox };
  readonly messages: {
    live(conversationId: string): LiveThread;
    send(conversationId: string, draft: { text: string }): unknown;
    markSeen(conversationId: string): unknown;
    retry(clientId: string): unknown;
    discard(clientId: string): unknown;
    delete(messageId: string): Promise<unknown>;
  };
  readonly realtime: VisavisClient['realtime'] & {
    keystroke(conversationId: string): void;
    stopTyping(conversationId: string): void;
  };
}

/** `null` for a client without a chat. */
export function chatOf(client: VisavisClient): ChatClient | null {
  // The shapes are checked by the compiler where the client is made; here only whether they are there.
  return 'messages' in client ? (client as unknown as ChatClient) : null;
}
