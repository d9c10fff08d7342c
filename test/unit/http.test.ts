import { delay, HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { createClient } from '../../src/client.ts';
import { HttpError, NetworkError, ResponseError, TimeoutError } from '../../src/errors.ts';
import type { ClientOptions } from '../../src/options.ts';
import { retryAfterMs } from '../../src/transport/retry-after.ts';
import { api, mockBackend, profileRow } from '../support/backend.ts';

const server = mockBackend();
const url = `${api}/api/users/:id/profile`;

const client = (options: Partial<ClientOptions> = {}) =>
  createClient({ baseUrl: api, userId: 'me', random: () => 0, ...options });

/** Answers in turn; the last one for ever. Returns the log of `Authorization` headers. */
function answers(...responses: (() => Response | Promise<Response>)[]) {
  const log: (string | null)[] = [];
  server.use(
    http.get(url, ({ request }) => {
      const response = responses[Math.min(log.length, responses.length - 1)];
      log.push(request.headers.get('authorization'));
      return response?.() ?? HttpResponse.error();
    }),
  );
  return log;
}
const ok = () => HttpResponse.json(profileRow('u1'));
const status =
  (code: number, body: object | string = {}, headers: Record<string, string> = {}) =>
  () =>
    typeof body === 'string'
      ? new HttpResponse(body, { status: code, headers })
      : HttpResponse.json(body, { status: code, headers });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error,
  );

describe('requests', () => {
  it('[HT1] ask for the token anew at every attempt', async () => {
    const log = answers(status(500), ok);
    let asked = 0;
    await client({ getToken: () => `t${++asked}` }).users.get('u1');
    expect(log).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('[HT1] send no Authorization header without a token', async () => {
    const log = answers(ok);
    await client({ getToken: () => null }).users.get('u1');
    expect(log).toEqual([null]);
  });

  it.each([
    ['401', status(401, { error: 'expired' })],
    ['403 Invalid token', status(403, { error: 'Invalid token' })],
  ])('[HT2] refresh once and try again on %s', async (_, refusal) => {
    const log = answers(refusal, ok);
    const requests: boolean[] = [];
    const getToken: ClientOptions['getToken'] = ({ refresh }) => {
      requests.push(refresh);
      return refresh ? 'new' : 'old';
    };
    await client({ getToken }).users.get('u1');
    expect(log).toEqual(['Bearer old', 'Bearer new']);
    expect(requests).toEqual([false, true]);
  });

  it('[HT3] share one refresh, however many calls met the refusal and whenever they did', async () => {
    let current = 'old';
    let refreshes = 0;
    server.use(
      http.get(url, async ({ request, params }) => {
        await delay(Number(params.id) % 40);
        return request.headers.get('authorization') === 'Bearer new'
          ? HttpResponse.json(profileRow(String(params.id)))
          : HttpResponse.json({ error: 'expired' }, { status: 401 });
      }),
    );
    const sdk = client({
      async getToken({ refresh }) {
        if (refresh) {
          refreshes += 1;
          await delay(20);
          current = 'new';
        }
        return current;
      },
    });
    const users = await Promise.all(Array.from({ length: 20 }, (_, i) => sdk.users.get(i * 3)));
    expect(users).toHaveLength(20);
    expect(refreshes).toBe(1);
  });

  it('[HT4] do not refresh on a 403 that is about rights', async () => {
    const log = answers(status(403, { error: 'Not your conversation', code: 'FORBIDDEN' }));
    const error = await failure(client({ getToken: () => 't' }).users.get('u1'));
    expect(error).toMatchObject({
      name: 'HttpError',
      code: 'FORBIDDEN',
      status: 403,
      serverCode: 'FORBIDDEN',
    });
    expect(log).toHaveLength(1);
  });

  it.each([
    ['401', status(401, { message: 'who are you' })],
    ['403 Invalid token', status(403, { error: 'Invalid token' })],
  ])('[HT5] give up after the second %s and say that the user is signed out', async (_, refusal) => {
    const log = answers(refusal);
    const sdk = client({ getToken: () => 't' });
    let signedOut = 0;
    sdk.realtime.on('signedOut', () => {
      signedOut += 1;
    });
    const error = await failure(sdk.users.get('u1'));
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', retryable: false });
    expect(log).toHaveLength(2);
    expect(signedOut).toBe(1);
  });

  it('[HT5] wrap what getToken throws', async () => {
    const cause = new Error('no session');
    const error = await failure(
      client({
        getToken() {
          throw cause;
        },
      }).users.get('u1'),
    );
    expect(error).toMatchObject({ code: 'TOKEN_UNAVAILABLE', retryable: true, cause });
  });

  it.each([500, 502, 503, 504])('[HT6] repeat an idempotent call after %i', async (code) => {
    const log = answers(status(code, '<html>Bad Gateway</html>'), status(code), ok);
    await client().users.get('u1');
    expect(log).toHaveLength(3);
  });

  it('[HT6] repeat after a reset, and fail typed when it goes on', async () => {
    const log = answers(() => HttpResponse.error());
    const error = await failure(client().users.get('u1'));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
    expect(log).toHaveLength(3);
  });

  it.each([400, 401, 403, 409, 413, 422, 418])('[HT6] do not repeat after %i', async (code) => {
    const log = answers(status(code, { message: 'no' }, { 'x-request-id': 'r1' }));
    const error = await failure(client({ getToken: () => null }).users.get('u1'));
    expect(error).toMatchObject({ status: code, retryable: false, requestId: 'r1' });
    expect(log.length).toBe(code === 401 ? 2 : 1);
  });

  it('[HT7] tell a 429 with its Retry-After and leave the waiting to the caller when it is long', async () => {
    const log = answers(status(429, { error: 'slow down' }, { 'retry-after': '42' }));
    const error = await failure(client().users.get('u1'));
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 42_000, retryable: true });
    expect(log).toHaveLength(1);
  });

  it('[HT7] read Retry-After as seconds or a date, clamp it and ignore nonsense', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfterMs('7', now)).toBe(7_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
    expect(retryAfterMs('0', now)).toBe(1_000);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:00 GMT', now)).toBe(1_000);
    expect(retryAfterMs('99999999999', now)).toBe(300_000);
    expect(retryAfterMs('soon', now)).toBeUndefined();
    expect(retryAfterMs('', now)).toBeUndefined();
    expect(retryAfterMs(null, now)).toBeUndefined();
  });

  it.each([
    ['HTML', status(200, '<html>Welcome</html>', { 'content-type': 'text/html' })],
    ['truncated JSON', status(200, '{"id":"u1","disp')],
    ['nothing', status(200, '')],
    ['null', status(200, 'null')],
    ['a list', status(200, '[]')],
    ['a wrong type', status(200, { id: 'u1', display_name: 5 })],
  ])('[HT8] reject an answer that is %s', async (_, answer) => {
    answers(answer);
    const error = await failure(client().users.get('u1'));
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({ code: 'BAD_RESPONSE', retryable: false });
  });

  it('[HT8] name the place where an answer differs', async () => {
    answers(status(200, { id: 'u1', display_name: 5 }));
    const error = await failure(client().users.get('u1'));
    expect(error).toMatchObject({ issues: [{ path: 'display_name' }] });
  });

  it('[HT8] take {success:false} with 200 for the failure it is', async () => {
    answers(status(200, { success: false, message: 'database gone' }));
    const error = await failure(client().users.get('u1'));
    expect(error).toMatchObject({
      name: 'HttpError',
      status: 200,
      message: expect.stringContaining('database gone'),
    });
  });

  it('[HT9] stop waiting for an answer after the timeout', async () => {
    answers(() => delay('infinite').then(ok));
    const error = await failure(client({ timeoutMs: 20 }).users.get('u1'));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 20, retryable: true });
  });

  it('[HT10] reject with the caller’s own reason, before and during', async () => {
    const log = answers(() => delay('infinite').then(ok));
    const reason = { mine: true };
    expect(await failure(client().users.get('u1', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(log).toHaveLength(0);
    const controller = new AbortController();
    const going = failure(client().users.get('u1', { signal: controller.signal }));
    await expect.poll(() => log.length).toBe(1);
    controller.abort(reason);
    expect(await going).toBe(reason);
  });

  it('[HT12] reject with DISPOSED after dispose, also when under way', async () => {
    const log = answers(() => delay('infinite').then(ok));
    const sdk = client();
    const going = failure(sdk.users.get('u1'));
    await expect.poll(() => log.length).toBe(1);
    sdk.dispose();
    sdk.dispose();
    expect(await going).toMatchObject({ code: 'DISPOSED' });
    expect(await failure(sdk.users.get('u1'))).toMatchObject({ code: 'DISPOSED' });
    expect(() => sdk.realtime.connect()).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
  });
});

describe('options', () => {
  it.each([[''], ['not an address'], ['ftp://e.com'], [undefined], [{}]])(
    '[CL2] refuse the base address %j',
    (baseUrl) => {
      // @ts-expect-error a caller without types
      expect(() => createClient({ baseUrl, userId: 'u1' })).toThrow(TypeError);
    },
  );

  it.each([[''], [undefined], [null], [1.5], [Number.NaN], ['x'.repeat(257)]])(
    '[CL2] refuse the user id %j',
    (userId) => {
      // @ts-expect-error a caller without types
      expect(() => createClient({ baseUrl: api, userId })).toThrow(TypeError);
    },
  );

  it('[CL3] treat 1 and "1" as one user', () => {
    const sdk = client();
    expect(sdk.users.live(1)).toBe(sdk.users.live('1'));
    expect(createClient({ baseUrl: api, userId: 7 }).userId).toBe('7');
  });
});
