import { type AvatarApi, createAvatarApi } from './avatar/avatar.ts';
import { createImageEncoder } from './avatar/encoder.ts';
import { createCapabilities } from './chat/capabilities.ts';
import { createChat } from './chat/chat.ts';
import type { ChatContext } from './chat/chat-context.ts';
import type { ConversationsApi } from './chat/conversations.ts';
import { createDeliver } from './chat/deliver.ts';
import type { MessagesApi } from './chat/messages.ts';
import { createOutbox } from './chat/outbox.ts';
import { createPush, type PushApi } from './chat/push.ts';
import type { Capabilities } from './chat-models.ts';
import { isPageVisible, watchPage } from './dom/page.ts';
import { HttpError, VisavisError } from './errors.ts';
import { isLoopback, isSafePictureUrl } from './lib/avatar-url.ts';
import { createBatch } from './lib/batch.ts';
import { arrivals, systemClock } from './lib/clock.ts';
import { createEmitter } from './lib/emitter.ts';
import { requireId } from './lib/ids.ts';
import type { Notify } from './lib/live.ts';
import { silentLogger } from './lib/logger.ts';
import { type ClientOptions, resolveBaseUrl } from './options.ts';
import { chat as chatPreset } from './protocol/chat.ts';
import { presigned } from './protocol/presigned.ts';
import { createConnection } from './realtime/connection.ts';
import type { RealtimeApi, RealtimeEvents } from './realtime/events.ts';
import { createHub } from './realtime/hub.ts';
import { createPresenceTable } from './realtime/presence.ts';
import { createReconcile } from './realtime/reconcile.ts';
import { createRooms } from './realtime/rooms.ts';
import { createTyping } from './realtime/typing.ts';
import { createStorage } from './storage/storage.ts';
import { Conversations } from './store/conversations.ts';
import { createUserTable } from './store/users.ts';
import { createAuth } from './transport/auth.ts';
import { createHttp } from './transport/http.ts';
import { putFile } from './transport/put.ts';
import { socketIo } from './transport/socket.ts';
import { confirmedAvatar, createDirectory } from './users/directory.ts';
import { createLoader } from './users/loader.ts';
import { preloadPicture } from './users/preload.ts';
import type { UsersApi } from './users/users.ts';

/** A client of one backend for one signed-in user. */
export interface VisavisClient {
  /** The signed-in user's id. */
  readonly userId: string;
  readonly avatar: AvatarApi;
  readonly users: UsersApi;
  readonly conversations: ConversationsApi;
  readonly messages: MessagesApi;
  readonly push: PushApi;
  readonly realtime: RealtimeApi;
  /** What the backend can do, as far as known; asked when the chat is first used. */
  readonly capabilities: Capabilities;
  /** Ends everything: connection, uploads, timers, listeners. Later calls reject with `DISPOSED`. Safe to call twice. */
  dispose(): void;
}

/** Many clients that lost the same server come back spread over the first of these. */
const reconnectBackoff = { baseMs: 5_000, maxMs: 30_000 };
/** Milliseconds over which users whom no change feed covers are read again. */
const othersSpreadMs = { from: 2_000, to: 7_000 };
const sendBackoff = { baseMs: 1_000, maxMs: 30_000 };

/**
 * Makes a client. Opens nothing and touches no global: the first request goes out with the first call or subscription,
 * the connection with `client.realtime.connect()`.
 *
 * @throws TypeError for options that cannot work.
 * @example
 * const client = createClient({ baseUrl: 'https://api.example.com', userId: 'u1', getToken: () => session.token });
 */
export function createClient(options: ClientOptions): VisavisClient {
  const baseUrl = resolveBaseUrl(options.baseUrl);
  const userId = requireId(options.userId);
  const { preset = presigned, clock = systemClock, random = Math.random, logger = silentLogger } = options;
  const wire = options.chat ?? chatPreset;
  const { protocol, hostname } = new URL(baseUrl);
  const insecure = protocol === 'http:' && !isLoopback(hostname);
  const life = new AbortController();
  const arrival = arrivals(clock);
  const context = {
    userId,
    resolveUrl: (url: string) => (URL.canParse(url) ? url : new URL(url, `${baseUrl}/`).href),
    isSafeUrl: (url: string) => isSafePictureUrl(url, { insecure }),
  };
  const parseContext = () => ({ ...context, at: arrival() });

  const events = createEmitter<RealtimeEvents>(logger);
  const batch = createBatch<() => void>(clock, (callbacks) => {
    for (const callback of callbacks) callback();
  });
  const notify: Notify = (callback) => batch(callback);
  const onSignedOut = () => {
    outbox.pause();
    events.emit('signedOut', { reason: 'unauthorized' });
  };
  const auth = createAuth(options.getToken ?? (() => null));
  const http = createHttp({
    baseUrl,
    auth,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    clock,
    random,
    logger,
    arrival,
    context,
    isExpiredToken: preset.isExpiredToken,
    headers: options.headers ?? {},
    credentials: options.credentials ?? 'same-origin',
    timeoutMs: options.timeoutMs ?? 15_000,
    retries: 2,
    life: life.signal,
    onSignedOut,
  });

  const users = createUserTable();
  const store = new Conversations(userId);
  const presence = createPresenceTable();
  const capabilities = createCapabilities(http, wire);

  const loader = createLoader({
    clock,
    random,
    read: (id, signal) => http.call(preset.routes.profile, { userId: id }, { signal }),
    onFacts: (facts) => hub.apply(facts, 'sync'),
    onStatus: (id) => directory.changed(id, 'status'),
    isWatched: (id) => directory.isWatched(id),
  });
  const directory = createDirectory({
    table: users,
    clock,
    logger,
    insecure,
    preload: options.preload ?? preloadPicture,
    status: loader.status,
    presence: presence.get,
    onWatch: loader.ensure,
  });

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
    ownerId: userId,
    storage,
    clock,
    random,
    logger,
    backoff: sendBackoff,
    newId: options.newId ?? (() => crypto.randomUUID()),
    deliver: (item, signal) => delivery.deliver(item, signal),
    findSent: (item, signal) => delivery.findSent(item, signal),
    canRepeat: () => capabilities.current.clientId,
    onChange: (conversationId) => chat.touch(conversationId),
    onDurability: (durability) => events.emit('durabilityChanged', { durability }),
  });

  let isSending = false;
  /** Only once it is known whether a send may be repeated. */
  function startOutbox() {
    if (isSending || life.signal.aborted) return;
    isSending = true;
    void outbox.start();
  }

  function prepareSending() {
    capabilities.load().then(startOutbox, () => {
      if (!life.signal.aborted) clock.schedule(prepareSending, sendBackoff.maxMs);
    });
  }

  const chatContext: ChatContext = {
    userId,
    http,
    preset: wire,
    store,
    outbox,
    clock,
    logger,
    notify,
    users: directory,
    typists: typing.users,
    capabilities: capabilities.load,
    apply: (facts, origin) => hub.apply(facts, origin),
    join: (conversationId, isWanted) => rooms.set(conversationId, isWanted),
  };
  const chat = createChat({
    context: chatContext,
    random,
    isVisible: isPageVisible,
    onUse() {
      void outbox.load();
      prepareSending();
      rooms.enter(true);
      connection.repair();
    },
  });
  const delivery = createDeliver(chatContext, {
    request: (event, timeoutMs) => connection.request(event, timeoutMs),
    isConnected: () => connection.isOpen,
    parseContext,
  });

  const hub = createHub({
    userId,
    logger,
    notify,
    events,
    parsers: { ...preset.events, ...wire.events },
    parseContext,
    avatarOf: (record) => confirmedAvatar(record, insecure),
    users,
    store,
    presence,
    typing,
    onUserChanged: directory.changed,
    onChatChanged: (changes) => chat.changed(changes),
    onChatAnnounced: (changes) => chat.announced(changes),
    onDoubt: loader.doubt,
    onHint: (conversationId) => chat.hint(conversationId),
    onHeartbeat: (conversationId) => rooms.heartbeat(conversationId),
    isWatched: directory.isWatched,
  });

  const reconcile = createReconcile({
    http,
    preset: wire,
    capabilities: capabilities.load,
    apply: hub.apply,
    isChatUsed: () => chat.isUsed,
    reloadChat: chat.reload,
    repairChat: chat.repair,
    repairUsers,
  });

  /**
   * What is on screen is read again, the rest when it is next looked at. A change feed covers who one talks with; after it
   * the others can wait, so that many clients that come back at once do not ask at once.
   */
  async function repairUsers(signal: AbortSignal, wasSynced: boolean) {
    if (!wasSynced) loader.expire();
    const partners = new Set([userId]);
    if (wasSynced) {
      for (const { fields } of store.byActivity()) {
        if (fields.otherUserId !== null) partners.add(fields.otherUserId);
      }
    }
    const [urgent, others] = [[] as string[], [] as string[]];
    for (const id of loader.watched()) {
      if (!wasSynced || loader.status(id) !== 'ready') urgent.push(id);
      else if (!partners.has(id)) others.push(id);
    }
    for (const id of others) loader.refreshWithin(id, othersSpreadMs);
    await Promise.all(
      urgent.map((id) =>
        loader.read(id, signal).catch((error: unknown) => {
          if (!(error instanceof VisavisError) || error.retryable) throw error;
        }),
      ),
    );
  }

  const connection = createConnection({
    socket:
      typeof options.socket === 'function'
        ? options.socket
        : socketIo(new URL(baseUrl).origin, options.socket ?? {}),
    auth,
    clock,
    random,
    logger,
    backoff: reconnectBackoff,
    async repair(signal) {
      const counting = hub.count();
      const { way } = await reconcile(signal);
      events.emit('resynced', { way, ...counting() });
      if (chat.isUsed) startOutbox();
      outbox.resume();
      outbox.nudge();
      chat.flushSeen();
    },
    onOpen() {
      store.detach();
      rooms.enter(chat.isUsed);
    },
    onClose() {
      rooms.leave();
      typing.clear();
      store.detach();
      for (const id of presence.expire()) {
        directory.changed(id, 'presence');
        events.emit('presence', { userId: id, presence: 'unknown' });
      }
    },
    onEvent: hub.receive,
    onStatus: (status, previous, reason) => events.emit('statusChanged', { status, previous, reason }),
    onSignedOut,
  });
  const rooms = createRooms({
    emits: wire.emits,
    userId,
    clock,
    emit: connection.emit,
    isOpen: () => connection.isOpen,
    hasHeartbeat: () => capabilities.current.level === 2,
    onSilence: connection.repair,
  });
  let unwatchPage = () => {};

  const avatar = createAvatarApi({
    userId,
    http,
    routes: preset.routes,
    encoder: options.imageEncoder ?? createImageEncoder(options.pictures ?? {}),
    putFile: options.putFile ?? putFile,
    clock,
    random,
    logger,
    stallMs: options.stallMs ?? 20_000,
    insecure,
    life: life.signal,
    preview: (picture, onGone) => directory.preview(userId, picture, onGone),
    publish(fact) {
      hub.apply([fact], 'self');
      return confirmedAvatar({ avatar: fact, changedAt: fact.changedAt ?? null }, insecure);
    },
    confirmed: () => confirmedAvatar(users.get(userId), insecure),
    reread: () => loader.read(userId),
  });

  return {
    userId,
    avatar,
    conversations: chat.conversations,
    messages: {
      ...chat.messages,
      async send(id, draft) {
        life.signal.throwIfAborted();
        typing.stop(requireId(id));
        return chat.messages.send(id, draft);
      },
    },
    push: createPush(http, wire.routes),
    get capabilities() {
      return capabilities.current;
    },
    users: {
      async get(id, { signal } = {}) {
        const key = requireId(id);
        signal?.throwIfAborted();
        await loader.read(key, signal);
        if (loader.status(key) === 'missing') {
          throw new HttpError('unable to read the profile; there is no such user (HTTP 404)', {
            status: 404,
          });
        }
        return directory.snapshot(key);
      },
      live: (id) => directory.live(requireId(id)),
    },
    realtime: {
      get status() {
        return connection.status;
      },
      connect() {
        life.signal.throwIfAborted();
        unwatchPage();
        unwatchPage = watchPage({
          onReturn() {
            if (isPageVisible()) chat.returned();
            connection.hurry();
          },
          onHide() {
            typing.clear();
            chat.flushSeen();
          },
        });
        connection.connect();
      },
      disconnect() {
        unwatchPage();
        connection.disconnect();
      },
      keystroke: (id) => typing.keystroke(requireId(id)),
      stopTyping: (id) => typing.stop(requireId(id)),
      setPresence: (own) => connection.emit(wire.emits.presence({ userId, presence: own })),
      joinRoom: (kind, id) => rooms.join(kind, requireId(id)),
      get unknownEvents() {
        return hub.unknownEvents();
      },
      onRaw: hub.onRaw,
      on: events.on,
      once: events.once,
    },
    dispose() {
      if (life.signal.aborted) return;
      life.abort(new VisavisError('DISPOSED', 'unable to go on; the client is disposed'));
      unwatchPage();
      connection.disconnect();
      outbox.dispose();
      storage.close();
      avatar.dispose();
      loader.dispose();
      typing.clear();
      events.clear();
    },
  };
}
