import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { badPayloads, expectAlive, expectRefusal, inside, knownRoutes } from './attack-support.ts';
import { addressOf, nameOf, type Route, type Scene, type Target, targets } from './attack-targets.ts';
import { history, meet, type Person, persons, request } from './chat-support.ts';
import {
  type Answer,
  call,
  type Json,
  picture,
  startServer,
  type TestServer,
  uploadAvatar,
} from './support.ts';
import { photo, sendForm } from './wires-support.ts';

let server: TestServer;
let routes: Route[];
let scene: Scene;
let zoe: Person;
beforeAll(async () => {
  [server, routes] = await knownRoutes(() => startServer());
  const [maya, jonas, outsider] = (await persons(server, 'u1', 'u2', 'u3')) as [Person, Person, Person];
  zoe = outsider;
  const chat = await meet(maya, jonas);
  const sent = await jonas.send(chat, 'of Jonas');
  const bid = await request(jonas, maya);
  scene = { maya, jonas, chat, bid: bid.id, message: sent.body.message.id };
});
afterAll(() => server.stop());

const named = (some: readonly Target[]): [string, Target][] => some.map((target) => [nameOf(target), target]);
const withBody = named(targets.filter((target) => target.body !== undefined));
const withParams = named(targets.filter((target) => target.params !== undefined));
const withQuery = named(targets.filter((target) => target.query !== undefined));

const ask = (target: Target, raw: string, headers?: Record<string, string>): Promise<Answer> =>
  call(server, target.method, addressOf(target, scene), {
    token: scene.maya.token,
    raw,
    ...(headers ? { headers } : {}),
  });

/** Taken or refused, in words that say nothing of the inside. */
function expectSettled(answer: Answer, about: unknown): void {
  if (answer.status >= 300) expectRefusal(answer, about);
  // A token is random letters, which may spell anything.
  else expect(JSON.stringify(answer.body).replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'token')).not.toMatch(inside);
}

test('the list of routes is whole', () => {
  expect(targets.map(nameOf).sort()).toEqual(routes.map(nameOf).sort());
});

describe('a body', () => {
  test.each(withBody)('[AT2] of %s may be anything', async (_, target) => {
    for (const payload of badPayloads) {
      const [value]: Json[] = payload();
      const raw = JSON.stringify(value) ?? '';
      expectSettled(await ask(target, raw), raw.slice(0, 60));
    }
    await expectAlive(server);
  });

  test.each(withBody)('[AT2] of %s may have anything in each field', async (_, target) => {
    const good = target.body?.(scene) ?? {};
    for (const field of Object.keys(good)) {
      for (const payload of badPayloads) {
        const [value]: Json[] = payload();
        const answer = await ask(target, JSON.stringify({ ...target.body?.(scene), [field]: value }));
        expectSettled(answer, [field, value]);
      }
    }
    await expectAlive(server);
  });

  const unstorable = ['\0', 'a\0b', '\ud800', 'a\udfff'];
  test.each(withBody)('of %s with NUL or half a character is a 400', async (_, target) => {
    const good = target.body?.(scene) ?? {};
    const strings = Object.keys(good).filter((field) => typeof good[field] === 'string');
    for (const field of strings) {
      // Not text but bytes; what they are decides.
      if (field === 'base64Image') continue;
      for (const value of unstorable) {
        const body = JSON.stringify({ ...target.body?.(scene), [field]: value });
        const { status } = await ask(target, body);
        expect([field, value, status]).toEqual([field, value, 400]);
      }
    }
  });

  const raws: [string, string | Uint8Array, string][] = [
    ['nothing', '', 'application/json'],
    ['half of JSON', '{"message":', 'application/json'],
    ['JSON and more', '{} {}', 'application/json'],
    ['a comment', '{/**/}', 'application/json'],
    ['one byte that is no text', new Uint8Array([0xff]), 'application/json'],
    ['UTF-16', new Uint8Array(Buffer.from('{"message":"x"}', 'utf16le')), 'application/json; charset=utf-16'],
    ['JSON in gzip', new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 'application/json'],
    ['a prototype', '{"__proto__":{"userId":"u2"}}', 'application/json'],
    ['a constructor', '{"constructor":{"prototype":{"userId":"u2"}}}', 'application/json'],
    ['30,000 lists', '['.repeat(30_000) + ']'.repeat(30_000), 'application/json'],
    ['a form', 'message=x&userId=u2', 'application/x-www-form-urlencoded'],
    ['text', 'hello', 'text/plain'],
    ['XML', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', 'application/xml'],
    ['a type that is none', '{}', 'nonsense'],
    ['a parted type without a boundary', 'x', 'multipart/form-data'],
  ];
  test.each(withBody)('of %s may be of any type', async (_, target) => {
    for (const [about, raw, type] of raws) {
      const response = await fetch(new URL(addressOf(target, scene), server.url), {
        method: target.method,
        headers: { Authorization: `Bearer ${scene.maya.token}`, 'Content-Type': type },
        body: raw as BodyInit,
      });
      const answer = { status: response.status, headers: response.headers, body: await response.json() };
      expectSettled(answer, about);
    }
    await expectAlive(server);
  });

  test.each(withBody)('of %s has a limit', async (_, target) => {
    const limit = target.form === undefined ? 64 * 1024 : 6 * 1024 * 1024;
    expectRefusal(await ask(target, JSON.stringify({ message: 'x'.repeat(limit) })), 'too long');
    expect((await ask(target, JSON.stringify({ message: 'x'.repeat(limit) }))).status).toBe(413);
  });

  test.each(withBody)('of %s says nothing about who asks', async (_, target) => {
    const claims = {
      ...target.body?.(scene),
      ...{ id: 'u2', sender_id: 'u2', senderID: 'u2', uploader_id: 'u2', owner: 'u2', role: 'brand_owner' },
      ...{
        avatar_url: 'https://evil.example/x.png',
        avatar_version: 99,
        is_admin: true,
        created_at: 0,
        seq: 1,
      },
    };
    const before = await witness();
    const headers = { 'user-id': 'u2', 'x-user-id': 'u2', 'X-HTTP-Method-Override': 'DELETE' };
    const answer = await ask(target, JSON.stringify(claims), headers);
    expectSettled(answer, claims);
    const sender = answer.body.message?.sender_id;
    if (sender !== undefined) expect(sender).toBe('u1');
    expect(await witness()).toEqual(before);
  });

  /** What Maya cannot change by any means: Jonas, and what he said. */
  async function witness(): Promise<unknown> {
    const profile = (await scene.jonas.get('/api/users/u2/profile')).body;
    const said = (await history(scene.jonas, scene.chat)).filter((row) => row.sender_id === 'u2');
    return [
      profile,
      said.map(({ content, deleted_at, created_at }) => ({ content, deleted_at, created_at })),
    ];
  }
});

describe('an address', () => {
  const ids = [
    '%00',
    'a%00b',
    '%ed%a0%80',
    '%ff',
    '%',
    '%zz',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e%2f%2e%2e%2f',
    '..%5c..',
    '__proto__',
    'constructor',
    'x'.repeat(200),
    'x'.repeat(2000),
    "'%20or%201=1--",
    '-1',
    '1e9',
    '%f0%9f%91%8b',
    '%0d%0aSet-Cookie:%20x=1',
    '*',
    '{}',
    '[object%20Object]',
    'u1%20',
    'u1%2f..%2fu2',
  ];
  test.each(withParams)('[AT2] of %s may name anything', async (_, target) => {
    const [name = ''] = Object.keys(target.params?.(scene) ?? {});
    for (const id of ids) {
      const path = addressOf(target, scene, { [name]: id });
      const raw = target.body === undefined ? {} : { json: target.body(scene) };
      const answer = await call(server, target.method, path, { token: scene.maya.token, ...raw });
      expectRefusal(answer, id);
    }
    await expectAlive(server);
  });

  const values = [
    '',
    ' ',
    '%00',
    '%ed%a0%80',
    '-1',
    '1.5',
    'NaN',
    'Infinity',
    '1e400',
    '9007199254740993',
    '0x10',
    'true',
    'null',
    '__proto__',
    '[]',
    'x'.repeat(5000),
    "'%20or%201=1--",
    '%F0%9F%91%8B',
  ];
  test.each(withQuery)('[AT2] of %s may ask for anything', async (_, target) => {
    const names = target.query ?? [];
    for (const name of names) {
      for (const value of values) {
        for (const query of [
          `${name}=${value}`,
          `${name}=1&${name}=${value}`,
          `${name}[]=${value}`,
          `${name}[a]=${value}`,
        ]) {
          const path = `${addressOf(target, scene)}?${query}`;
          const answer = await call(server, target.method, path, { token: scene.maya.token });
          if (target.access === 'private') expectSettled(answer, query.slice(0, 60));
          else expectRefusal(answer, query.slice(0, 60));
        }
      }
      const path = `${addressOf(target, scene)}?${name}=%00`;
      expect((await call(server, target.method, path, { token: scene.maya.token })).status).toBe(400);
    }
    const many = Array.from({ length: 1000 }, (_unused, at) => `f${at}=x`).join('&');
    const answer = await call(server, target.method, `${addressOf(target, scene)}?${many}`, {
      token: scene.maya.token,
    });
    expect(answer.status).toBeLessThan(500);
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'LOCK'])(
    'does not answer %s by chance',
    async (method) => {
      const own = new Set(routes.map(nameOf));
      for (const target of targets) {
        if (own.has(`${method} ${target.path}`)) continue;
        const path = addressOf(target, scene);
        const answer = await call(server, method, path, { token: scene.maya.token }).catch(() => undefined);
        // Some methods fetch itself refuses to send.
        if (answer) expect([path, [400, 404].includes(answer.status)]).toEqual([path, true]);
      }
    },
  );
});

describe('what is not one’s own', () => {
  test('[AT4] can neither be read nor changed, whatever the address or the body says', async () => {
    const { chat, bid, message, jonas } = scene;
    const before = await history(jonas, chat);
    const tries: [string, string, Json?][] = [
      ['GET', `/api/conversations/${chat}`],
      ['GET', `/api/conversations/${chat}/messages`],
      ['GET', `/api/conversations/${chat}/messages?after_seq=0&user_id=u1`],
      ['POST', `/api/conversations/${chat}/messages`, { message: 'x' }],
      ['POST', '/api/messages', { conversation_id: chat, message: 'x' }],
      ['POST', '/api/messages/send', { conversation_id: chat, receiver_id: 'u2', message: 'x' }],
      ['POST', '/test-message', { conversationId: chat, senderId: 'u3', message: 'x' }],
      ['PUT', `/api/conversations/${chat}/seen`, {}],
      ['POST', '/api/messages/mark-seen', { message_id: message }],
      ['DELETE', `/api/messages/${message}`],
      ['POST', `/api/conversations/${bid}/state`, { flow_state: 'accepted' }],
      ['GET', '/api/conversations?user_id=u1'],
      ['GET', '/api/messages/conversations?user_id=u1'],
      ['DELETE', '/api/users/u1/profile-picture'],
      ['GET', '/api/profile/picture-history?userId=u1'],
      ['PUT', '/api/profile/update-picture', { userId: 'u1', profilePicture: 'default-avatar.jpg' }],
      ['DELETE', '/api/profile/delete-picture', { userId: 'u1' }],
      ['POST', '/api/profile/sync-picture', { userId: 'u1', syncTimestamp: 1 }],
      ['POST', '/api/profile/upload-picture', { userId: 'u1', base64Image: 'AAAA', filename: 'x' }],
      ['POST', '/api/messages/mark-seen', { message_id: message, user_id: 'u1' }],
    ];
    for (const [method, path, json] of tries) {
      const answer = await call(server, method, path, { token: zoe.token, ...(json ? { json } : {}) });
      expectRefusal(answer, path);
      expect([path, [403, 404].includes(answer.status)]).toEqual([path, true]);
    }
    const file = await photo();
    for (const { path: pattern, form: picture } of targets) {
      // What a message shows is nobody's until it is sent.
      if (picture === undefined || pattern === '/api/media') continue;
      const path = pattern.replace(':id', 'u1');
      const form = { userId: 'u1', [picture.field]: file };
      const { status } = await sendForm(server, path, {
        token: zoe.token,
        form,
        headers: { 'user-id': 'u1' },
      });
      expect([path, status]).toEqual([path, 403]);
    }
    expect(await history(jonas, chat)).toEqual(before);
    const list = (await zoe.get('/api/conversations')).body.conversations;
    expect(list.map((row: Json) => row.id)).not.toContain(chat);
    expect(JSON.stringify((await zoe.get('/api/sync')).body)).not.toContain(chat);
  });

  test('stays with its owner when a message is deleted or a picture is set by the other', async () => {
    const { maya, jonas, message } = scene;
    expect((await maya.delete(`/api/messages/${message}`)).status).toBe(403);
    const version = (await jonas.get('/api/users/u2/profile')).body.avatar_version;
    await uploadAvatar(server, maya.token);
    expect((await jonas.get('/api/users/u2/profile')).body.avatar_version).toBe(version);
  });
});

test('five uploads a minute are all a user has, over all routes and whatever address is claimed', async () => {
  const strict = await startServer({ limits: { uploadsPerMinute: 5 } });
  const [maya, jonas] = (await persons(strict, 'u1', 'u2')) as [Person, Person];
  const bytes = await picture();
  let turn = 0;
  const spoof = () => {
    turn += 1;
    const address = `10.0.${turn}.1`;
    return {
      'X-Forwarded-For': `${address}, 127.0.0.1`,
      'X-Real-IP': address,
      'CF-Connecting-IP': address,
      'True-Client-IP': address,
      Forwarded: `for=${address}`,
    };
  };
  const files = [{ type: 'avatar', contentType: 'image/webp', size: bytes.length }];
  const presigned = (one: Person) =>
    call(strict, 'POST', '/api/users/me/avatar/presign', {
      token: one.token,
      json: { files },
      headers: spoof(),
    });
  const sent = async (path: string, field: string) =>
    sendForm(strict, path, { token: maya.token, form: { [field]: await photo() }, headers: spoof() });
  expect((await presigned(maya)).status).toBe(200);
  expect((await presigned(maya)).status).toBe(200);
  expect((await sent('/api/users/u1/profile-picture', 'file')).status).toBe(200);
  expect((await sent('/api/upload/profile', 'file')).status).toBe(200);
  expect((await sent('/api/profile/upload-picture', 'profilePicture')).status).toBe(200);
  for (const answer of [
    await presigned(maya),
    await sent('/api/users/u1/profile-picture', 'file'),
    await sent('/api/upload/profile', 'file'),
    await sent('/api/profile/upload-picture', 'profilePicture'),
    await sent('/api/profile-picture-api/upload-picture', 'profilePicture'),
  ]) {
    expect(answer).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await presigned(jonas)).status).toBe(200);
  await strict.stop();
});
