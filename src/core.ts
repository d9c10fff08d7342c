import { type AvatarApi, createAvatarApi } from './avatar/avatar.ts';
import { createImageEncoder } from './avatar/encoder.ts';
import { VisavisError } from './errors.ts';
import { type Fact, isUserFact, StampRank } from './facts.ts';
import { isLoopback, isSafePictureUrl } from './lib/avatar-url.ts';
import { createBatch } from './lib/batch.ts';
import { arrivals, type Clock, systemClock } from './lib/clock.ts';
import { createEmitter, type Emitter, guard } from './lib/emitter.ts';
import { requireId } from './lib/ids.ts';
import type { Notify } from './lib/live.ts';
import { type Logger, silentLogger } from './lib/logger.ts';
import { isPageVisible, watchPage } from './lib/page.ts';
import type { AvatarCapabilities } from './models.ts';
import { type AvatarClientOptions, resolveBaseUrl } from './options.ts';
import type { AnyPreset } from './presets/preset.ts';
import { presigned } from './presets/presigned.ts';
import { type DehydratedState, readState } from './protocol/dehydrated.ts';
import type { EventParser, ParseContext } from './protocol/route.ts';
import { type Connection, createConnection } from './realtime/connection.ts';
import type { ConnectionApi, RealtimeEvents, Resynced } from './realtime/events.ts';
import { createHub, type FactOrigin, type OtherFact } from './realtime/hub.ts';
import { createUserTable, recordOf, type ShownRecord } from './store/users.ts';
import { browserTabs } from './tabs/ports.ts';
import { createTabs, type Tabs } from './tabs/tabs.ts';
import { createAuth, type GetToken } from './transport/auth.ts';
import { createHttp, type Http } from './transport/http.ts';
import { createLink } from './transport/link.ts';
import { putFile } from './transport/put.ts';
import { socketIo } from './transport/socket.ts';
import { confirmedAvatar, createDirectory, type Directory } from './users/directory.ts';
import { createLoader } from './users/loader.ts';
import { preloadPicture } from './users/preload.ts';
import { repairUsers } from './users/repair.ts';
import { createUsersApi, type UsersApi } from './users/users.ts';
import { version } from './version.ts';

/** What every client has: people, their pictures, and the connection. */
export interface AvatarClient {
  /** The signed-in user's id. */
  readonly userId: string;
  readonly avatar: AvatarApi;
  readonly users: UsersApi;
  readonly realtime: ConnectionApi;
  /** What the backend can do about pictures. */
  readonly capabilities: AvatarCapabilities;
  /**
   * What is held now, as plain JSON: for the option `hydrate` of another client of the same user, in the page that a
   * server renders. Tokens are not in it; names and messages are.
   */
  dehydrate(): DehydratedState;
  /**
   * Calls `listener` with everything the client learns, before it is taken in: for tools, see `visavis/devtools`.
   *
   * @returns an undo, safe to call twice.
   */
  inspect(listener: Inspector): () => void;
  /**
   * Ends everything in all tabs of this browser that have the same backend and user: what waits to be sent is removed,
   * each emits `signedOut`, and later calls reject with `DISPOSED`. Resolves when nothing is stored any more.
   */
  signOut(): Promise<void>;
  /** Ends everything: connection, uploads, timers, listeners. Later calls reject with `DISPOSED`. Safe to call twice. */
  dispose(): void;
}

/** Hears of facts as they are taken in; `history` are those that are old news. */
export type Inspector = (facts: readonly Fact[], origin: FactOrigin) => void;

/** What a further part of the client builds on. Nothing of it may be used before {@link createCore} is done. */
export interface Core {
  readonly userId: string;
  /** The backend and the user, in one word. */
  readonly scope: string;
  readonly tabs: Pick<Tabs, 'seat' | 'tellStored'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Ends with the client. */
  readonly life: AbortSignal;
  readonly http: Http;
  readonly events: Emitter<RealtimeEvents>;
  readonly notify: Notify;
  readonly users: Directory;
  readonly capabilities: AvatarCapabilities;
  readonly connection: Omit<Connection, 'status' | 'connect' | 'disconnect' | 'hurry'>;
  parseContext(): ParseContext;
  /** The one door into the stores. */
  apply(facts: readonly Fact[], origin: FactOrigin): void;
  /** The same for what only this tab can see to: if it goes, nobody tells the backend. */
  applyHere(facts: readonly Fact[], origin: FactOrigin): void;
  /** Reads users on screen again; those of `synced` are up to date. */
  repairUsers(signal: AbortSignal, synced: ReadonlySet<string> | null): Promise<void>;
}

/** A further part of the client: what it hears of. */
export interface Part {
  /** Live events by their wire name. */
  readonly parsers: Readonly<Record<string, EventParser>>;
  presenceOf: Parameters<typeof createDirectory>[0]['presence'];
  apply(facts: readonly OtherFact[], origin: FactOrigin): void;
  countMessages(): () => number;
  repair(signal: AbortSignal): Promise<Resynced['way']>;
  onRepaired(): void;
  onOpen(): void;
  onClose(): void;
  onReturn(): void;
  onHide(): void;
  onSignedOut(): void;
  /** Another tab changed what is stored. */
  onStored(): void;
  /** Removes what is stored of this user. */
  clear(): Promise<void>;
  dehydrate(): Pick<DehydratedState, 'facts' | 'chat'>;
  /** Its facts are in the stores already. */
  hydrate(chat: DehydratedState['chat']): void;
  dispose(): void;
}

/** Many clients that lost the same server come back spread over the first of these. */
const reconnectBackoff = { baseMs: 5_000, maxMs: 30_000 };

/** Puts together what every client has, around one further part. Opens nothing. */
export function createCore<P extends Part>(
  options: AvatarClientOptions,
  createPart: (core: Core) => P,
): { readonly client: AvatarClient; readonly part: P } {
  const baseUrl = resolveBaseUrl(options.baseUrl);
  const userId = requireId(options.userId);
  const { clock = systemClock, random = Math.random, logger = silentLogger } = options;
  const preset: AnyPreset = options.preset ?? presigned;
  const { routes } = preset;
  const { protocol, hostname } = new URL(baseUrl);
  const insecure = protocol === 'http:' && !isLoopback(hostname);
  const stallMs = options.stallMs ?? 20_000;
  const life = new AbortController();
  const arrival = arrivals(clock);
  const { isStamped } = preset;
  const resolveUrl = (url: string) => (URL.canParse(url) ? url : new URL(url, `${baseUrl}/`).href);
  const isSafeUrl = (url: string) => isSafePictureUrl(url, { insecure });
  const context = { userId, resolveUrl, isSafeUrl, isStamped };
  const parseContext = () => ({ userId, resolveUrl, isSafeUrl, isStamped, at: arrival() });

  const events = createEmitter<RealtimeEvents>(logger);
  const batch = createBatch<() => void>(clock, (callbacks) => {
    for (const callback of callbacks) callback();
  });
  const onSignedOut = () => {
    part.onSignedOut();
    events.emit('signedOut', { reason: 'unauthorized' });
  };
  /** What every part is given. */
  const common = { userId, baseUrl, clock, random, logger, events, insecure, stallMs, life: life.signal };
  const scope = `${baseUrl} ${userId}`;
  const tabs = createTabs({
    scope,
    ports: options.tabPorts === undefined ? browserTabs(clock) : options.tabPorts,
    clock,
    logger,
    isSafeUrl,
    onFacts(facts, origin, outdated) {
      if (outdated) uploader.outdated = outdated;
      hub.apply(facts, origin);
    },
    onStored: () => part.onStored(),
    onSignOut: () => void signOut(),
  });
  const getToken: GetToken = (request) => {
    // Whatever reaches the backend asks for a token first.
    tabs.open();
    return options.getToken?.(request) ?? null;
  };
  const auth = createAuth(getToken, tabs.exclusively);
  const http = createHttp({
    ...common,
    auth,
    fetch: options.fetch,
    arrival,
    context,
    isExpiredToken: preset.isExpiredToken,
    headers: options.headers ?? {},
    credentials: options.credentials ?? 'same-origin',
    timeoutMs: options.timeoutMs ?? 15_000,
    retries: 2,
    onSignedOut,
  });

  const users = createUserTable();
  const avatarOf = (record: ShownRecord | undefined) => confirmedAvatar(record, insecure);
  const uploader = preset.upload({ ...common, routes, http, putFile: options.putFile ?? putFile });
  const loader = createLoader({
    ...common,
    read: async (id, signal) => (routes.profile ? http.call(routes.profile, { userId: id }, { signal }) : []),
    onFacts: (facts) => hub.apply(uploader.newer?.(facts) ?? facts, 'sync'),
    onStatus: (id) => directory.changed(id, 'status'),
    isWatched: (id) => directory.isWatched(id),
  });
  const pictures = preset.pictures?.({
    ...common,
    http,
    onReady: (id) => directory.changed(id, 'avatar'),
  });
  const memory = preset.memory?.({
    ...common,
    table: users,
    uploader,
    isSafeUrl,
    apply: (facts) => hub.apply(facts, 'history'),
  });
  let stopPolling: (() => void) | undefined;
  const directory = createDirectory({
    ...common,
    table: users,
    preload: options.preload ?? preloadPicture,
    status: loader.status,
    presence: (id) => part.presenceOf(id),
    onFirstLook: (id) => memory?.recall(id),
    onWatch(id) {
      stopPolling ??= preset.poll?.({ clock, loader });
      loader.ensure(id);
    },
    local: pictures?.local,
  });
  const capabilities = Object.freeze({
    deleteAvatar: routes.deleteAvatar !== null,
    avatarHistory: routes.history !== null,
    restoreAvatar: routes.restore !== null,
    profiles: routes.profile !== null,
  });

  /** What the user does here shows in the other tabs too. */
  function apply(facts: readonly Fact[], origin: FactOrigin) {
    hub.apply(facts, origin);
    if (origin === 'self') tabs.share(facts, origin);
  }

  const part = createPart({
    ...common,
    scope,
    tabs,
    http,
    notify: (callback) => batch(callback),
    users: directory,
    capabilities,
    connection: {
      get isOpen() {
        return connection.isOpen;
      },
      emit: (event) => connection.emit(event),
      enter: (room) => connection.enter(room),
      leave: (room) => connection.leave(room),
      request: (event, timeoutMs) => connection.request(event, timeoutMs),
      repair: () => connection.repair(),
    },
    parseContext,
    apply,
    applyHere: (facts, origin) => hub.apply(facts, origin),
    repairUsers: (signal, synced) => repairUsers(loader, synced, signal),
  });

  const inspectors = new Set<Inspector>();
  const hub = createHub({
    ...common,
    onFacts(facts, origin) {
      if (inspectors.size > 0)
        for (const listener of inspectors) guard(() => listener(facts, origin), logger);
    },
    parsers: { ...preset.events, ...part.parsers },
    parseContext,
    avatarOf,
    users,
    onUserChanged(id, field) {
      directory.changed(id, field);
      memory?.remember(id);
    },
    onDoubt: loader.doubt,
    isWatched: directory.isWatched,
    onNews: (facts) => tabs.share(facts, 'history'),
    onOthers: part.apply,
  });

  const link = createLink({
    socket:
      typeof options.socket === 'function'
        ? options.socket
        : socketIo(new URL(baseUrl).origin, options.socket ?? {}),
    auth,
    clock,
    random,
    logger,
    backoff: reconnectBackoff,
  });
  const connection = createConnection({
    link: options.tabs === false ? link : tabs.shareLink(link),
    clock,
    random,
    logger,
    backoff: reconnectBackoff,
    async repair(signal) {
      const messages = part.countMessages();
      const changed = hub.countUsers();
      const way = await part.repair(signal);
      events.emit('resynced', { way, messages: messages(), users: changed() });
      part.onRepaired();
    },
    onOpen: part.onOpen,
    onClose: part.onClose,
    onEvent: hub.receive,
    onStatus: (status, previous, reason) => events.emit('statusChanged', { status, previous, reason }),
    onSignedOut,
  });
  let unwatchPage = () => {};

  const avatar = createAvatarApi({
    ...common,
    http,
    routes,
    uploader,
    encoder: options.imageEncoder ?? createImageEncoder(preset.picture, options.pictures ?? {}),
    preview: (picture, onGone) => directory.preview(userId, picture, onGone),
    publish(fact) {
      hub.apply([fact], 'self');
      tabs.share([fact], 'self', uploader.outdated);
      return avatarOf(recordOf(fact));
    },
    confirmed: () => avatarOf(users.get(userId)),
    reread: () => loader.read(userId),
  });

  function hydrate(given: unknown) {
    const state = readState(given, userId, context.isSafeUrl);
    if (!state) {
      logger.warn('unable to hydrate; the state is broken, or of another version or user');
      return;
    }
    const { facts, users, chat } = state;
    hub.apply(facts.map(asOld), 'history');
    for (const { id, status } of users) loader.restore(id, status);
    part.hydrate(chat);
    for (const { userId } of facts.filter(isUserFact)) directory.pin(userId);
    for (const { id } of users) directory.pin(id);
  }
  if (options.hydrate) hydrate(options.hydrate);

  function stop() {
    life.abort(new VisavisError('DISPOSED', 'unable to go on; the client is disposed'));
    unwatchPage();
    connection.disconnect();
    avatar.dispose();
    loader.dispose();
    stopPolling?.();
    pictures?.dispose();
  }

  function close() {
    part.dispose();
    tabs.close();
    events.clear();
  }

  /** Here or in another tab. */
  async function signOut() {
    if (life.signal.aborted) return;
    stop();
    events.emit('signedOut', { reason: 'signedOut' });
    memory?.forget();
    await part.clear();
    close();
  }

  const client: AvatarClient = {
    userId,
    avatar,
    capabilities,
    users: createUsersApi({
      loader,
      directory,
      table: users,
      parseContext,
      avatarOf,
      take(facts) {
        life.signal.throwIfAborted();
        hub.apply(facts, 'realtime');
        tabs.share(facts, 'realtime');
      },
    }),
    realtime: {
      get status() {
        return connection.status;
      },
      connect() {
        life.signal.throwIfAborted();
        unwatchPage();
        unwatchPage = watchPage({
          onReturn() {
            if (isPageVisible()) part.onReturn();
            connection.hurry();
          },
          onHide: part.onHide,
        });
        connection.connect();
      },
      disconnect() {
        unwatchPage();
        connection.disconnect();
      },
      get unknownEvents() {
        return hub.unknownEvents();
      },
      onRaw: hub.onRaw,
      on(name, listener) {
        tabs.open();
        return events.on(name, listener);
      },
      once(name, listener) {
        tabs.open();
        return events.once(name, listener);
      },
    },
    dehydrate() {
      const { facts, chat } = part.dehydrate();
      return { version, userId, facts: [...users.facts(), ...facts], users: loader.statuses(), chat };
    },
    inspect(listener) {
      const own: Inspector = (facts, origin) => listener(facts, origin);
      inspectors.add(own);
      return () => void inspectors.delete(own);
    },
    async signOut() {
      life.signal.throwIfAborted();
      tabs.tellSignOut();
      await signOut();
    },
    dispose() {
      if (life.signal.aborted) return;
      stop();
      close();
    },
  };
  return { client, part };
}

/** More than any clock's time since 1970 in milliseconds, and little enough to keep fractions of one. */
const longAgo = 2 ** 42;

/** Said before anything that this client hears, whatever the clock was where it was heard; in the order it was said. */
function asOld<F extends Fact>(fact: F): F {
  if (!('stamp' in fact) || fact.stamp.rank !== StampRank.arrival) return fact;
  return { ...fact, stamp: { ...fact.stamp, value: fact.stamp.value - longAgo } };
}
