import { ResponseError, VisavisError } from '../errors.ts';
import { type ChatFact, type Fact, isUserFact, StampRank, type UserFact } from '../facts.ts';
import { createEmitter, type Emitter } from '../lib/emitter.ts';
import type { Notify } from '../lib/live.ts';
import type { Logger } from '../lib/logger.ts';
import type { Avatar, Origin } from '../models.ts';
import type { EventParser, ParseContext } from '../protocol/preset.ts';
import type { ChatChanges, Conversations } from '../store/conversations.ts';
import type { UserChange, UserRecord, UserTable } from '../store/users.ts';
import { createAnnouncer } from './announce.ts';
import type { RealtimeEvents } from './events.ts';
import type { PresenceTable } from './presence.ts';
import type { Typing } from './typing.ts';

export interface HubSettings {
  readonly userId: string;
  readonly logger: Logger;
  readonly notify: Notify;
  readonly events: Emitter<RealtimeEvents>;
  /** By wire name. */
  readonly parsers: Readonly<Record<string, EventParser>>;
  readonly users: UserTable;
  readonly store: Conversations;
  readonly presence: PresenceTable;
  readonly typing: Typing;
  parseContext(): ParseContext;
  avatarOf(record: UserRecord): Avatar | null;
  onUserChanged(userId: string, field: UserChange['field'] | 'presence'): void;
  onChatChanged(changes: ChatChanges): void;
  /** Listeners were told: what follows may change the store again. */
  onChatAnnounced(changes: ChatChanges): void;
  /** A weaker statement disagrees with what is held. */
  onDoubt(userId: string): void;
  /** Something changed in a conversation, or (`null`) in the list. */
  onHint(conversationId: string | null): void;
  onHeartbeat(conversationId: string): void;
  isWatched(userId: string): boolean;
}

/** A hostile backend must not fill the memory with names. */
const maxUnknown = 100;

/** Where statements come in: merged into the stores, told to listeners and views. There is no other way in. */
export interface Hub {
  /** `history` are messages that are old news: they are shown, but not told. */
  apply(facts: readonly Fact[], origin: Origin | 'history'): void;
  /** A live event, unchecked. Never throws. */
  receive(name: string, payload: unknown): void;
  onRaw(name: string, listener: (payload: unknown) => void): () => void;
  unknownEvents(): Readonly<Record<string, number>>;
  /** Begins to count what is new; the result ends it. */
  count(): () => { messages: number; users: number };
}

export function createHub(settings: HubSettings): Hub {
  const { events, users, store, presence, typing, logger } = settings;
  const announce = createAnnouncer(events, store, settings.userId, settings.notify);
  const raw = createEmitter<Record<string, unknown>>(logger);
  const unknown = new Map<string, number>();
  let newMessages = 0;
  /** Since the count began. */
  let changedUsers = new Set<string>();

  function noteUnknown(name: string) {
    const count = unknown.get(name);
    if (count === undefined && unknown.size >= maxUnknown) return;
    unknown.set(name, (count ?? 0) + 1);
    if (count === undefined) logger.debug(`unknown event "${name}"`);
  }

  function apply(facts: readonly Fact[], origin: Origin | 'history') {
    const userFacts: UserFact[] = [];
    const chatFacts: ChatFact[] = [];
    for (const fact of facts) {
      if (isUserFact(fact)) userFacts.push(fact);
      else if (isChatFact(fact)) chatFacts.push(fact);
      else applyRest(fact);
    }
    if (userFacts.length > 0) applyUsers(userFacts, origin);
    if (chatFacts.length > 0) applyChat(chatFacts, origin);
  }

  function applyUsers(facts: readonly UserFact[], origin: Origin | 'history') {
    const { changes, doubts } = users.merge(facts);
    for (const { userId, field, previous, current } of changes) {
      settings.onUserChanged(userId, field);
      // A first read is no change of the picture, only the end of not knowing it.
      const isNews = origin === 'self' || origin === 'realtime' || previous[field] !== undefined;
      if (!isNews) continue;
      changedUsers.add(userId);
      if (field !== 'avatar') continue;
      events.emit('avatarUpdated', {
        userId,
        avatar: settings.avatarOf(current),
        previous: settings.avatarOf(previous),
        origin: origin === 'history' ? 'sync' : origin,
      });
    }
    for (const userId of doubts) settings.onDoubt(userId);
    if (origin !== 'realtime') return;
    // Nothing but the moment of arrival orders these: let the backend confirm them.
    for (const { stamp, userId } of facts) {
      if (stamp.rank === StampRank.arrival && settings.isWatched(userId)) settings.onDoubt(userId);
    }
  }

  function applyChat(facts: readonly ChatFact[], origin: Origin | 'history') {
    const changes = store.merge(facts);
    if (origin !== 'history') newMessages += changes.added.length;
    if (origin !== 'history') {
      for (const { conversationId, senderId } of changes.added)
        typing.receive(conversationId, senderId, false);
    }
    settings.onChatChanged(changes);
    announce(changes, origin);
    settings.onChatAnnounced(changes);
  }

  function applyRest(fact: Exclude<Fact, UserFact | ChatFact>) {
    switch (fact.kind) {
      case 'presence':
        if (!presence.merge(fact)) return;
        settings.onUserChanged(fact.userId, 'presence');
        events.emit('presence', { userId: fact.userId, presence: fact.presence });
        return;
      case 'typing':
        typing.receive(fact.conversationId, fact.userId, fact.isTyping);
        return;
      case 'hint':
        settings.onHint(fact.conversationId);
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
    apply,
    receive(name, payload) {
      raw.emit(name, payload);
      const parser = Object.hasOwn(settings.parsers, name) ? settings.parsers[name] : undefined;
      if (!parser) return noteUnknown(name.slice(0, 100));
      try {
        apply(parser(payload, settings.parseContext()), 'realtime');
      } catch (error) {
        const typed =
          error instanceof VisavisError
            ? error
            : new ResponseError(`unable to read ${name}; its parser failed`, [], { cause: error });
        events.emit('protocolError', { event: name, error: typed });
      }
    },
    onRaw: raw.on,
    unknownEvents: () => Object.freeze(Object.fromEntries(unknown)),
    count() {
      const before = newMessages;
      changedUsers = new Set();
      return () => ({ messages: newMessages - before, users: changedUsers.size });
    },
  };
}

function isChatFact(fact: Fact): fact is ChatFact {
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
