import { chat } from '../protocol/chat.ts';
import type { ChatPreset } from '../protocol/chat-preset.ts';
import { chatV2Answers, chatV2Commands, chatV2Events, joinConversation } from '../protocol/chat-v2.ts';
import { answeredByEvents } from '../transport/answered-by-events.ts';
import { definePreset } from './define-preset.ts';

/**
 * The later generation of {@link chat}: connections sign in by `authenticate`, messages and marks go by `chat:*` events
 * that are answered by events. Typing, presence, states and the routes are those of the first.
 */
export const chatV2: ChatPreset = /* @__PURE__ */ definePreset({
  extends: chat,
  name: 'chatV2',
  capabilities: { acks: true },
  events: chatV2Events,
  emits: { joinConversation },
  commands: chatV2Commands,
  dialect: /* @__PURE__ */ answeredByEvents(chatV2Answers),
});
