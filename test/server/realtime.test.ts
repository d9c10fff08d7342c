import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  call,
  connected,
  type Json,
  listen,
  openSocket,
  refused,
  signIn,
  startServer,
  type TestServer,
  uploadAvatar,
} from './support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ origins: ['https://app.example'] });
});
afterAll(() => server.stop());

const isAlive = async () => (await call(server, 'GET', '/healthz')).status === 200;
const gone = (socket: Json) => new Promise<string>((resolve) => socket.once('disconnect', resolve));

test.each<[string, unknown]>([
  ['no token', undefined],
  ['null', null],
  ['a number', 1],
  ['an object', { toString: 'x' }],
  ['nonsense', 'nonsense'],
  ['an empty token', ''],
  ['a huge token', 'x'.repeat(40_000)],
])('a socket with %s is refused with a code', async (_, token) => {
  const error = await refused(openSocket(server, token));
  expect(error.data).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a socket with an expired token is refused', async () => {
  const token = await signIn(server, 'u1', 1);
  server.clock.ahead += 5000;
  const error = await refused(openSocket(server, token));
  server.clock.ahead = 0;
  expect(error.data).toEqual({ code: 'UNAUTHORIZED', reason: 'TOKEN_EXPIRED' });
});

test('a token in the query or a header lets no socket in', async () => {
  const token = await signIn(server, 'u1');
  const options = { query: { token }, extraHeaders: { Authorization: `Bearer ${token}` } };
  expect((await refused(openSocket(server, undefined, options))).data.code).toBe('UNAUTHORIZED');
});

test('a socket connects by polling as well', async () => {
  const socket = openSocket(server, await signIn(server, 'u1'), { transports: ['polling'] });
  await connected(socket);
  expect(socket.connected).toBe(true);
});

test('a refused socket hears nothing', async () => {
  const socket = openSocket(server, 'nonsense');
  const heard: string[] = [];
  socket.onAny((name: string) => heard.push(name));
  await refused(socket);
  const witness = await listen(server, await signIn(server, 'u2'));
  await uploadAvatar(server, await signIn(server, 'u1'));
  await witness.until(1);
  expect(heard).toEqual([]);
});

test('a socket is disconnected when its token expires', async () => {
  const socket = openSocket(server, await signIn(server, 'u3', 1));
  await connected(socket);
  expect(await gone(socket)).toBe('io server disconnect');
});

test('a user has ten sockets at most, and a place is free again after one closes', async () => {
  const token = await signIn(server, 'u4');
  const sockets = Array.from({ length: 10 }, () => openSocket(server, token));
  await Promise.all(sockets.map(connected));
  expect((await refused(openSocket(server, token))).data.code).toBe('TOO_MANY_SOCKETS');
  await connected(openSocket(server, await signIn(server, 'u5')));
  sockets[0]?.disconnect();
  await expect
    .poll(async () =>
      connected(openSocket(server, token)).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
});

test('thirty sockets at once end with ten', async () => {
  const token = await signIn(server, 'u6');
  const sockets = Array.from({ length: 30 }, () => openSocket(server, token));
  await Promise.all(sockets.map((socket) => connected(socket).catch(() => {})));
  await expect.poll(() => sockets.filter((socket) => socket.connected).length).toBe(10);
});

test.each(['https://evil.example', 'null', 'http://localhost.evil.example'])(
  'a page of %s cannot open a socket, by either transport',
  async (Origin) => {
    const token = await signIn(server, 'u1');
    for (const transport of ['websocket', 'polling']) {
      const options = { transports: [transport], extraHeaders: { Origin } };
      expect(await refused(openSocket(server, token, options))).toBeInstanceOf(Error);
    }
  },
);

test('a page of an allowed origin can', async () => {
  const options = { extraHeaders: { Origin: 'https://app.example' } };
  await connected(openSocket(server, await signIn(server, 'u1'), options));
});

const hostileNames = [
  'join',
  'join_conversation',
  'leave_conversation',
  'join_global_updates',
  'join_bid_room',
  'send_message',
  'typing_start',
  'typing_stop',
  'mark_seen',
  'user_status',
  'chat:join',
  'chat:send',
  'chat:read',
  'authenticate',
  'error',
  'message',
  'connection',
  'user:avatar:updated',
  '__proto__',
  'constructor',
  'toString',
  '',
  'x'.repeat(5000),
];
const hostilePayloads: (() => unknown[])[] = [
  () => [],
  () => [null],
  () => [undefined],
  () => [0],
  () => [-1.5],
  () => [Number.NaN],
  () => [true],
  () => [''],
  () => ['\0'],
  () => ['\ud800'],
  () => ['x'.repeat(10_000)],
  () => [[]],
  () => [{}],
  () => [{ userId: 'u2' }],
  () => [{ userId: { $ne: null } }],
  () => [JSON.parse('{"__proto__":{"admin":true}}')],
  () => [{ constructor: { prototype: {} } }],
  () => [{ toString: null, valueOf: null }],
  () => [Buffer.from('binary')],
  () => [{ deep: Buffer.alloc(100) }, new Uint8Array(8)],
  () => Array(500).fill(null),
  () => [new Date(0), /x/, new Map()],
  () => [() => {}],
  () => [null, () => {}],
];

test('no event a client can send ends the process or reaches anyone else', async () => {
  const witness = await listen(server, await signIn(server, 'u8'));
  const socket = openSocket(server, await signIn(server, 'u7'));
  await connected(socket);
  for (const name of hostileNames) {
    for (const payload of hostilePayloads) socket.emit(name, ...payload());
  }
  // Its answer comes after all before it on the same connection.
  expect(await socket.timeout(10_000).emitWithAck('anything')).toMatchObject({
    ok: false,
    code: 'UNKNOWN_EVENT',
  });
  expect(await isAlive()).toBe(true);
  expect(witness.events).toEqual([]);
});

test.each([
  `42["x",${'['.repeat(30_000)}${']'.repeat(30_000)}]`,
  '2["error"]',
  '42["error",null]',
  '42["disconnect"]',
  '42["disconnecting"]',
  '42["connect"]',
  '42["newListener"]',
  '42[]',
  '42{}',
  '42null',
  '42["x"',
  '42[null]',
  '42[{"a":1}]',
  '4299999999999999999999["x"]',
  '43["unasked answer"]',
  '4312["unasked answer"]',
  '451-["x",{"_placeholder":true,"num":0}]',
  '451-["x",{"_placeholder":true,"num":-1}]',
  '451-["x",{"_placeholder":true,"num":"splice"}]',
  '459999999-["x"]',
  '40/admin,{"token":"x"}',
  '40/__proto__,',
  '41',
  '44{"message":"x"}',
  '49',
  '4',
  '9',
  '1',
  '',
  '\0',
])('a raw frame %.40s does not end the process', async (frame) => {
  const socket = openSocket(server, await signIn(server, 'u9'));
  await connected(socket);
  const { transport } = (socket.io as Json).engine;
  await new Promise<void>((resolve) => transport.ws.send(frame, () => resolve()));
  socket.disconnect();
  const after = openSocket(server, await signIn(server, 'u9'));
  await connected(after);
  expect(await isAlive()).toBe(true);
});

test('a frame over 64 kB closes that socket alone', async () => {
  const witness = openSocket(server, await signIn(server, 'u8'));
  await connected(witness);
  const socket = openSocket(server, await signIn(server, 'u7'));
  await connected(socket);
  socket.emit('x', 'x'.repeat(70_000));
  expect(await gone(socket)).toMatch(/transport (close|error)/);
  expect(witness.connected).toBe(true);
});

test('a socket cannot join a room of its choice', async () => {
  const spy = openSocket(server, await signIn(server, 'u10'));
  const heard: string[] = [];
  spy.onAny((name: string) => heard.push(name));
  await connected(spy);
  for (const room of ['user_u1', 'u1', { userId: 'u1' }]) spy.emit('join', room);
  await spy.timeout(10_000).emitWithAck('flush');
  expect(heard).toEqual([]);
});
