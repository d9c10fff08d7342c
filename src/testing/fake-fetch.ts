import type { Clock } from '../lib/clock.ts';
import type { Journal, RequestRecord } from './journal.ts';
import type { Line } from './line.ts';
import type { SeededRandom } from './random.ts';

/** A request as it reaches the backend. */
export interface HttpRequest {
  readonly deviceId: string;
  readonly method: string;
  readonly url: URL;
  readonly token: string | null;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for no body. */
  readonly body: string;
  /** Tells others what was committed; never called when the backend went down in between. */
  announce(): void;
}

/** The backend behind a line, as requests see it. */
export interface HttpServer {
  readonly isDown: boolean;
  isStorage(url: URL): boolean;
  handle(request: HttpRequest): HttpAnswer;
  crash(downMs: number): void;
}

export interface FakeFetchSettings {
  readonly deviceId: string;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly line: Line;
  readonly server: HttpServer;
  readonly journal: Journal;
}

type Fate = 'fine' | 'requestLost' | 'answerLost' | 'errorBefore' | 'errorAfter' | 'truncated' | 'tooMany';
type StorageFate = 'fine' | 'requestLost' | 'answerLost' | 'slowDown' | 'forbidden';

/** A `fetch` whose other end is the fake backend. */
export function createFakeFetch(settings: FakeFetchSettings): typeof fetch {
  const { deviceId, clock, random, line, server, journal } = settings;

  function fateOf(): Fate {
    const { faults } = line;
    if (random.chance(faults.requestLost)) return 'requestLost';
    if (random.chance(faults.answerLost)) return 'answerLost';
    if (random.chance(faults.serverError)) return random.chance(0.5) ? 'errorBefore' : 'errorAfter';
    if (random.chance(faults.truncated)) return 'truncated';
    return random.chance(faults.tooMany) ? 'tooMany' : 'fine';
  }

  function storageFateOf(): StorageFate {
    if (!random.chance(line.faults.storageError)) return 'fine';
    return random.pick(['requestLost', 'answerLost', 'slowDown', 'forbidden']);
  }

  /** Goes down before or after the commit of a write, or not at all. */
  function crashOf(method: string): 'before' | 'after' | null {
    if (method === 'GET' || !random.chance(line.faults.crash)) return null;
    return random.chance(0.5) ? 'before' : 'after';
  }

  return async (input, init = {}) => {
    const request = await readRequest(input, init);
    const { url, method, signal } = request;
    if (signal?.aborted) throw signal.reason;
    const record: RequestRecord = {
      at: clock.now(),
      deviceId,
      method,
      url: url.href,
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      token: bearerOf(request.headers),
      headers: request.headers,
      body: request.body,
    };
    journal.requests.push(record);

    return new Promise<Response>((resolve, reject) => {
      const epoch = line.epoch;
      const settle = (status: RequestRecord['status'], finish: () => void) => {
        if (record.status !== undefined) return;
        if (status !== undefined) record.status = status;
        record.settledAt = clock.now();
        unwatch();
        signal?.removeEventListener('abort', onAbort);
        finish();
      };
      const fail = () => settle('lost', () => reject(new TypeError('Failed to fetch')));
      const onAbort = () => settle('aborted', () => reject(signal?.reason));
      const lose = () => {
        // What hangs is ended by the caller's own timeout.
        if (random.chance(line.faults.lossNoticed)) clock.schedule(fail, line.latency());
      };
      const unwatch = line.watch(() => clock.schedule(fail, line.latency()));
      signal?.addEventListener('abort', onAbort, { once: true });

      const answer = ({ status, headers, body }: HttpAnswer) =>
        clock.schedule(() => {
          if (line.epoch !== epoch) return;
          record.retryAfter = headers['retry-after'] ?? null;
          settle(status, () =>
            resolve(new Response(body === '' || status === 204 ? null : body, { status, headers })),
          );
        }, line.latency());

      const handle = () => server.handle({ deviceId, ...request, token: record.token });

      function arrive() {
        if (line.epoch !== epoch) return;
        if (server.isDown) return lose();
        if (server.isStorage(url)) return arriveAtStorage();
        const fate = fateOf();
        if (fate === 'requestLost') return lose();
        if (fate === 'errorBefore') return answer(random.pick(serverErrors));
        if (fate === 'tooMany') return answer(tooMany(random, clock.now()));
        const crash = crashOf(method);
        const [shortest, longest] = line.faults.downMs;
        if (crash === 'before') {
          server.crash(random.between(shortest, longest));
          return lose();
        }
        const done = handle();
        if (crash === 'after') {
          server.crash(random.between(shortest, longest));
          return lose();
        }
        if (fate === 'answerLost') lose();
        else if (fate === 'errorAfter') answer(random.pick(serverErrors));
        else if (fate === 'truncated') answer({ ...done, body: done.body.slice(0, done.body.length / 2) });
        else answer(done);
        done.announce();
      }

      function arriveAtStorage() {
        const fate = storageFateOf();
        if (fate === 'requestLost') return lose();
        if (fate === 'slowDown') return answer(plain(503, 'SlowDown', { 'retry-after': '1' }));
        // Without CORS headers a page sees no answer at all.
        if (fate === 'forbidden') return random.chance(0.5) ? answer(plain(403, 'AccessDenied')) : fail();
        const done = handle();
        if (fate === 'answerLost') lose();
        else answer(done);
      }

      if (line.isUp) clock.schedule(arrive, line.latency());
      else clock.schedule(fail, line.latency());
    });
  };
}

const plain = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain', ...headers },
  body,
  announce() {},
});

const serverErrors: readonly [HttpAnswer, ...HttpAnswer[]] = [
  plain(500, '{"error":"Internal server error"}', { 'content-type': 'application/json' }),
  plain(503, ''),
  plain(502, '<html><body><h1>502 Bad Gateway</h1></body></html>', { 'content-type': 'text/html' }),
];

function tooMany(random: SeededRandom, now: number): HttpAnswer {
  const date = new Date(now + 3_000).toUTCString();
  const header = random.pick(['1', '2', date, 'soon', null]);
  return plain(429, '{"error":"Too many requests"}', {
    'content-type': 'application/json',
    ...(header === null ? {} : { 'retry-after': header }),
  });
}

function bearerOf(headers: Headers): string | null {
  const [scheme, token] = (headers.get('authorization') ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && token ? token : null;
}

async function readRequest(input: Parameters<typeof fetch>[0], init: RequestInit) {
  if (input instanceof Request) {
    const { method, url, headers, signal } = new Request(input, init);
    return { method, url: new URL(url), headers, signal, body: parsed(await input.clone().text()) };
  }
  return {
    method: (init.method ?? 'GET').toUpperCase(),
    url: new URL(input),
    headers: new Headers(init.headers),
    signal: init.signal ?? undefined,
    body: readBody(init.body),
  };
}

function readBody(body: RequestInit['body']): unknown {
  if (typeof body === 'string') return parsed(body);
  if (body instanceof FormData) {
    return Object.fromEntries([...body].map(([name, value]) => [name, fieldOf(value)]));
  }
  return body instanceof Blob ? fieldOf(body) : undefined;
}

const fieldOf = (value: Blob | string) =>
  typeof value === 'string' ? value : { size: value.size, type: value.type };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
