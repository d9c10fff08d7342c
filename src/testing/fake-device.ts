import { HttpError, NetworkError, TimeoutError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { SocketFactory } from '../lib/socket-port.ts';
import type { ClientOptions } from '../options.ts';
import type { GetToken } from '../transport/auth.ts';
import type { PutFile } from '../transport/put.ts';
import { createFakeEncoder } from './fake-encoder.ts';
import { createFakeFetch, type HttpServer } from './fake-fetch.ts';
import { createFakeSocket, type SocketServer } from './fake-socket.ts';
import type { Journal } from './journal.ts';
import { createLine, type Line } from './line.ts';
import type { SeededRandom } from './random.ts';
import type { Tokens } from './tokens.ts';

/** A device of one user: its line, and what a client needs to use it. */
export interface FakeDevice {
  readonly deviceId: string;
  readonly userId: string;
  readonly line: Line;
  readonly fetch: typeof fetch;
  readonly socket: SocketFactory;
  readonly putFile: PutFile;
  /** Keeps one token and gets a fresh one when asked to. */
  readonly getToken: GetToken;
  /** How often a fresh token was asked for. */
  readonly refreshes: number;
  /** All that `createClient` needs to be this device; spread it to replace some of it. */
  readonly options: Pick<
    ClientOptions,
    'baseUrl' | 'userId' | 'clock' | 'fetch' | 'socket' | 'putFile' | 'getToken' | 'imageEncoder' | 'preload'
  >;
}

export interface FakeDeviceSettings {
  readonly baseUrl: string;
  readonly deviceId: string;
  readonly userId: string;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly server: HttpServer & SocketServer;
  readonly journal: Journal;
  readonly tokens: Tokens;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
}

export function createFakeDevice(settings: FakeDeviceSettings): FakeDevice {
  const { deviceId, userId, clock, random, tokens } = settings;
  const line = createLine(clock, random);
  const fakeFetch = createFakeFetch({ ...settings, line });
  const socket = createFakeSocket({ ...settings, line });
  let token = tokens.issue(userId);
  let refreshes = 0;

  const getToken: GetToken = ({ refresh }) => {
    if (refresh) {
      refreshes += 1;
      token = tokens.issue(userId);
    }
    return token;
  };
  const putFile = putThrough(fakeFetch);
  return {
    deviceId,
    userId,
    line,
    fetch: fakeFetch,
    socket,
    putFile,
    getToken,
    get refreshes() {
      return refreshes;
    },
    options: {
      baseUrl: settings.baseUrl,
      userId,
      clock,
      fetch: fakeFetch,
      socket,
      putFile,
      getToken,
      imageEncoder: createFakeEncoder(),
      preload: async () => {},
    },
  };
}

/** The put of the client, over the device's own line. */
function putThrough(fakeFetch: typeof fetch): PutFile {
  return async ({ ticket, blob, signal, stallMs, clock, onProgress }) => {
    const stall = new AbortController();
    const cancelStall = clock.schedule(() => stall.abort(), stallMs);
    onProgress(Math.floor(blob.size / 2));
    try {
      const { ok, status } = await fakeFetch(ticket.url, {
        method: ticket.method,
        headers: ticket.headers,
        body: blob,
        signal: AbortSignal.any([signal, stall.signal]),
      });
      if (!ok) throw new HttpError(`unable to put the picture (HTTP ${status})`, { status });
      onProgress(blob.size);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (stall.signal.aborted) {
        throw new TimeoutError(`unable to put the picture; nothing moved for ${stallMs} ms`, stallMs);
      }
      if (cause instanceof HttpError) throw cause;
      throw new NetworkError('unable to put the picture; the storage host cannot be reached', { cause });
    } finally {
      cancelStall();
    }
  };
}
