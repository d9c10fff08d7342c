import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { io, type Socket } from 'socket.io-client';
import { onTestFinished, vi } from 'vitest';
import { type App, type AppParts, createApp } from '../../examples/server/src/app.ts';
import { type Config, type Limits, readConfig } from '../../examples/server/src/config.ts';
import { engineSettings } from '../support/engines.ts';
import { serverFolder } from '../support/server-folder.ts';
import { checkAnswer, checkEvent } from './contract-support.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads answers it knows
export type Json = any;

// A database takes its time to open on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

/** A clock that stands on real time until it is moved. */
export class MovableClock {
  ahead = 0;
  now = (): number => Date.now() + this.ahead;
}

export interface TestServer {
  app: App;
  url: string;
  port: number;
  folder: string;
  clock: MovableClock;
  config: Config;
  stop(): Promise<void>;
}

export type ServerOptions = Partial<Omit<Config, 'limits'>> & {
  limits?: Partial<Limits>;
  clock?: MovableClock;
} & Omit<AppParts, 'clock'>;

/** The addresses of reference servers: what they say must be in the contract. */
const held = new Set<string>();

/** Tokens, signatures, keys, addresses with a password, and what tests write to find it again. */
const secrets =
  /eyJ[\w-]{10,}\.[\w-]+\.[\w-]|signature=|sample-secret|PRIVATE KEY|:\/\/[^/\s"]+:[^/\s"]+@|canary/i;

/** Whatever a test does, the log of its server is watched, and {@link TestServer.stop} fails when it told a secret. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const { clock = new MovableClock(), openDatabase, pushSender, writeLog, limits, ...settings } = options;
  const folder = settings.dataDir ?? (await serverFolder());
  const defaults = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    VISAVIS_LOG: 'debug',
    ...(await engineSettings(folder)),
  });
  const config = {
    ...defaults,
    ...settings,
    dataDir: folder,
    limits: {
      ...defaults.limits,
      uploadsPerMinute: 10_000,
      messagesPer10s: 100_000,
      writesPerMinute: 100_000,
      absentMs: 20,
      shutdownMs: 1000,
      ...limits,
    },
  };
  const leaks: string[] = [];
  const watchLog = (line: string) => void (secrets.test(line) && leaks.push(line));
  const app = await createApp(config, {
    clock: clock.now,
    ...(openDatabase && { openDatabase }),
    ...(pushSender && { pushSender }),
    writeLog: writeLog ?? watchLog,
  });
  await app.listen();
  held.add(app.url);
  const stop = async () => {
    await app.close();
    if (settings.dataDir === undefined) await rm(folder, { recursive: true, force: true });
    if (leaks.length > 0) throw new Error(`[AT6] the log tells a secret: ${leaks[0]}`);
  };
  return { app, url: app.url, port: app.port, folder, clock, config, stop };
}

export async function call(
  server: { url: string },
  method: string,
  path: string,
  options: {
    token?: string | undefined;
    json?: unknown;
    headers?: Record<string, string>;
    raw?: string;
  } = {},
): Promise<Answer> {
  const headers = new Headers(options.headers);
  if (options.token !== undefined) headers.set('Authorization', `Bearer ${options.token}`);
  const body = options.raw ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
  if (body !== undefined && !headers.has('Content-Type')) headers.set('Content-Type', 'application/json');
  const response = await fetch(new URL(path, server.url), {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  const answer = {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
  if (held.has(server.url)) checkAnswer(method, path, { ...answer, sent: options.json });
  return answer;
}

export async function signIn(server: { url: string }, userId: string, ttlSeconds = 3600): Promise<string> {
  const { body } = await call(server, 'POST', '/dev/login', { json: { userId, ttlSeconds } });
  return body.token;
}

let shade = 0;

/** A small picture, different each time. */
export async function picture(format: 'webp' | 'jpeg' | 'png' = 'webp', side = 64): Promise<Buffer> {
  shade = (shade + 1) % 4096;
  const background = { r: (shade % 16) << 4, g: ((shade >> 4) % 16) << 4, b: (shade >> 8) << 4 };
  return sharp({ create: { width: side, height: side, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
}

export interface TestFile {
  type: 'avatar' | 'thumb';
  bytes: Buffer;
  contentType?: string;
}

export function presign(server: { url: string }, token: string, files: readonly TestFile[]): Promise<Answer> {
  return call(server, 'POST', '/api/users/me/avatar/presign', {
    token,
    json: {
      files: files.map(({ type, bytes, contentType = 'image/webp' }) => ({
        type,
        filename: `${type}.webp`,
        contentType,
        size: bytes.length,
      })),
    },
  });
}

export async function put(upload: Json, bytes: Buffer, headers?: Record<string, string>): Promise<Answer> {
  const response = await fetch(upload.url, {
    method: 'PUT',
    headers: headers ?? upload.headers,
    body: new Uint8Array(bytes),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? '' : JSON.parse(text) };
}

export function complete(server: { url: string }, token: string, uploads: readonly Json[]): Promise<Answer> {
  const sent = uploads.map(({ type, key, url }) => ({ type, key, url }));
  return call(server, 'POST', '/api/users/me/avatar/complete', { token, json: { uploads: sent } });
}

/** Presigns and puts; what is left is to complete. */
export async function stage(
  server: { url: string },
  token: string,
  files: readonly TestFile[],
): Promise<Json[]> {
  const { body } = await presign(server, token, files);
  for (const [index, file] of files.entries()) {
    const stored = await put(body.uploads[index], file.bytes);
    if (stored.status !== 200) throw new Error(`put answered ${stored.status} ${stored.body.code}`);
  }
  return body.uploads;
}

export async function avatarAndThumb(): Promise<TestFile[]> {
  return [
    { type: 'avatar', bytes: await picture('webp', 256) },
    { type: 'thumb', bytes: await picture('webp', 64) },
  ];
}

export async function uploadAvatar(server: { url: string }, token: string): Promise<Json> {
  const { status, body } = await complete(server, token, await stage(server, token, await avatarAndThumb()));
  if (status !== 200) throw new Error(`complete answered ${status} ${body.code}`);
  return body;
}

/** What lies in an area of the disk store, by key. */
export async function stored(
  server: TestServer,
  area: 'staged' | 'public' | 'partial' | 'spent',
): Promise<string[]> {
  const names = await readdir(join(server.folder, 'objects', area));
  return names.map(decodeURIComponent).sort();
}

export interface Listener {
  socket: Socket;
  events: [name: string, payload: Json][];
  /** Resolves once this many events have arrived. */
  until(count: number): Promise<void>;
}

export function openSocket(server: { url: string }, token: unknown, options: Json = {}): Socket {
  const socket = io(server.url, {
    auth: { token },
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...options,
  });
  if (held.has(server.url)) socket.onAny(checkEvent);
  onTestFinished(() => void socket.disconnect());
  return socket;
}

export async function listen(server: { url: string }, token: string): Promise<Listener> {
  const socket = openSocket(server, token);
  const events: [string, Json][] = [];
  let wake = () => {};
  socket.onAny((name: string, payload: Json) => {
    events.push([name, payload]);
    wake();
  });
  await connected(socket);
  return {
    socket,
    events,
    until: (count) =>
      new Promise((resolve) => {
        wake = () => events.length >= count && resolve();
        wake();
      }),
  };
}

export function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
}

export function refused(socket: Socket): Promise<Json> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => reject(new Error('the socket was let in')));
    socket.once('connect_error', resolve);
  });
}
