import { createBySocket } from './chat/by-socket.ts';
import { createCapabilities } from './chat/capabilities.ts';
import { createChat } from './chat/chat.ts';
import type { ChatContext } from './chat/chat-context.ts';
import type { ConversationsApi } from './chat/conversations.ts';
import { createDeliver } from './chat/deliver.ts';
import type { MessagesApi } from './chat/messages.ts';
import { createOutbox } from './chat/outbox.ts';
import { createPush, type PushApi } from './chat/push.ts';
import type { Capabilities } from './chat-models.ts';
import { requireId } from './lib/ids.ts';
import { isPageVisible } from './lib/page.ts';
import type { ClientOptions } from './options.ts';
import type { Core, Part } from './part.ts';
import { chat as chatPreset } from './protocol/chat.ts';
import { createChatIntake } from './realtime/chat-intake.ts';
import type { ChatSignalsApi } from './realtime/events.ts';
import { createPresenceTable } from './realtime/presence.ts';
import { createReconcile } from './realtime/reconcile.ts';
import { createRooms } from './realtime/rooms.ts';
import { createTyping } from './realtime/typing.ts';
import { createStorage } from './storage/storage.ts';
import { Conversations } from './store/conversations.ts';

/** The chat of a client, as far as it shows. */
export interface ChatPart extends Part {
  readonly conversations: ConversationsApi;
  readonly messages: MessagesApi;
  readonly push: PushApi;
  readonly signals: ChatSignalsApi;
  readonly capabilities: Capabilities;
}

const sendBackoff = { baseMs: 1_000, maxMs: 30_000 };

/** Puts the chat together around the core of a client. */
export function createChatPart(core: Core, options: ClientOptions): ChatPart {
  const { userId, clock, random, logger, life, http, events, notify, users, connection } = core;
  const wire = options.chat ?? chatPreset;
  const store = new Conversations(userId);
  const presence = createPresenceTable();
  const capabilities = createCapabilities(http, wire, core.capabilities);

  const typing = createTyping({
    clock,
    userId,
    isConnected: () => connection.isOpen,
    send: (conversationId, isTyping) =>
      connection.emit(wire.emits.typing({ conversationId, userId, isTyping })),
    onChange(conversationId, typist, isTyping) {
      chat.touch(conversationId);
      events.emit('typing', { conversationId, userId: typist, isTyping });
    },
  });

  const storage = options.storage ?? createStorage({ clock, logger });
  const outbox = createOutbox({
    ownerId: core.scope,
    storage,
    clock,
    random,
    logger,
    backoff: sendBackoff,
    newId: options.newId ?? (() => crypto.randomUUID()),
    deliver: (item, signal) => delivery.deliver(item, signal),
    upload: (item, signal, onProgress) => delivery.upload(item, signal, onProgress),
    findSent: (...look) => delivery.findSent(...look),
    twinsOf: (item) => delivery.twinsOf(item),
    canRepeat: () => capabilities.current.clientId,
    onChange: (conversationId) => chat.touch(conversationId),
    onDurability: (durability) => events.emit('durabilityChanged', { durability }),
    onStored: core.tabs.tellStored,
  });
  /** One tab sends for all. */
  const sending = core.tabs.seat('outbox', {
    onTaken: () => void outbox.start(),
    async onLeft() {
      await outbox.stop();
      if (!sending.isTaken && !life.aborted) void outbox.start('unshared');
    },
  });

  let isSending = false;
  /** Only once it is known whether a send may be repeated. */
  function startOutbox() {
    if (isSending || life.aborted) return;
    isSending = true;
    void outbox.start('unshared');
    sending.take();
  }

  function goOn() {
    outbox.resume();
    outbox.nudge();
  }

  function prepareSending() {
    capabilities.load().then(startOutbox, () => {
      if (!life.aborted) clock.schedule(prepareSending, sendBackoff.maxMs);
    });
  }

  const context: ChatContext = {
    userId,
    http,
    preset: wire,
    store,
    outbox,
    clock,
    logger,
    notify,
    users,
    typists: typing.users,
    capabilities: capabilities.load,
    bySocket: createBySocket(core, capabilities.load),
    resolveUrl: (url) => core.parseContext().resolveUrl(url),
    apply: core.apply,
    applyHere: core.applyHere,
    join: (conversationId, isWanted) => rooms.set(conversationId, isWanted),
  };
  const chat = createChat({
    context,
    random,
    isVisible: isPageVisible,
    onUse() {
      void outbox.load();
      prepareSending();
      rooms.enter(true);
      connection.repair();
    },
  });
  const delivery = createDeliver(context);

  const rooms = createRooms({
    emits: wire.emits,
    userId,
    clock,
    emit: connection.emit,
    enter: connection.enter,
    leave: connection.leave,
    isOpen: () => connection.isOpen,
    hasHeartbeat: () => capabilities.current.level === 2,
    onSilence: connection.repair,
  });

  const onPresence = (id: string) => users.changed(id, 'presence');
  const intake = createChatIntake({
    userId,
    logger,
    notify,
    events,
    store,
    presence,
    typing,
    onPresence,
    onChanged: (changes, origin) => chat.changed(changes, origin),
    onAnnounced: chat.announced,
    onHint: chat.hint,
    onHeartbeat: rooms.heartbeat,
  });

  /** Whom a change feed tells of. */
  function partners(): Set<string> {
    const ids = new Set([userId]);
    for (const { fields } of store.byActivity()) {
      if (fields.otherUserId !== null) ids.add(fields.otherUserId);
    }
    return ids;
  }

  const reconcile = createReconcile({
    http,
    preset: wire,
    capabilities: capabilities.load,
    apply: core.apply,
    isChatUsed: () => chat.isUsed,
    reloadChat: chat.reload,
    repairChat: chat.repair,
    repairUsers: (signal, wasSynced) => core.repairUsers(signal, wasSynced ? partners() : null),
  });

  return {
    conversations: chat.conversations,
    messages: {
      ...chat.messages,
      async send(id, draft) {
        life.throwIfAborted();
        typing.stop(requireId(id));
        return chat.messages.send(id, draft);
      },
    },
    push: createPush(http, wire.routes),
    signals: {
      keystroke: (id) => typing.keystroke(requireId(id)),
      stopTyping: (id) => typing.stop(requireId(id)),
      setPresence: (own) => connection.emit(wire.emits.presence({ userId, presence: own })),
      joinRoom: (kind, id) => rooms.join(kind, requireId(id)),
    },
    get capabilities() {
      return capabilities.current;
    },

    parsers: wire.events,
    dialect: wire.dialect,
    presenceOf: presence.get,
    apply: intake.apply,
    countMessages: intake.countMessages,
    repair: reconcile,
    onRepaired() {
      if (chat.isUsed) startOutbox();
      goOn();
      chat.flushSeen();
    },
    onOpen() {
      store.detach();
      chat.opened();
      rooms.enter(chat.isUsed);
    },
    onClose() {
      rooms.leave();
      typing.clear();
      store.detach();
      for (const id of presence.expire()) {
        onPresence(id);
        events.emit('presence', { userId: id, presence: 'unknown' });
      }
    },
    onReturn: chat.returned,
    onHide() {
      typing.clear();
      chat.flushSeen();
    },
    onSignedOut: outbox.pause,
    onAccepted: outbox.resume,
    async onStored() {
      if (!chat.isUsed) return;
      await outbox.load();
      if (sending.isTaken) goOn();
    },
    clear: outbox.clear,
    dehydrate: () => ({ facts: store.facts(), chat: chat.progress() }),
    hydrate(progress) {
      if (progress) chat.restore(progress);
    },
    dispose() {
      sending.leave();
      outbox.dispose();
      storage.close();
      typing.clear();
    },
  };
}
