import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chatSocket, meet, person } from './chat-support.ts';
import {
  call,
  type Json,
  listen,
  signIn,
  startServer,
  stored,
  type TestServer,
  uploadAvatar,
} from './support.ts';
import { look, photo, pictureForm, sendForm, sendHalf, startCounting } from './wires-support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** How each wire sends a picture and takes it away. */
const wires = {
  presigned: {
    upload: (token: string, _userId: string) => uploadAvatar(server, token),
    remove: (token: string, _userId: string) => call(server, 'DELETE', '/api/users/me/avatar', { token }),
  },
  media: {
    upload: async (token: string, userId: string) =>
      sendForm(server, `/api/users/${userId}/profile-picture`, { token, form: { file: await photo() } }),
    remove: (token: string, userId: string) =>
      call(server, 'DELETE', `/api/users/${userId}/profile-picture`, { token }),
  },
  profilePicture: {
    upload: async (token: string, userId: string) =>
      sendForm(server, '/api/profile/upload-picture', {
        token,
        form: { userId, profilePicture: await photo() },
      }),
    remove: (token: string, userId: string) =>
      call(server, 'DELETE', '/api/profile/delete-picture', { token, json: { userId } }),
  },
  uploadRoute: {
    upload: async (token: string, _userId: string) =>
      sendForm(server, '/api/upload/profile', { token, form: { file: await photo() } }),
    remove: undefined,
  },
};
const names = Object.keys(wires) as (keyof typeof wires)[];

/** The one picture of a user, as every wire and the chat tell of it. */
async function seenBy(reader: string, userId: string, conversationId: string) {
  const read = async (path: string) => (await call(server, 'GET', path, { token: reader })).body;
  const [profile, user, c, { conversation }] = await Promise.all([
    read(`/api/users/${userId}/profile`),
    read(`/api/users/${userId}`),
    read(`/api/profile/picture/${userId}`),
    read(`/api/conversations/${conversationId}`),
  ]);
  return {
    presigned: profile.avatar_url,
    media: user.profile_picture && `${server.url}/api/users/media/${user.profile_picture}`,
    profilePicture: c.profilePicture === 'default-avatar.jpg' ? null : c.profilePicturePath,
    chat: conversation.other_user.profile_image_url,
    version: profile.avatar_version,
  };
}

describe.each(names)('A picture that is set through %s', (name) => {
  test('[WR1] is the one that every wire and the chat show, and is told live once', async () => {
    const [maya, jonas] = [await person(server, 'u1'), await person(server, 'u2')];
    const conversationId = await meet(maya, jonas);
    const { version } = await seenBy(jonas.token, 'u1', conversationId);
    const { events, until } = await listen(server, jonas.token);
    const answer: Json = await wires[name].upload(maya.token, 'u1');
    await until(1);
    const [event, told] = events[0] ?? [];
    expect([event, told.userId, told.avatar_version]).toEqual(['user:avatar:updated', 'u1', version + 1]);
    const seen = await seenBy(jonas.token, 'u1', conversationId);
    const url = told.avatar_url;
    expect(seen).toMatchObject({ presigned: url, profilePicture: url, chat: url, version: version + 1 });
    if (name === 'uploadRoute') expect(answer.body.url).toBe(url);
    const { colour } = await look(url);
    expect((await look(seen.media)).colour).toEqual(colour);
    expect((await look(told.avatar_thumb_url)).width).toBe(64);

    for (const remove of names.flatMap((other) => wires[other].remove ?? []).slice(0, 1)) {
      await remove(maya.token, 'u1');
      expect(await seenBy(jonas.token, 'u1', conversationId)).toEqual({
        presigned: null,
        media: null,
        profilePicture: null,
        chat: null,
        version: version + 2,
      });
    }
    await until(2);
    expect(events.map(([heard]) => heard)).toEqual(['user:avatar:updated', 'user:avatar:deleted']);
  });
});

describe.each(names.filter((name) => wires[name].remove))('A delete through %s', (name) => {
  test('[WR2] takes away a picture that came through any wire, in the change feed too', async () => {
    const [maya, jonas] = [await person(server, 'u3'), await person(server, 'u4')];
    const conversationId = await meet(maya, jonas);
    for (const other of names) {
      await wires[other].upload(maya.token, 'u3');
      const { cursor } = (await jonas.get('/api/sync')).body;
      expect((await wires[name].remove?.(maya.token, 'u3'))?.status).toBe(200);
      expect((await seenBy(jonas.token, 'u3', conversationId)).media).toBeNull();
      const { changes } = (await jonas.get(`/api/sync?since=${cursor}`)).body;
      expect(changes).toEqual([
        { type: 'user', user: expect.objectContaining({ id: 'u3', avatar_url: null }) },
      ]);
    }
  });
});

test('[WR5] pictures that replace each other through all wires leave no file but what is shown and what the history keeps', async () => {
  const token = await signIn(server, 'u5');
  for (const name of [...names, ...names]) await wires[name].upload(token, 'u5');
  const objects = async () => (await stored(server, 'public')).filter((key) => key.includes('/u5/')).length;
  // Two of profile-picture, and the last one.
  expect(await objects()).toBe(3 * 3);
  await wires.media.remove(token, 'u5');
  expect(await objects()).toBe(0);
});

describe('an upload whose bytes take long', () => {
  let slow: TestServer;
  let begun: () => Promise<number>;
  beforeAll(async () => {
    ({ server: slow, begun } = await startCounting());
  });
  afterAll(() => slow.stop());

  const base64 = async () => {
    const bytes = Buffer.from(await (await photo()).arrayBuffer());
    return Response.json({ base64Image: bytes.toString('base64') });
  };

  test.each<[string, string, () => Promise<Response>]>([
    ['media', '/api/users/u1/profile-picture', () => pictureForm('file')],
    ['profile-picture', '/api/profile/upload-picture', () => pictureForm('profilePicture')],
    ['profile-picture as JSON', '/api/profile-picture-api/upload-picture', base64],
    ['upload-route', '/api/upload/profile', () => pictureForm('file')],
  ])('[WR8] by %s does not undo what its user did meanwhile', async (_, path, make) => {
    const token = await signIn(slow, 'u1');
    const shown = async () => (await call(slow, 'GET', '/api/users/u1/profile', { token })).body.avatar_url;
    const before = await begun();
    const rest = await sendHalf(slow, path, { token, content: await make() });
    await expect.poll(begun).toBe(before + 1);
    const { avatar_url } = await uploadAvatar(slow, token);
    expect(await rest()).toBe(409);
    expect(await shown()).toBe(avatar_url);

    const again = await sendHalf(slow, path, { token, content: await make() });
    await expect.poll(begun).toBe(before + 3);
    expect((await call(slow, 'DELETE', '/api/users/me/avatar', { token })).status).toBe(200);
    expect(await again()).toBe(409);
    expect(await shown()).toBeNull();
  });

  test('and never come leaves nothing behind that the sweep does not take', async () => {
    const token = await signIn(slow, 'u1');
    const { body } = await call(slow, 'POST', '/api/upload/profile', {
      token,
      raw: '--x',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    });
    expect(body.code).toBe('INVALID_REQUEST');
    expect(await begun()).toBeGreaterThan(0);
    await slow.app.close();
    slow.clock.ahead += 25 * 60 * 60_000;
    const { folder: dataDir, clock } = slow;
    ({ server: slow, begun } = await startCounting({ dataDir, clock }));
    expect(await begun()).toBe(0);
  });
});

test('uploads through all wires at once end with one whole picture, and no version is given twice', async () => {
  const token = await signIn(server, 'u6');
  const { socket, events } = await listen(server, token);
  await Promise.all([...names, ...names].map((name) => wires[name].upload(token, 'u6').catch(() => {})));
  const { body } = await call(server, 'GET', '/api/users/u6/profile', { token });
  expect((await look(body.avatar_url)).status).toBe(200);
  await socket.timeout(15_000).emitWithAck('flush');
  const versions = events.map(([, event]) => event.avatar_version);
  expect(Math.max(...versions)).toBe(body.avatar_version);
  expect(new Set(versions).size).toBe(versions.length);
});

test('[WR3] five uploads a minute are five over all wires, each refused in its own shape', async () => {
  const limited = await startServer({ limits: { uploadsPerMinute: 5 } });
  const token = await signIn(limited, 'u1');
  const file = await photo();
  const sent = [];
  for (const path of ['/api/users/u1/profile-picture', '/api/profile/upload-picture', '/api/upload/profile'])
    for (let count = 0; count < 2; count += 1)
      sent.push(await sendForm(limited, path, { token, form: { file, profilePicture: file } }));
  await limited.stop();
  // Two files in one form are refused, but they are tries.
  expect(sent.map(({ status }) => status)).toEqual([413, 413, 413, 413, 413, 429]);
  expect(sent.at(-1)?.body).toMatchObject({ error: 'The upload failed', code: 'RATE_LIMITED' });
  expect(Number(sent.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('a chat list that is open hears of the picture before its row is read again', async () => {
  const [maya, jonas] = [await person(server, 'u7'), await person(server, 'u8')];
  await meet(maya, jonas);
  const heard = await chatSocket(server, jonas);
  await wires.media.upload(maya.token, 'u7');
  const [event] = await heard.wait('user:avatar:updated');
  const { conversations } = (await jonas.get('/api/conversations')).body;
  expect(conversations[0].other_user).toMatchObject({
    id: 'u7',
    profile_image_url: event.avatar_url,
    avatar_thumb_url: event.avatar_thumb_url,
    avatar_version: event.avatar_version,
  });
});
