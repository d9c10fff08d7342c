import { type AvatarApi, createAvatarApi } from './avatar/avatar.ts';
import { createImageEncoder } from './avatar/encoder.ts';
import { watchPage } from './dom/page.ts';
import { HttpError, ResponseError, VisavisError } from './errors.ts';
import { type Fact, isUserFact, StampRank } from './facts.ts';
import { isLoopback, isSafePictureUrl } from './lib/avatar-url.ts';
import { arrivals, systemClock } from './lib/clock.ts';
import { createEmitter } from './lib/emitter.ts';
import { silentLogger } from './lib/logger.ts';
import type { Origin } from './models.ts';
import { type ClientOptions, normaliseUserId, resolveBaseUrl } from './options.ts';
import { presigned } from './protocol/presigned.ts';
import { createConnection } from './realtime/connection.ts';
import type { RealtimeApi, RealtimeEvents } from './realtime/events.ts';
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
  readonly realtime: RealtimeApi;
  /** Ends everything: connection, uploads, timers, listeners. Later calls reject with `DISPOSED`. Safe to call twice. */
  dispose(): void;
}

const reconnectBackoff = { baseMs: 1_000, maxMs: 30_000 };

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
  const userId = normaliseUserId(options.userId);
  const { preset = presigned, clock = systemClock, random = Math.random, logger = silentLogger } = options;
  const { protocol, hostname } = new URL(baseUrl);
  const insecure = protocol === 'http:' && !isLoopback(hostname);
  const life = new AbortController();
  const arrival = arrivals(clock);
  const context = {
    userId,
    resolveUrl: (url: string) => (URL.canParse(url) ? url : new URL(url, `${baseUrl}/`).href),
    isSafeUrl: (url: string) => isSafePictureUrl(url, { insecure }),
  };

  const events = createEmitter<RealtimeEvents>(logger);
  const table = createUserTable();
  const auth = createAuth(options.getToken ?? (() => null));
  const onSignedOut = () => events.emit('signedOut', { reason: 'unauthorized' });
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

  const loader = createLoader({
    clock,
    random,
    read: (id, signal) => http.call(preset.routes.profile, { userId: id }, { signal }),
    onFacts: (facts) => apply(facts, 'sync'),
    onStatus: (id) => directory.changed(id, 'status'),
    isWatched: (id) => directory.isWatched(id),
  });
  const directory = createDirectory({
    table,
    clock,
    logger,
    insecure,
    preload: options.preload ?? preloadPicture,
    status: loader.status,
    presence: () => 'unknown',
    onWatch: loader.ensure,
  });

  /** The one door into the store. */
  function apply(facts: readonly Fact[], origin: Origin) {
    const { changes, doubts } = table.merge(facts.filter(isUserFact));
    for (const { userId: id, field, previous, current } of changes) {
      directory.changed(id, field);
      // A first read is no change of the picture, only the end of not knowing it.
      if (field !== 'avatar' || (origin === 'sync' && !previous.avatar)) continue;
      events.emit('avatarUpdated', {
        userId: id,
        avatar: confirmedAvatar(current, insecure),
        previous: confirmedAvatar(previous, insecure),
        origin,
      });
    }
    for (const id of doubts) loader.doubt(id);
  }

  function onEvent(name: string, payload: unknown) {
    const parser = Object.hasOwn(preset.events, name) ? preset.events[name] : undefined;
    if (!parser) return logger.debug(`unknown event "${name.slice(0, 100)}"`);
    try {
      const facts = parser(payload, { ...context, at: arrival() });
      apply(facts, 'realtime');
      // Nothing but the moment of arrival orders these: let the backend confirm them.
      for (const { stamp, userId: id } of facts.filter(isUserFact)) {
        if (stamp.rank === StampRank.arrival && directory.isWatched(id)) loader.doubt(id);
      }
    } catch (error) {
      const typed =
        error instanceof VisavisError
          ? error
          : new ResponseError(`unable to read ${name}; its parser failed`, [], { cause: error });
      events.emit('protocolError', { event: name, error: typed });
    }
  }

  /** After a gap: what is on screen is read again, the rest when it is next looked at. */
  async function repair(signal: AbortSignal) {
    loader.expire();
    await Promise.all(
      directory.watched().map((id) =>
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
    repair,
    onEvent,
    onStatus: (status, previous, reason) => events.emit('statusChanged', { status, previous, reason }),
    onSignedOut,
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
    preview: (picture, onGone) => directory.preview(userId, picture, onGone),
    publish(fact) {
      apply([fact], 'self');
      return confirmedAvatar({ avatar: fact, changedAt: fact.changedAt ?? null }, insecure);
    },
  });

  return {
    userId,
    avatar,
    users: {
      async get(id, { signal } = {}) {
        const key = normaliseUserId(id);
        signal?.throwIfAborted();
        await loader.read(key, signal);
        if (loader.status(key) === 'missing') {
          throw new HttpError('unable to read the profile; there is no such user (HTTP 404)', {
            status: 404,
          });
        }
        return directory.snapshot(key);
      },
      live: (id) => directory.live(normaliseUserId(id)),
    },
    realtime: {
      get status() {
        return connection.status;
      },
      connect() {
        if (life.signal.aborted)
          throw new VisavisError('DISPOSED', 'unable to connect; the client is disposed');
        unwatchPage();
        unwatchPage = watchPage(() => connection.hurry());
        connection.connect();
      },
      disconnect() {
        unwatchPage();
        connection.disconnect();
      },
      on: events.on,
      once: events.once,
    },
    dispose() {
      if (life.signal.aborted) return;
      life.abort(new VisavisError('DISPOSED', 'unable to go on; the client is disposed'));
      unwatchPage();
      connection.disconnect();
      avatar.dispose();
      loader.dispose();
      events.clear();
    },
  };
}
