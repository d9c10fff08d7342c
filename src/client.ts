import type { AvatarClient } from './avatar-client.ts';
import type { ConversationsApi } from './chat/conversations.ts';
import type { MessagesApi } from './chat/messages.ts';
import type { PushApi } from './chat/push.ts';
import type { Capabilities } from './chat-models.ts';
import { createChatPart } from './chat-part.ts';
import { createCore } from './core.ts';
import type { ClientOptions } from './options.ts';
import type { RealtimeApi } from './realtime/events.ts';

/** A client of one backend for one signed-in user. */
export interface VisavisClient extends AvatarClient {
  readonly conversations: ConversationsApi;
  readonly messages: MessagesApi;
  readonly push: PushApi;
  readonly realtime: RealtimeApi;
  /** What the backend can do, as far as known; asked when the chat is first used. */
  readonly capabilities: Capabilities;
}

/**
 * Makes a client. Opens nothing and touches no global: the first request goes out with the first call or subscription,
 * the connection with `client.realtime.connect()`.
 *
 * @throws TypeError for options that cannot work.
 * @example
 * const client = createClient({ baseUrl: 'https://api.example.com', userId: 'u1', getToken: () => session.token });
 */
export function createClient(options: ClientOptions): VisavisClient {
  const { client, part } = createCore(options, (core) => createChatPart(core, options));
  return {
    ...client,
    conversations: part.conversations,
    messages: part.messages,
    push: part.push,
    realtime: Object.assign(client.realtime, part.signals),
    get capabilities() {
      return part.capabilities;
    },
  };
}
