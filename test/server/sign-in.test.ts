import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatSocket, chatSocket, meet, person, persons } from './chat-support.ts';
import {
  connected,
  type Json,
  openSocket,
  refused,
  signIn,
  startServer,
  type TestServer,
  uploadAvatar,
} from './support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ limits: { signInMs: 30_000, socketsPerUser: 3 } });
});
afterAll(() => server.stop());

const unsigned = (at = server) => chatSocket(at, { token: undefined });
const gone = (socket: Socket) => new Promise<string>((resolve) => socket.once('disconnect', resolve));

async function authenticate(socket: ChatSocket, token: unknown): Promise<Json> {
  return socket.ask('authenticate', { token });
}

describe('A socket without a token', () => {
  test('signs in by authenticate, and is then like any other', async () => {
    const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Json, Json];
    const id = await meet(maya, jonas);
    const socket = await unsigned();
    expect(await authenticate(socket, maya.token)).toEqual({ ok: true });
    expect(await socket.wait('authenticated')).toEqual([{ userId: 'u1' }]);
    expect(await socket.ask('chat:join', { conversationId: id })).toEqual({ ok: true });
    await jonas.send(id, 'hi');
    expect((await socket.wait('chat:new'))[0].message.text).toBe('hi');
    await uploadAvatar(server, jonas.token);
    expect((await socket.wait('user:avatar:updated'))[0].userId).toBe('u2');
    expect(await authenticate(socket, await signIn(server, 'u1'))).toEqual({ ok: true });
    expect(await socket.wait('token_refreshed')).toEqual([{ userId: 'u1' }]);
    socket.socket.disconnect();
  });

  test('[WR7] hears nothing and can do nothing else', async () => {
    const [maya, jonas] = (await persons(server, 'u3', 'u4')) as [Json, Json];
    const id = await meet(maya, jonas);
    const socket = await unsigned();
    const witness = await chatSocket(server, jonas);
    await uploadAvatar(server, maya.token);
    await jonas.send(id, 'hi');
    await witness.wait('user:avatar:updated');
    for (const [name, payload] of [
      ['join', 'u3'],
      ['join_conversation', id],
      ['chat:join', { conversationId: id }],
      ['send_message', { conversationId: id, message: 'x' }],
      ['join', ''],
    ] as const)
      expect(await socket.ask(name, payload)).toMatchObject({ ok: false, code: 'UNKNOWN_EVENT' });
    expect(socket.events).toEqual([]);
  });

  test('[WR7] is sent away when it brings three tokens that are not good', async () => {
    const wrong = await unsigned();
    const cut = gone(wrong.socket);
    for (const token of ['made up', null, await signIn(server, 'nobody')])
      wrong.socket.emit('authenticate', { token });
    expect(await cut).toBe('io server disconnect');
    expect(wrong.heard('auth_error')).toHaveLength(3);
    expect(wrong.heard('auth_error')[0]).toEqual({ message: 'Invalid token', code: 'INVALID_TOKEN' });
  });

  test('[WR7] is sent away when it brings none in time', async () => {
    const impatient = await startServer({ limits: { signInMs: 500 } });
    const late = await unsigned(impatient);
    await expect.poll(() => late.socket.connected).toBe(false);
    await impatient.stop();
  });

  test('finds no place where its user has too many', async () => {
    const { token } = await person(server, 'u5');
    for (let count = 0; count < 3; count += 1) await connected(openSocket(server, token));
    const socket = await unsigned();
    expect(await authenticate(socket, token)).toMatchObject({ ok: false, code: 'TOO_MANY_SOCKETS' });
    expect(await socket.wait('auth_error')).toHaveLength(1);
  });
});

test('a token in the handshake that is not good is still refused there', async () => {
  for (const token of ['', 'made up', null])
    expect((await refused(openSocket(server, token))).data).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a socket stays as long as its latest token, and nobody becomes somebody else', async () => {
  const socket = await chatSocket(server, { token: await signIn(server, 'u6', 6) });
  expect(await authenticate(socket, await signIn(server, 'u7'))).toMatchObject({
    ok: false,
    code: 'FORBIDDEN',
  });
  expect(await authenticate(socket, await signIn(server, 'u6'))).toEqual({ ok: true });
  expect(await socket.wait('authenticated')).toEqual([{ userId: 'u6' }]);
  const short = await chatSocket(server, { token: await signIn(server, 'u6', 6) });
  await expect.poll(() => short.socket.connected, { timeout: 20_000 }).toBe(false);
  expect(socket.socket.connected).toBe(true);
});
