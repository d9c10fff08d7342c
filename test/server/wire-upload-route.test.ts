import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, signIn, startServer, type TestServer } from './support.ts';
import { look, photo, sendForm } from './wires-support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ origins: ['https://app.example'] });
});
afterAll(() => server.stop());

const upload = async (options: { token?: string; headers?: Record<string, string> }, field = 'file') =>
  sendForm(server, '/api/upload/profile', { ...options, form: { [field]: await photo() } });

test.each(['file', 'profilePhoto'])('an upload as %s gives the address to show, twice', async (field) => {
  const token = await signIn(server, 'u1');
  const { status, body } = await upload({ token, headers: { 'user-id': 'u1' } }, field);
  expect(status).toBe(200);
  expect(body).toEqual({
    success: true,
    url: expect.stringMatching(/^http/),
    profilePicture: body.url,
    message: expect.any(String),
  });
  expect(await look(body.url)).toMatchObject({ type: 'image/webp', width: 256 });
  expect((await call(server, 'GET', '/api/users/u1/profile', { token })).body.avatar_url).toBe(body.url);
});

test('the token may come as a cookie, from pages of ours only', async () => {
  const cookie = `theme=dark; token=${await signIn(server, 'u2')}`;
  expect((await upload({ headers: { cookie } })).status).toBe(200);
  expect((await upload({ headers: { cookie, origin: 'https://app.example' } })).status).toBe(200);
  expect((await upload({ headers: { cookie, origin: 'https://evil.example' } })).status).toBe(403);
  expect((await upload({ headers: { cookie: 'token=made-up' } })).status).toBe(401);
  expect((await upload({ headers: { cookie, authorization: 'Bearer made-up' } })).status).toBe(401);
  expect((await call(server, 'GET', '/api/users/u2/profile', { headers: { cookie } })).status).toBe(401);
});

test('refusals say what failed and why', async () => {
  const token = await signIn(server, 'u3');
  const refusal = { error: 'The upload failed', details: expect.any(String), code: expect.any(String) };
  expect(await upload({})).toMatchObject({ status: 401, body: refusal });
  expect(await upload({ token, headers: { 'user-id': 'u1' } })).toMatchObject({ status: 403, body: refusal });
  expect(await upload({ token }, 'picture')).toMatchObject({
    status: 400,
    body: { ...refusal, details: expect.stringContaining('"file"') },
  });
  const svg = new File(['<svg/>'], 'me.svg', { type: 'image/svg+xml' });
  expect(await sendForm(server, '/api/upload/profile', { token, form: { file: svg } })).toMatchObject({
    status: 415,
    body: refusal,
  });
});

test('a page of another origin may send the header with the user’s id', async () => {
  const headers = {
    origin: 'https://app.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,user-id',
  };
  const preflight = await call(server, 'OPTIONS', '/api/upload/profile', { headers });
  expect(preflight.headers.get('access-control-allow-headers')).toContain('user-id');
});
