import { setTimeout as sleep } from 'node:timers/promises';
import { createBackground } from './background.ts';
import { createChat } from './chat/chat.ts';
import { seedConversations } from './chat/demo-conversations.ts';
import { createMessageFiles } from './chat/message-files.ts';
import { messageMediaRoutes } from './chat/message-media-routes.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database/open-database.ts';
import { devRoutes } from './dev-routes.ts';
import { createHttp, requireUser } from './http.ts';
import { createMetrics } from './metrics.ts';
import { createRateLimits } from './nodes/rate-limit.ts';
import { connectRedis } from './nodes/redis-link.ts';
import { createOriginCheck } from './origins.ts';
import { seedPeople } from './people/people.ts';
import { profileRoutes } from './people/profile-routes.ts';
import { createProfiles } from './people/profiles.ts';
import { createAvatarNews } from './pictures/avatar-news.ts';
import { avatarRoutes } from './pictures/avatar-routes.ts';
import { createAvatars } from './pictures/avatars.ts';
import { createDirectUploads } from './pictures/direct-uploads.ts';
import { createPictureRecords } from './pictures/picture-records.ts';
import { pictureWires } from './pictures/picture-wires.ts';
import { createUploadLimit } from './pictures/upload-limit.ts';
import { plainPage } from './plain-page.ts';
import { openPushSender } from './push/open-push.ts';
import type { PushSender } from './push/push.ts';
import { createRealtime } from './realtime.ts';
import { serviceRoutes } from './service-routes.ts';
import { pagePolicy, staticRoutes } from './static-routes.ts';
import { openStorage } from './storage/open-storage.ts';
import { pictureRoutes } from './storage/storage-routes.ts';
import { createTokens } from './tokens.ts';

export interface App {
  /** The address browsers use; the port is known after {@link App.listen}. */
  readonly url: string;
  readonly port: number;
  /** Where `GET /metrics` is answered, when it is. */
  readonly metricsPort: number | undefined;
  listen(): Promise<void>;
  /** Finishes running requests, closes sockets and the database, and frees the data folder. */
  close(): Promise<void>;
}

const SWEEP_EVERY_MS = 10 * 60_000;

/** What a test replaces. */
export interface AppParts {
  clock?: () => number;
  openDatabase?: typeof openDatabase;
  pushSender?: PushSender;
  /** Gets each line of the log, instead of standard output. */
  writeLog?: (line: string) => void;
}

/** The composition root: everything is made here and handed down; nothing reaches for the environment. */
export async function createApp(
  config: Config,
  { clock = Date.now, openDatabase: open = openDatabase, pushSender, writeLog }: AppParts = {},
): Promise<App> {
  const { limits, dataDir, development, secret, issuer, audience } = config;
  let port = config.port;
  const ownUrl = () => config.publicUrl ?? `http://localhost:${port}`;
  const storageUrl = () => trim(config.storageUrl ?? ownUrl());
  const picturesUrl = () => trim(config.picturesUrl ?? `${trim(ownUrl())}/files`);
  const pictureUrl = (path: string) => new URL(path, `${picturesUrl()}/`).href;

  let metricsPort: number | undefined;
  let isLeaving = false;
  let closed: Promise<void> | undefined;
  let deadline: number | undefined;
  /** How long what still runs may run: one time for all of it, in milliseconds. */
  const patience = () => {
    deadline ??= performance.now() + limits.shutdownMs;
    return Math.max(0, deadline - performance.now());
  };
  const undo: (() => unknown)[] = [];
  const unwind = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };

  try {
    const tokens = createTokens({ secret, issuer, audience, clock });
    const isAllowedOrigin = createOriginCheck({ allowed: config.origins, development, ownUrl });
    const http = await createHttp({
      logLevel: config.logLevel,
      writeLog,
      isAllowedOrigin,
      isLeaving: () => isLeaving,
    });
    const { log } = http;
    const report = (error: unknown) =>
      log.warn({ err: error }, 'background work failed; it is tried again later');
    const metrics = config.metrics && createMetrics();
    metrics?.observeRequests(http);
    const database = await open(config.database, { dataDir, report });
    undo.push(() => database.close());
    if (development) await seedPeople(database);
    if (config.demo) await seedConversations(database, clock);

    const { avatarFolder: folder } = config;
    const stagingFolder = `${folder}-staging`;
    const { storage, uploads } = await openStorage(config, { stagingFolder, storageUrl, clock, report });
    undo.push(() => storage.close());
    const avatars = createAvatars({ database, storage, clock, folder, stagingFolder, limits, report });

    const profiles = createProfiles({ database, clock, pictureUrl });
    const link = config.redis && (await connectRedis({ url: config.redis.url, clock, report }));
    undo.push(() => link?.close());
    const redis = link && { link, prefix: config.redis?.prefix ?? '' };
    const background = createBackground((error) => log.error({ err: error }, 'realtime work failed'));
    const { server } = http;
    const realtime = createRealtime({
      server,
      tokens,
      clock,
      isAllowedOrigin,
      redis,
      background,
      metrics,
      log,
      limits,
    });
    const { broadcast } = realtime;
    const news = createAvatarNews({ broadcast, pictureUrl });
    const limit = createRateLimits({ clock, redis });
    const checkWrites = limit('write', limits.writesPerMinute, 60_000);
    const limitUploads = createUploadLimit(limit('upload', limits.uploadsPerMinute, 60_000));
    const files = createMessageFiles({ database, storage, clock });
    const chat = createChat({
      files,
      database,
      realtime,
      background,
      profiles,
      pictureUrl,
      pushSender: pushSender ?? (await openPushSender(config.pushAccount, report)),
      pushText: config.pushText,
      limits,
      limit,
      checkWrites,
      clock,
      metrics,
      log,
    });
    undo.push(() => chat.close(patience()));
    metrics?.gauge('visavis_sockets', 'Open connections', () => realtime.io.engine.clientsCount);
    metrics?.gauge('visavis_database_connections', 'Open connections to the database', () => {
      return database.load().connections;
    });
    metrics?.gauge('visavis_database_waiting', 'Callers that wait for a connection to the database', () => {
      return database.load().waiting;
    });
    metrics?.gauge('visavis_redis_up', 'Whether Redis is there', () => Number(link?.isThere() ?? false));
    const sweep = () => Promise.all([avatars.sweep(), chat.sweep(), files.sweep()]);
    await sweep().catch(report);
    const sweeping = setInterval(() => void sweep().catch(report), SWEEP_EVERY_MS);
    sweeping.unref();
    undo.push(() => clearInterval(sweeping));
    http.addHook('preClose', async () => realtime.close());

    serviceRoutes(http, { database, isLeaving: () => isLeaving });
    if (development) {
      devRoutes(http, { database, tokens });
      chat.devRoutes(http);
    }
    await http.register(async (api) => {
      api.addHook('onRequest', requireUser(tokens));
      avatarRoutes(api, { avatars, news, limitUploads, limits });
      profileRoutes(api, { profiles, broadcast, checkWrites });
      chat.routes(api);
    });
    await http.register((scope) =>
      pictureWires(scope, {
        tokens,
        isAllowedOrigin,
        avatars,
        directUploads: createDirectUploads({ database, storage, clock, folder, report }),
        records: createPictureRecords({ database, clock }),
        profiles,
        storage,
        news,
        pictureUrl,
        limitUploads,
        checkWrites,
        clock,
      }),
    );
    await http.register((scope) =>
      messageMediaRoutes(scope, {
        tokens,
        files,
        folder,
        pictureUrl,
        limitMedia: createUploadLimit(limit('media', 4 * limits.uploadsPerMinute, 60_000)),
      }),
    );
    if (uploads !== undefined) await http.register(uploads);
    await http.register((scope) => pictureRoutes(scope, { storage, folder }));
    const policy = () =>
      pagePolicy({
        connect: [new URL(ownUrl()).origin.replace(/^http/, 'ws'), storage.uploadOrigin()],
        pictures: new URL(picturesUrl()).origin,
      });
    await http.register(async (scope) => {
      await staticRoutes(scope, policy);
      if (development) plainPage(scope, { database, tokens });
    });

    undo.push(async () => {
      isLeaving = true;
      if (server.listening) {
        await sleep(limits.drainMs);
        // Whoever is sent away now must not be let in here again.
        server.close();
        deadline = performance.now() + limits.drainMs + limits.shutdownMs;
        await realtime.drain(limits.drainMs, patience);
      }
      const impatience = setTimeout(() => server.closeAllConnections(), patience());
      await http.close();
      clearTimeout(impatience);
    });

    return {
      get url() {
        return ownUrl();
      },
      get port() {
        return port;
      },
      get metricsPort() {
        return metricsPort;
      },
      async listen() {
        await http.listen({ host: config.host, port: config.port });
        const address = http.server.address();
        if (address !== null && typeof address === 'object') port = address.port;
        if (!metrics || !config.metrics) return;
        const served = await metrics.serve(config.metrics);
        metricsPort = served.port;
        undo.push(served.close);
      },
      close: () => (closed ??= unwind()),
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}

function trim(url: string): string {
  return url.replace(/\/+$/, '');
}
