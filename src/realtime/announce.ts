import type { Emitter } from '../lib/emitter.ts';
import type { Notify } from '../lib/live.ts';
import type { Origin } from '../models.ts';
import type { Conversation } from '../store/conversation.ts';
import type { ChatChanges, Conversations } from '../store/conversations.ts';
import type { RealtimeEvents } from './events.ts';

interface Announced {
  readonly unread: number;
  readonly state: string;
}

/** Tells listeners what changed in the chat: messages and marks at once, counts and states once per frame. */
export function createAnnouncer(
  events: Emitter<RealtimeEvents>,
  store: Conversations,
  ownId: string,
  notify: Notify,
) {
  const announced = new Map<string, Announced>();
  const waiting = new Set<string>();

  function announceRows() {
    for (const conversationId of waiting) {
      const conversation = store.get(conversationId);
      if (!conversation) continue;
      const before = announced.get(conversationId);
      const now = { unread: conversation.unread, state: stateOf(conversation) };
      announced.set(conversationId, now);
      if ((before?.unread ?? 0) !== now.unread) {
        const { totalUnread } = store;
        events.emit('unread', {
          conversationId,
          unread: now.unread,
          previous: before?.unread ?? 0,
          totalUnread,
        });
      }
      if (before && before.state !== now.state) {
        const { flowState, awaitingRole, chatStatus } = conversation.fields;
        events.emit('conversationState', { conversationId, flowState, awaitingRole, chatStatus });
      }
      events.emit('conversationUpdated', { conversationId });
    }
    waiting.clear();
  }

  return ({ touched, added, reads }: ChatChanges, origin: Origin | 'history'): void => {
    if (origin !== 'history') {
      for (const { kind: _, isSeen: __, ...message } of added) {
        events.emit('message', { ...message, isOwn: message.senderId === ownId, origin });
      }
      for (const { conversationId, userId, seq, messageId } of reads) {
        events.emit('seen', { conversationId, userId, seq, messageId });
      }
    }
    for (const conversationId of touched) waiting.add(conversationId);
    if (touched.size > 0) notify(announceRows);
  };
}

function stateOf({ fields }: Conversation): string {
  return JSON.stringify([fields.flowState, fields.awaitingRole, fields.chatStatus]);
}
