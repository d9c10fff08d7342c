import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { afterAnswer } from '../../examples/server/src/http.ts';
import { createTokens } from '../../examples/server/src/tokens.ts';
import {
  call,
  complete,
  listen,
  picture,
  presign,
  put,
  signIn,
  startServer,
  type TestServer,
} from './support.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startServer({ origins: ['https://app.example'] });
  token = await signIn(server, 'u1');
});
afterAll(() => server.stop());

const profile = (options: { token?: string; headers?: Record<string, string> }) =>
  call(server, 'GET', '/api/users/u1/profile', options);

describe('a token', () => {
  test('that is missing is a 401', async () => {
    const answer = await profile({});
    expect(answer).toMatchObject({ status: 401, body: { success: false, code: 'UNAUTHORIZED' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('that has expired is a 401 that says so', async () => {
    const short = await signIn(server, 'u1', 1);
    server.clock.ahead += 2000;
    const answer = await profile({ token: short });
    server.clock.ahead = 0;
    expect(answer).toMatchObject({ status: 401, body: { code: 'TOKEN_EXPIRED' } });
  });

  test('for someone who does not exist reads profiles and changes nothing', async () => {
    const { secret, issuer, audience } = server.config;
    const ghost = await createTokens({ secret, issuer, audience, clock: Date.now }).sign('ghost', 60);
    expect(await presign(server, ghost, [{ type: 'avatar', bytes: await picture() }])).toMatchObject({
      status: 404,
      body: { code: 'USER_NOT_FOUND' },
    });
    expect((await call(server, 'DELETE', '/api/users/me/avatar', { token: ghost })).status).toBe(404);
    expect(
      (await call(server, 'PATCH', '/api/users/me/profile', { token: ghost, json: { display_name: 'Boo' } }))
        .status,
    ).toBe(404);
  });
});

describe('identity', () => {
  test('comes from the token, whatever body, query or header claim', async () => {
    const claims = { userId: 'u2', user_id: 'u2', id: 'u2', senderId: 'u2' };
    const answer = await call(server, 'PATCH', '/api/users/me/profile?userId=u2&user_id=u2', {
      token,
      json: {
        display_name: 'Maya L',
        avatar_url: 'https://evil.example/x.png',
        avatar_version: 99,
        ...claims,
      },
      headers: { 'user-id': 'u2', 'x-user-id': 'u2' },
    });
    expect(answer.body).toMatchObject({
      id: 'u1',
      display_name: 'Maya L',
      avatar_url: null,
      avatar_version: 0,
    });
    expect((await call(server, 'GET', '/api/users/u2/profile', { token })).body.display_name).toBe(
      'Jonas Okafor',
    );
  });

  test('of an upload is its presigner', async () => {
    const bytes = await picture();
    const { body } = await call(server, 'POST', '/api/users/me/avatar/presign', {
      token,
      json: {
        userId: 'u2',
        files: [{ type: 'avatar', contentType: 'image/webp', size: bytes.length, userId: 'u2' }],
      },
    });
    await put(body.uploads[0], bytes);
    const listener = await listen(server, token);
    expect((await complete(server, token, body.uploads)).status).toBe(200);
    await listener.until(1);
    expect(listener.events[0]?.[1].userId).toBe('u1');
  });
});

describe('the presign limit', () => {
  test('is five a minute for each user, whatever address they claim', async () => {
    const strict = await startServer({ limits: { uploadsPerMinute: 5 } });
    const [mine, other] = [await signIn(strict, 'u1'), await signIn(strict, 'u2')];
    const ask = (user: string, address: string) =>
      call(strict, 'POST', '/api/users/me/avatar/presign', {
        token: user,
        json: { files: [{ type: 'avatar', contentType: 'image/webp', size: 1 }] },
        headers: { 'X-Forwarded-For': address, Origin: 'http://localhost:5173' },
      });
    for (let call = 0; call < 5; call++) expect((await ask(mine, `10.0.0.${call}`)).status).toBe(200);
    const refusal = await ask(mine, '10.0.0.9');
    const theirs = await ask(other, '10.0.0.9');
    await strict.stop();
    expect(refusal).toMatchObject({ status: 429, body: { success: false, code: 'RATE_LIMITED' } });
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refusal.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(refusal.headers.get('access-control-expose-headers')).toContain('Retry-After');
    expect(theirs.status).toBe(200);
  });
});

describe('a refusal', () => {
  const deep = `{"files":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
  test.each<[string, string, string, string | undefined, number]>([
    ['an unknown address', 'GET', '/api/nothing', undefined, 404],
    ['an unknown method', 'PUT', '/api/users/u1/profile', '{}', 404],
    ['a broken address', 'GET', '/api/users/%E0%A4%A/profile', undefined, 400],
    ['NUL in an id', 'GET', '/api/users/%00/profile', undefined, 400],
    ['SQL in an id', 'GET', "/api/users/'%20or%201=1/profile", undefined, 400],
    ['a long id', 'GET', `/api/users/${'u'.repeat(65)}/profile`, undefined, 400],
    ['a very long id', 'GET', `/api/users/${'u'.repeat(5000)}/profile`, undefined, 404],
    ['an id of nobody', 'GET', '/api/users/constructor/profile', undefined, 404],
    ['a prototype as id', 'GET', '/api/users/__proto__/profile', undefined, 404],
    ['broken JSON', 'PATCH', '/api/users/me/profile', '{"display_name":', 400],
    ['a bare null', 'PATCH', '/api/users/me/profile', 'null', 400],
    ['a list', 'PATCH', '/api/users/me/profile', '[]', 400],
    ['a prototype in JSON', 'PATCH', '/api/users/me/profile', '{"__proto__":{"display_name":"x"}}', 400],
    ['a name of NUL', 'PATCH', '/api/users/me/profile', '{"display_name":"a\\u0000b"}', 400],
    ['half a character', 'PATCH', '/api/users/me/profile', '{"display_name":"\\ud83d"}', 400],
    ['an empty name', 'PATCH', '/api/users/me/profile', '{"display_name":"  "}', 400],
    ['a null name', 'PATCH', '/api/users/me/profile', '{"display_name":null}', 400],
    ['a long name', 'PATCH', '/api/users/me/profile', JSON.stringify({ display_name: 'x'.repeat(81) }), 400],
    ['a name with a line break', 'PATCH', '/api/users/me/profile', '{"display_name":"a\\nb"}', 400],
    ['a deep body', 'POST', '/api/users/me/avatar/presign', deep, 400],
    [
      'a large body',
      'PATCH',
      '/api/users/me/profile',
      JSON.stringify({ display_name: 'x'.repeat(70_000) }),
      413,
    ],
    ['no person', 'POST', '/dev/login', '{"userId":"nobody"}', 404],
    ['a nameless person', 'POST', '/dev/login', '{"userId":{"$ne":null}}', 400],
  ])('of %s has the one shape and says nothing of the inside', async (_, method, path, raw, status) => {
    const answer = await call(server, method, path, { token, ...(raw === undefined ? {} : { raw }) });
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      success: false,
      error: expect.any(String),
      message: answer.body.error,
      code: expect.stringMatching(/^[A-Z_]+$/),
      request_id: answer.headers.get('x-request-id'),
    });
    expect(JSON.stringify(answer.body)).not.toMatch(
      /select|insert|node_modules|\.ts|\/work|\/tmp|FST_|\bat \S+:\d/,
    );
  });

  test('of a body that is not JSON is a 415', async () => {
    const answer = await call(server, 'PATCH', '/api/users/me/profile', {
      token,
      raw: 'display_name=x',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect(answer).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_BODY' } });
  });

  test('by a disk that is gone is a bare 500', async () => {
    const broken = await startServer();
    const mine = await signIn(broken, 'u1');
    const bytes = await picture();
    const { body } = await presign(broken, mine, [{ type: 'avatar', bytes }]);
    await rm(join(broken.folder, 'objects'), { recursive: true });
    const answer = await put(body.uploads[0], bytes);
    await broken.stop();
    expect(answer).toMatchObject({ status: 500, body: { success: false, code: 'INTERNAL' } });
    expect(JSON.stringify(answer.body)).not.toMatch(/ENOENT|objects|tmp/);
  });
});

describe('a page of another origin', () => {
  const preflight = (origin: string) =>
    call(server, 'OPTIONS', '/api/users/me/avatar/presign', {
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    });

  test.each(['https://app.example', 'http://localhost:5173', 'http://127.0.0.1:8080'])(
    '%s may call',
    async (origin) => {
      const answer = await preflight(origin);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('access-control-allow-headers')).toContain('Authorization');
      const actual = await profile({ token, headers: { Origin: origin } });
      expect(actual.headers.get('access-control-allow-origin')).toBe(origin);
      expect(actual.headers.get('access-control-expose-headers')).toBe('x-request-id, Retry-After, ETag');
    },
  );

  test.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'https://app.example.evil'])(
    '%s may not',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
      const actual = await profile({ token, headers: { Origin: origin } });
      expect(actual.headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

describe('an announcement', () => {
  test('waits until the answer has left, and does not fail when the caller has', async () => {
    const order: string[] = [];
    const http = Fastify();
    http.get('/:caller', async (request, reply) => {
      reply.raw.once('finish', () => order.push('answered'));
      if (request.url === '/gone')
        await new Promise((resolve) => request.raw.socket.destroy().once('close', resolve));
      afterAnswer(reply, () => order.push('announced'));
      return 'done';
    });
    const address = await http.listen({ port: 0, host: '127.0.0.1' });
    await fetch(`${address}/here`);
    await expect.poll(() => order).toEqual(['answered', 'announced']);
    await fetch(`${address}/gone`).catch(() => {});
    await expect.poll(() => order.at(-1)).toBe('announced');
    await expect.poll(() => order.filter((step) => step === 'announced')).toHaveLength(2);
    await http.close();
  });
});

describe('a profile', () => {
  test('has exactly the fields of the wire', async () => {
    const { body } = await call(server, 'GET', '/api/users/u3/profile', { token });
    expect(body).toEqual({
      id: 'u3',
      display_name: 'Zoë Ångström',
      username: 'zoe',
      avatar_url: null,
      avatar_thumb_url: null,
      avatar_version: 0,
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  test('is not sent again while it is the same', async () => {
    const path = '/api/users/u4/profile';
    const etag = (await call(server, 'GET', path, { token })).headers.get('etag') ?? '';
    const again = () => call(server, 'GET', path, { token, headers: { 'If-None-Match': etag } });
    expect((await again()).status).toBe(304);
    const owner = await signIn(server, 'u4');
    await call(server, 'PATCH', '/api/users/me/profile', { token: owner, json: { display_name: 'Bruce' } });
    expect((await again()).status).toBe(200);
  });

  test('tells everyone of a new name, with that field alone, and only when it is new', async () => {
    const listener = await listen(server, token);
    const owner = await signIn(server, 'u5');
    const rename = (json: unknown) => call(server, 'PATCH', '/api/users/me/profile', { token: owner, json });
    const answer = await rename({ display_name: '  علي  ' });
    expect(answer).toMatchObject({ status: 200, body: { id: 'u5', display_name: 'علي' } });
    await rename({ display_name: 'علي' });
    await rename({});
    await rename({ display_name: '👩🏽‍🚀'.repeat(80) });
    await listener.until(2);
    expect(listener.events).toEqual([
      ['user:profile:updated', { userId: 'u5', display_name: 'علي' }],
      ['user:profile:updated', { userId: 'u5', display_name: '👩🏽‍🚀'.repeat(80) }],
    ]);
  });
});

describe('the service', () => {
  test('says what it can do and that it is well', async () => {
    expect((await call(server, 'GET', '/api/capabilities')).body).toMatchObject({
      level: 2,
      avatar_version: true,
    });
    for (const path of ['/healthz', '/readyz'])
      expect(await call(server, 'GET', path)).toMatchObject({ status: 200, body: { ok: true } });
  });

  test('lists its people in development and signs them in', async () => {
    const { body } = await call(server, 'GET', '/dev/people');
    expect(body).toHaveLength(10);
    expect(body[2]).toMatchObject({ id: 'u3', username: 'zoe' });
    const login = await call(server, 'POST', '/dev/login', { json: { userId: 'u3' } });
    expect(login.body).toEqual({ token: expect.any(String), userId: 'u3', expiresIn: 3600 });
  });

  test('has neither people nor a way in without a password in production', async () => {
    const production = await startServer({ development: false, publicUrl: 'https://api.example' });
    const local = { url: `http://localhost:${production.port}` };
    const answers = [
      await call(local, 'GET', '/dev/people'),
      await call(local, 'POST', '/dev/login', { json: { userId: 'u1' } }),
      await call(local, 'GET', '/healthz', { headers: { Origin: 'http://localhost:5173' } }),
    ];
    await production.stop();
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 200]);
    expect(answers[2]?.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the page', () => {
  test('and the SDK come under a policy that allows no inline code, no frames and no strings as scripts', async () => {
    for (const path of ['/', '/visavis/missing.js']) {
      const { headers } = await call(server, 'GET', path);
      const policy = headers.get('content-security-policy')?.split('; ') ?? [];
      const { host } = new URL(server.url);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("style-src 'self'");
      expect(policy).toContain(`connect-src 'self' ws://${host} http://${host}`);
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy.join()).not.toMatch(/unsafe|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test.each([
    '/package.json',
    '/../server/package.json',
    '/..%2fserver%2fpackage.json',
    '/.env',
    '/node_modules/x.js',
  ])('is all there is: %s is not served', async (path) => {
    expect((await call(server, 'GET', path)).status).toBeGreaterThanOrEqual(400);
  });
});
