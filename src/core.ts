import { createAvatarApi } from './avatar/avatar.ts';
import { createImageEncoder } from './avatar/encoder.ts';
import type { AvatarClient, Inspector } from './avatar-client.ts';
import { VisavisError } from './errors.ts';
import type { Fact } from './facts.ts';
import { createHydration } from './hydration.ts';
import { isLoopback, isSafePictureUrl } from './lib/avatar-url.ts';
import { createBatch } from './lib/batch.ts';
import { arrivals, systemClock } from './lib/clock.ts';
import { createEmitter, guard } from './lib/emitter.ts';
import { requireId } from './lib/ids.ts';
import { silentLogger } from './lib/logger.ts';
import { type AvatarClientOptions, resolveBaseUrl } from './options.ts';
import type { Core, Part } from './part.ts';
import type { AnyPreset } from './presets/preset.ts';
import { presigned } from './presets/presigned.ts';
import { createConnection } from './realtime/connection.ts';
import { createConnectionApi } from './realtime/connection-api.ts';
import type { RealtimeEvents } from './realtime/events.ts';
import { createHub, type FactOrigin } from './realtime/hub.ts';
import { createUserTable, recordOf, type ShownRecord } from './store/users.ts';
import { browserTabs } from './tabs/ports.ts';
import { createTabs } from './tabs/tabs.ts';
import { createAuth, type GetToken } from './transport/auth.ts';
import { createHttp } from './transport/http.ts';
import { createLink } from './transport/link.ts';
import { putFile } from './transport/put.ts';
import { socketIo } from './transport/socket.ts';
import { confirmedAvatar, createDirectory } from './users/directory.ts';
import { createLoader } from './users/loader.ts';
import { preloadPicture } from './users/preload.ts';
import { repairUsers } from './users/repair.ts';
import { createUsersApi } from './users/users.ts';

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
    onAccepted: () => part.onAccepted(),
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

  const socket =
    typeof options.socket === 'function'
      ? options.socket
      : socketIo(new URL(baseUrl).origin, options.socket ?? {});
  const link = createLink({
    socket: part.dialect?.(socket) ?? socket,
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
  const realtime = createConnectionApi({
    connection,
    hub,
    events,
    life: life.signal,
    onUse: tabs.open,
    onReturn: () => part.onReturn(),
    onHide: () => part.onHide(),
  });

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

  const hydration = createHydration({ ...context, logger, users, loader, part, directory, hub });
  if (options.hydrate) hydration.hydrate(options.hydrate);

  function stop() {
    life.abort(new VisavisError('DISPOSED', 'unable to go on; the client is disposed'));
    realtime.disconnect();
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
    realtime,
    dehydrate: hydration.dehydrate,
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
