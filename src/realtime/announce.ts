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
    const conversationIds = [...waiting];
    waiting.clear();
    for (const conversationId of conversationIds) {
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
  }

  return ({ touched, added, reads }: ChatChanges, origin: Origin | 'history'): void => {
    if (origin !== 'history') {
      for (const message of added) {
        // Field by field: copying all but some is six times slower, and this runs with every message.
        events.emit('message', {
          messageId: message.messageId,
          clientId: message.clientId,
          conversationId: message.conversationId,
          seq: message.seq,
          senderId: message.senderId,
          isOwn: message.senderId === ownId,
          text: message.text,
          mediaUrl: message.mediaUrl,
          type: message.type,
          createdAt: message.createdAt,
          isDeleted: message.isDeleted,
          origin,
        });
      }
      for (const { conversationId, userId, seq, messageId } of reads) {
        events.emit('seen', { conversationId, userId, seq, messageId });
      }
    }
    if (touched.length > 0 && waiting.size === 0) notify(announceRows);
    for (const conversationId of touched) waiting.add(conversationId);
  };
}

function stateOf({ fields }: Conversation): string {
  return JSON.stringify([fields.flowState, fields.awaitingRole, fields.chatStatus]);
}
