import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { addressesOf } from './database/postgres-address.ts';
import { readS3, type S3Config, s3Variables } from './storage/s3-config.ts';

const SAMPLE_SECRET = 'visavis-sample-secret-for-development-only';

const localHosts = ['localhost', '127.0.0.1', '::1', '[::1]'];

const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' });
const postgresUrl = z
  .string()
  .transform(addressesOf)
  .refine((addresses) => addresses !== undefined, 'must look like postgres://user:password@host:5432/name');
const redisUrl = z.url({ protocol: /^rediss?$/, error: 'must look like redis://host:6379' });
const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);

const environment = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).optional(),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().optional(),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_CONNECTIONS: count(10),
  VISAVIS_DRAIN_SECONDS: z.coerce.number().min(0).optional(),
  VISAVIS_METRICS_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  VISAVIS_METRICS_HOST: z.string().default('127.0.0.1'),
  REDIS_URL: redisUrl.optional(),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w:-]+$/, 'must be a plain name')
    .default('visavis'),
  VISAVIS_DATA: z.string().default('.data'),
  VISAVIS_SECRET: z.string().default(SAMPLE_SECRET),
  VISAVIS_ISSUER: z.string().default('visavis'),
  VISAVIS_AUDIENCE: z.string().default('visavis'),
  VISAVIS_ORIGINS: z.string().default(''),
  VISAVIS_PUBLIC_URL: url.optional(),
  VISAVIS_STORAGE_URL: url.optional(),
  VISAVIS_PICTURES_URL: url.optional(),
  VISAVIS_UPLOADS_PER_MINUTE: count(5),
  VISAVIS_FILE_BYTES: count(2 * 1024 * 1024),
  VISAVIS_UPLOAD_SECONDS: count(300),
  VISAVIS_SOCKETS_PER_USER: count(10),
  VISAVIS_SIGN_IN_SECONDS: z.coerce.number().int().min(0).max(60).default(0),
  VISAVIS_MESSAGES_PER_10S: count(20),
  VISAVIS_WRITES_PER_MINUTE: count(120),
  VISAVIS_SYNC_STATE_SECONDS: count(25),
  VISAVIS_FEED_LENGTH: count(10_000),
  VISAVIS_LOG: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('warn'),
  S3_AVATAR_FOLDER: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*\/?$/, 'must be a plain folder name')
    .default('avatars/'),
  ...s3Variables,
  FCM_SERVICE_ACCOUNT: z.string().optional(),
  VISAVIS_PUSH_TEXT: z.enum(['shown', 'hidden']).default('shown'),
});

/** Every variable that is read. */
export const settingNames: readonly string[] = Object.keys(environment.shape);

export interface Limits {
  uploadsPerMinute: number;
  fileBytes: number;
  /** How long a presigned URL works. */
  uploadSeconds: number;
  socketsPerUser: number;
  /** How long a socket without a token may take to bring one by `authenticate`; 0 lets none in. */
  signInMs: number;
  messagesPer10s: number;
  /** Of what is neither a message nor an upload. */
  writesPerMinute: number;
  /** How often each socket hears how far its conversations are. */
  syncStateMs: number;
  /** How many changes a user may be behind before they have to start over. */
  feedLength: number;
  /** How long somebody has to be gone before others are told. */
  absentMs: number;
  pingIntervalMs: number;
  pingTimeoutMs: number;
  /** How long a leaving node waits for the balancer to notice, and then spreads the sending away of its sockets. */
  drainMs: number;
  /** How long a shutdown waits for all that still runs, once the sockets are sent away. */
  shutdownMs: number;
}

export interface DatabaseConfig {
  /** One per PostgreSQL host; unset means the embedded database in the data folder. */
  addresses: readonly string[] | undefined;
  /** How many connections this node opens at most. */
  connections: number;
}

export interface RedisConfig {
  url: string;
  /** Begins the names of all keys, so that several servers can share one Redis. */
  prefix: string;
}

export interface Config {
  development: boolean;
  /** Gives the demo's people something to talk about. */
  demo: boolean;
  host: string;
  port: number;
  dataDir: string;
  database: DatabaseConfig;
  /** Ties several nodes together; unset means that this is the only one. */
  redis: RedisConfig | undefined;
  /** Where Prometheus may read; unset means nowhere. */
  metrics: { host: string; port: number } | undefined;
  secret: string;
  issuer: string;
  audience: string;
  /** Pages on other origins that may call the API and open sockets. */
  origins: readonly string[];
  /** Where browsers reach this server; unset means `http://localhost:<port>`. */
  publicUrl: string | undefined;
  /** Where browsers send uploads; unset means the public URL, or the S3 endpoint. */
  storageUrl: string | undefined;
  /** Where browsers GET published pictures, a CDN for example; unset means `<public URL>/files`. */
  picturesUrl: string | undefined;
  avatarFolder: string;
  /** Unset means that objects lie in the data folder. */
  s3: S3Config | undefined;
  /** The key file of the service account FCM knows; unset means that nothing is pushed. */
  pushAccount: string | undefined;
  /** Whether pushes say what a message says. */
  pushText: boolean;
  logLevel: string;
  limits: Limits;
}

/** Reads the environment, and throws {@link ConfigError} naming every setting that is wrong. */
export function readConfig(variables: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(set);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`unable to start; ${lines.join('; ')}`);
  }
  const env = parsed.data;
  const { NODE_ENV: mode = 'development' } = env;
  const production = mode === 'production';
  // Development signs anyone in, so it stays on this machine.
  const host = env.HOST ?? (production ? '0.0.0.0' : '127.0.0.1');
  const isLocal = localHosts.includes(host);
  const publicHost = new URL(env.VISAVIS_PUBLIC_URL ?? 'http://localhost').hostname;
  if (env.NODE_ENV === undefined && !(isLocal && localHosts.includes(publicHost))) {
    throw new ConfigError(
      'unable to start; set NODE_ENV to production: others reach this HOST or VISAVIS_PUBLIC_URL, and development signs anyone in',
    );
  }
  if ((production || !isLocal) && env.VISAVIS_SECRET === SAMPLE_SECRET) {
    throw new ConfigError(
      'unable to start; set VISAVIS_SECRET: the sample secret is for development on one machine only',
    );
  }
  if (Buffer.byteLength(env.VISAVIS_SECRET) < 32) {
    throw new ConfigError('unable to start; VISAVIS_SECRET must be at least 32 bytes long');
  }
  if (production && env.VISAVIS_PUBLIC_URL === undefined) {
    throw new ConfigError('unable to start; set VISAVIS_PUBLIC_URL to the address browsers use');
  }
  return {
    development: !production,
    demo: mode === 'development',
    host,
    port: env.PORT,
    dataDir: resolve(env.VISAVIS_DATA),
    database: { addresses: env.DATABASE_URL, connections: env.DATABASE_CONNECTIONS },
    redis: env.REDIS_URL === undefined ? undefined : { url: env.REDIS_URL, prefix: env.REDIS_PREFIX },
    metrics:
      env.VISAVIS_METRICS_PORT === undefined
        ? undefined
        : { host: env.VISAVIS_METRICS_HOST, port: env.VISAVIS_METRICS_PORT },
    secret: env.VISAVIS_SECRET,
    issuer: env.VISAVIS_ISSUER,
    audience: env.VISAVIS_AUDIENCE,
    origins: env.VISAVIS_ORIGINS.split(/[\s,]+/).filter(Boolean),
    publicUrl: env.VISAVIS_PUBLIC_URL,
    storageUrl: env.VISAVIS_STORAGE_URL,
    picturesUrl: env.VISAVIS_PICTURES_URL,
    avatarFolder: env.S3_AVATAR_FOLDER.replace(/\/$/, ''),
    s3: readS3(env),
    pushAccount: env.FCM_SERVICE_ACCOUNT,
    pushText: env.VISAVIS_PUSH_TEXT === 'shown',
    logLevel: env.VISAVIS_LOG,
    limits: {
      uploadsPerMinute: env.VISAVIS_UPLOADS_PER_MINUTE,
      fileBytes: env.VISAVIS_FILE_BYTES,
      uploadSeconds: env.VISAVIS_UPLOAD_SECONDS,
      socketsPerUser: env.VISAVIS_SOCKETS_PER_USER,
      signInMs: env.VISAVIS_SIGN_IN_SECONDS * 1000,
      messagesPer10s: env.VISAVIS_MESSAGES_PER_10S,
      writesPerMinute: env.VISAVIS_WRITES_PER_MINUTE,
      syncStateMs: env.VISAVIS_SYNC_STATE_SECONDS * 1000,
      feedLength: env.VISAVIS_FEED_LENGTH,
      absentMs: 2_000,
      pingIntervalMs: 25_000,
      pingTimeoutMs: 20_000,
      drainMs: (env.VISAVIS_DRAIN_SECONDS ?? (production ? 5 : 0)) * 1000,
      shutdownMs: 10_000,
    },
  };
}
