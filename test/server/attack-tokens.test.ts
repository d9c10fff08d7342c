import { createHmac, generateKeyPairSync } from 'node:crypto';
import { exportJWK, importPKCS8, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAlive, expectRefusal } from './attack-support.ts';
import { addressOf, nameOf, type Scene, targets } from './attack-targets.ts';
import { type Person, person } from './chat-support.ts';
import { call, connected, openSocket, refused, signIn, startServer, type TestServer } from './support.ts';

let server: TestServer;
let maya: Person;
let scene: Scene;
beforeAll(async () => {
  server = await startServer();
  maya = await person(server, 'u1');
  // Nobody gets far enough to look at what they are.
  scene = { maya, jonas: maya, chat: 'chat', bid: 'bid', message: 'message' };
});
afterAll(() => server.stop());

const named = targets
  .filter(({ access }) => access === 'private')
  .map((target) => [nameOf(target), target] as const);

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;
const claims = () => ({ sub: 'u1', iss: 'visavis', aud: 'visavis', exp: inAnHour() });

/** Made by hand, because no library makes what is wrong. */
function forge(header: object, payload: object = claims(), secret = server.config.secret, hash = 'sha256') {
  const signed = `${base64(header)}.${base64(payload)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

const HS256 = { alg: 'HS256', typ: 'JWT' };
const without = (name: string) =>
  Object.fromEntries(Object.entries(claims()).filter(([key]) => key !== name));
const unsigned = (alg: string) => `${base64({ alg })}.${base64(claims())}.`;

const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ownPem = own.publicKey.export({ type: 'spki', format: 'pem' }).toString();
async function byOwnKey(): Promise<string> {
  const key = await importPKCS8(own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'RS256');
  const jwk = await exportJWK(own.publicKey);
  return new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', jwk, kid: 'mine' }).sign(key);
}

const forgeries: readonly [string, () => string | Promise<string>][] = [
  ['nonsense', () => 'nonsense'],
  ['two dots', () => '..'],
  ['three empty objects', () => `${base64({})}.${base64({})}.${base64({})}`],
  ['no algorithm', () => unsigned('none')],
  ['no algorithm, in capitals', () => unsigned('NONE')],
  ['no algorithm, but a signature', () => forge({ alg: 'none' })],
  ['no header of its own', () => forge({})],
  ['HS512', () => forge({ alg: 'HS512' }, claims(), server.config.secret, 'sha512')],
  ['RS256, signed with what both know', () => forge({ alg: 'RS256' })],
  ['HS256, signed with a public key', () => forge(HS256, claims(), ownPem)],
  ['a key that it brings along', byOwnKey],
  ['an empty secret', () => forge(HS256, claims(), '')],
  ['another secret', () => forge(HS256, claims(), 'another secret that is long enough to be one')],
  ['a kid that is a file', () => forge({ ...HS256, kid: '../../../../dev/null' }, claims(), '')],
  ['a kid that is SQL', () => forge({ ...HS256, kid: "x' union select 'a" }, claims(), 'a')],
  ['a key from elsewhere', () => forge({ ...HS256, jku: 'http://127.0.0.1:1/keys' }, claims(), 'a')],
  ['a condition nobody knows', () => forge({ ...HS256, crit: ['mine'], mine: true })],
  ['a payload that is not encoded', () => forge({ ...HS256, b64: false, crit: ['b64'] })],
  ['another issuer', () => forge(HS256, { ...claims(), iss: 'someone' })],
  ['no issuer', () => forge(HS256, without('iss'))],
  ['another audience', () => forge(HS256, { ...claims(), aud: 'someone' })],
  ['no audience', () => forge(HS256, without('aud'))],
  ['no end', () => forge(HS256, without('exp'))],
  ['an end in words', () => forge(HS256, { ...claims(), exp: 'never' })],
  ['an end in the past', () => forge(HS256, { ...claims(), exp: 1 })],
  ['a beginning in the future', () => forge(HS256, { ...claims(), nbf: inAnHour() })],
  ['no subject', () => forge(HS256, without('sub'))],
  ['an empty subject', () => forge(HS256, { ...claims(), sub: '' })],
  ['a subject that is SQL', () => forge(HS256, { ...claims(), sub: "u1' or 1=1 --" })],
  ['a subject that is a list', () => forge(HS256, { ...claims(), sub: ['u1'] })],
  ['a subject that is an object', () => forge(HS256, { ...claims(), sub: { $ne: null } })],
  ['a list for a payload', () => forge(HS256, ['u1'])],
  ['no signature', () => maya.token.replace(/[^.]+$/, '')],
  ['half a signature', () => maya.token.slice(0, -10)],
  ['the signature of another payload', async () => splice(maya.token, await signIn(server, 'u2'))],
  ['a payload of one’s own', () => splice(forge(HS256, { ...claims(), sub: 'u2' }, 'mine'), maya.token)],
];

/** The payload of one, with header and signature of the other. */
function splice(payloadOf: string, restOf: string): string {
  const [header, , signature] = restOf.split('.');
  return [header, payloadOf.split('.')[1], signature].join('.');
}

test('the token made by hand is let in when nothing is wrong with it', async () => {
  expect((await call(server, 'GET', '/api/users/u1/profile', { token: forge(HS256) })).status).toBe(200);
});

describe.each(forgeries)('a token with %s', (about, make) => {
  test('[AT3] is refused by every private route', async () => {
    const token = await make();
    for (const [name, target] of named) {
      const answer = await call(server, target.method, addressOf(target, scene), { token });
      expectRefusal(answer, name);
      expect([name, answer.status]).toEqual([name, 401]);
      expect(['INVALID_TOKEN', 'TOKEN_EXPIRED']).toContain(answer.body.code);
    }
    await expectAlive(server);
  });

  test('[AT3] opens no socket', async () => {
    const { data } = await refused(openSocket(server, await make()));
    const reason = about === 'an end in the past' ? 'TOKEN_EXPIRED' : 'INVALID_TOKEN';
    expect(data).toEqual({ code: 'UNAUTHORIZED', reason });
  });
});

describe('a good token', () => {
  test.each(named)('counts for nothing in the address or under another name: %s', async (_, target) => {
    const { token } = maya;
    const address = addressOf(target, scene);
    const query = `?token=${token}&access_token=${token}&auth=${token}&jwt=${token}`;
    const headers: Record<string, string>[] = [
      { Authorization: token },
      { Authorization: `Basic ${Buffer.from(`u1:${token}`).toString('base64')}` },
      { Authorization: `Bearer ${token} ${token}` },
      { Authorization: 'Bearer' },
      { 'X-Access-Token': token, 'X-Auth-Token': token, 'Proxy-Authorization': `Bearer ${token}` },
    ];
    // The one wire that takes a cookie does so for pages of allowed origins only.
    const page = target.path === '/api/upload/profile' ? { Origin: 'https://evil.example' } : {};
    const answers = [
      await call(server, target.method, address + query),
      ...(await Promise.all(headers.map((one) => call(server, target.method, address, { headers: one })))),
      await call(server, target.method, address, { headers: { Cookie: `token=${token}`, ...page } }),
    ];
    for (const answer of answers) {
      expectRefusal(answer, address);
      expect([401, 403]).toContain(answer.status);
      expect(JSON.stringify(answer.body)).not.toContain(token);
    }
  });

  test('is one for every private route', async () => {
    for (const [name, target] of named) {
      const answer = await call(server, target.method, addressOf(target, scene), { token: maya.token });
      expect([name, answer.status]).not.toEqual([name, 401]);
    }
    await connected(openSocket(server, maya.token));
  });
});

test('what is for development is not there in production', async () => {
  const production = await startServer({ development: false });
  for (const target of targets.filter(({ access }) => access === 'development')) {
    const body = target.method === 'GET' ? {} : { json: {} };
    const { status } = await call(production, target.method, addressOf(target, scene), body);
    expect([nameOf(target), status]).toEqual([nameOf(target), 404]);
  }
  await production.stop();
});
