import type { ChatFact, HintFact } from '../facts.ts';
import type { Emitter } from '../lib/emitter.ts';
import type { Notify } from '../lib/live.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatChanges, Conversations } from '../store/conversations.ts';
import { createAnnouncer } from './announce.ts';
import type { RealtimeEvents } from './events.ts';
import type { FactOrigin, OtherFact } from './hub.ts';
import type { PresenceTable } from './presence.ts';
import type { Typing } from './typing.ts';

export interface ChatIntakeSettings {
  readonly userId: string;
  readonly logger: Logger;
  readonly notify: Notify;
  readonly events: Emitter<RealtimeEvents>;
  readonly store: Conversations;
  readonly presence: PresenceTable;
  readonly typing: Typing;
  onPresence(userId: string): void;
  onChanged(changes: ChatChanges, origin: FactOrigin): void;
  /** Listeners were told: what follows may change the store again. */
  onAnnounced(changes: ChatChanges): void;
  /** Something changed in a conversation, or (`null`) in the list. */
  onHint(conversationId: string | null, of: HintFact['of']): void;
  onHeartbeat(conversationId: string): void;
}

/** Takes in what the hub hands on: statements about conversations into the store, signals to whom they concern. */
export function createChatIntake(settings: ChatIntakeSettings) {
  const { events, store, presence, typing, logger } = settings;
  const announce = createAnnouncer(events, store, settings.userId, settings.notify);
  let newMessages = 0;

  function applyChat(facts: readonly ChatFact[], origin: FactOrigin) {
    const changes = store.merge(facts);
    if (origin !== 'history') {
      newMessages += changes.added.length;
      for (const { conversationId, senderId } of changes.added)
        typing.receive(conversationId, senderId, false);
    }
    settings.onChanged(changes, origin);
    announce(changes, origin);
    settings.onAnnounced(changes);
  }

  function applySignal(fact: Exclude<OtherFact, ChatFact>) {
    switch (fact.kind) {
      case 'presence':
        if (!presence.merge(fact)) return;
        settings.onPresence(fact.userId);
        events.emit('presence', { userId: fact.userId, presence: fact.presence });
        return;
      case 'typing':
        typing.receive(fact.conversationId, fact.userId, fact.isTyping);
        return;
      case 'hint':
        settings.onHint(fact.conversationId, fact.of);
        return;
      case 'heartbeat':
        settings.onHeartbeat(fact.conversationId);
        return;
      case 'notification': {
        const { kind: _, ...notification } = fact;
        events.emit('notification', notification);
        return;
      }
      case 'refusal':
        // Messages and marks have answers of their own; this is only its echo.
        logger.warn(`the backend refused a ${fact.of}`, fact.reason);
    }
  }

  return {
    apply(facts: readonly OtherFact[], origin: FactOrigin): void {
      const chatFacts = facts.every(isChatFact) ? facts : facts.filter(isChatFact);
      if (chatFacts !== facts) for (const fact of facts) if (!isChatFact(fact)) applySignal(fact);
      if (chatFacts.length > 0) applyChat(chatFacts, origin);
    },
    /** Begins to count messages that are new; the result ends it. */
    countMessages(): () => number {
      const before = newMessages;
      return () => newMessages - before;
    },
  };
}

function isChatFact(fact: OtherFact): fact is ChatFact {
  const { kind } = fact;
  return (
    kind === 'message' ||
    kind === 'page' ||
    kind === 'conversation' ||
    kind === 'activity' ||
    kind === 'read' ||
    kind === 'unread'
  );
}
