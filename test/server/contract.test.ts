import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import SwaggerParser from '@apidevtools/swagger-parser';
import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asyncapi } from '../../examples/server/contract/asyncapi.ts';
import { openapi } from '../../examples/server/contract/openapi.ts';
import { leftOut } from '../../examples/server/contract/operations.ts';
import { createTokens } from '../../examples/server/src/tokens.ts';
import { chat, media, presigned, profilePicture, profilePictureJson, uploadRoute } from '../../src/index.ts';
import { serverFolder } from '../support/server-folder.ts';
import { knownEvents, knownRoutes } from './attack-support.ts';
import { nameOf, type Route } from './attack-targets.ts';
import { chatSocket, meet, type Person, persons, request } from './chat-support.ts';
import { documents, operations, seen } from './contract-support.ts';
import {
  avatarAndThumb,
  call,
  complete,
  type Json,
  MovableClock,
  picture,
  presign,
  signIn,
  stage,
  startServer,
  type TestServer,
  uploadAvatar,
} from './support.ts';
import { photo, pictureForm, sendForm, sendHalf, startCounting } from './wires-support.ts';

let server: TestServer;
let routes: Route[];
let maya: Person;
let jonas: Person;
let noor: Person;
/** Of Maya and Jonas; the bid is Jonas's request to Maya. */
let direct: string;
let bid: Json;
beforeAll(async () => {
  [server, routes] = await knownRoutes(() => startServer());
  [maya, jonas, noor] = (await persons(server, 'u1', 'u2', 'u3')) as [Person, Person, Person];
  direct = await meet(maya, jonas);
  bid = await request(jonas, maya);
});
afterAll(() => server.stop());

const ids = { id: 'u1', userId: 'u1' };
const addressOf = (path: string, params: Record<string, string> = ids) =>
  path.replace(/\{(\w+)\}/g, (_, name) => params[name] ?? '');
const documented = operations.flatMap(({ method, path, responses }) =>
  Object.keys(responses).map((status) => `${method} ${path} ${status}`),
);

describe('The contract', () => {
  test('[CT1] is what `npm run contract` makes', () => {
    expect(documents).toEqual(JSON.parse(JSON.stringify({ openapi: openapi(), asyncapi: asyncapi() })));
  });

  test('[CT1] is valid OpenAPI 3.1', async () => {
    await SwaggerParser.validate(structuredClone(documents.openapi) as never);
  });

  test('[CT1] is valid AsyncAPI 3', () => {
    // The schema brings the meta-schema it is written in.
    const ajv = new Ajv({ strict: false, meta: false, validateSchema: false, validateFormats: false });
    const schema: Json = specs.schemas['3.0.0'];
    const validate = ajv.compile(schema);
    expect([validate(documents.asyncapi), validate.errors]).toEqual([true, null]);
  });

  test('[CT2] has every route, or it is left out for a reason', () => {
    const written = operations.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
    const known = routes.map(nameOf);
    expect([...written, ...Object.keys(leftOut).filter((name) => known.includes(name))].sort()).toEqual(
      known.sort(),
    );
  });

  test('[CT2] has every route that the client’s presets ask for', () => {
    const presets = [presigned, media, profilePicture, profilePictureJson, uploadRoute, chat];
    const asked: Json[] = presets.flatMap(({ routes: own }) => Object.values({ ...own }));
    const input = { userId: 'x', conversationId: 'x', messageId: 'x', mediaId: 'x', limit: 50 };
    const unknown = asked.flatMap((route) => {
      if (route?.method === undefined) return [];
      const path = route.path(input).replace(/\?.*/, '');
      const isKnown = operations.some((one) => one.method === route.method && one.pattern.test(path));
      return isKnown ? [] : [`${route.method} ${path}`];
    });
    expect(unknown).toEqual([]);
  });

  test('[CT2] has every event that the server listens to', async () => {
    const written = Object.values(documents.asyncapi.channels.toServer.messages).map(({ name }) => name);
    expect(written.sort()).toEqual(await knownEvents(server, maya.token));
  });
});

// Every answer and every event of these is checked where it arrives, as those of all tests of the server are.
describe('[CT3] What the server says is in the contract:', () => {
  const withToken = operations.filter(({ responses }) => responses[401]);
  test.each(withToken)('$method $path without a token', async ({ method, path }) => {
    expect((await call(server, method, addressOf(path))).status).toBe(401);
  });

  const withJson = operations.filter(({ requestBody }) => requestBody?.content['application/json']);
  test.each(withJson)('$method $path with a bad body', async ({ method, path, requestBody }) => {
    const send = async (raw: string, type = 'application/json') => {
      const headers = { 'Content-Type': type };
      return (await call(server, method, addressOf(path), { token: maya.token, raw, headers })).status;
    };
    expect(await send('{')).toBe(400);
    expect(await send('<x/>', 'application/xml')).toBe(415);
    const limit = requestBody.content['multipart/form-data'] ? 6 * 2 ** 20 : 64 * 1024;
    expect(await send(JSON.stringify('x'.repeat(limit)))).toBe(413);
  });

  const readable = operations.filter(({ responses, requestBody }) => responses[400] && !requestBody);
  test.each(readable)('$method $path with a bad address', async ({ method, path }) => {
    const bad = '?user_id=%20&page=x&limit=x&thumbnail=x&userId=%20';
    const address = addressOf(path, { id: 'a%20b', userId: 'a%20b' });
    expect((await call(server, method, address + bad, { token: maya.token })).status).toBe(400);
  });

  const withParams = operations.filter(({ responses }) => responses[414]);
  test.each(withParams)('$method $path with a long address', async ({ method, path }) => {
    const [id, userId] = ['x'.repeat(301), 'x'.repeat(301)];
    const answer = await call(server, method, addressOf(path, { id, userId }), { token: maya.token });
    expect(answer.status).toBe(414);
  });

  const withForm = operations.filter(({ requestBody }) => requestBody?.content['multipart/form-data']);
  test.each(withForm)('$method $path with good and bad pictures', async ({ path, requestBody }) => {
    const [field = ''] = Object.keys(requestBody.content['multipart/form-data'].schema.properties);
    const send = async (file?: File, token = maya.token) =>
      (await sendForm(server, addressOf(path), { token, form: file ? { [field]: file } : {} })).status;
    expect(await send(await photo())).toBeLessThan(202);
    expect(await send()).toBe(400);
    expect(await send(new File([new Uint8Array(11 * 2 ** 20)], 'x.png'))).toBe(413);
    expect(await send(new File(['no picture'], 'x.png'))).toBe(415);
    const broken = (await photo()).slice(0, 60, 'image/png');
    expect(await send(new File([broken], 'x.png'))).toBe(422);
  });

  const orderly = withForm.filter(({ responses }) => responses[409]);
  test.each(orderly)('$method $path overtaken by a delete', async ({ path, requestBody }) => {
    const [field = ''] = Object.keys(requestBody.content['multipart/form-data'].schema.properties);
    const { server: slow, begun } = await startCounting();
    const token = await signIn(slow, 'u1');
    const rest = await sendHalf(slow, addressOf(path), { token, content: await pictureForm(field) });
    await expect.poll(begun).toBe(1);
    await call(slow, 'DELETE', '/api/users/me/avatar', { token });
    expect(await rest()).toBe(409);
    await slow.stop();
  });

  test('pictures of the preset presigned', async () => {
    const { token } = maya;
    const [avatar] = await avatarAndThumb();
    await uploadAvatar(server, token);
    const profile = await maya.get('/api/users/u1/profile');
    const etag = profile.headers.get('etag') ?? '';
    await call(server, 'GET', '/api/users/u1/profile', { token, headers: { 'If-None-Match': etag } });
    await maya.get('/api/users/nobody/profile');
    await call(server, 'PATCH', '/api/users/me/profile', { token, json: { display_name: 'Maya L' } });
    await presign(server, token, [{ type: 'avatar', bytes: await picture(), contentType: 'image/gif' }]);
    await presign(server, token, [{ type: 'avatar', bytes: Buffer.alloc(20_000_000) }]);
    const uploads = await stage(server, token, avatar ? [avatar] : []);
    await complete(server, jonas.token, uploads);
    await complete(server, token, [{ type: 'avatar', key: 'avatars-staging/u1/x/avatar.webp', url: 'x' }]);
    const empty = await presign(server, token, avatar ? [avatar] : []);
    await complete(server, token, empty.body.uploads);
    await maya.delete('/api/users/me/avatar');
    await complete(server, token, uploads);
    await maya.delete('/api/users/me/avatar');
  });

  test('an upload that was left for half a day', async () => {
    const [dataDir, clock] = [await serverFolder(), new MovableClock()];
    const early = await startServer({ dataDir, clock });
    const uploads = await stage(early, await signIn(early, 'u1'), await avatarAndThumb());
    await early.stop();
    clock.ahead = 12 * 60 * 60_000;
    const late = await startServer({ dataDir, clock });
    expect((await complete(late, await signIn(late, 'u1'), uploads)).status).toBe(410);
    await late.stop();
    await rm(dataDir, { recursive: true });
  });

  test('a token of somebody who is gone', async () => {
    const { secret, issuer, audience } = server.config;
    const token = await createTokens({ secret, issuer, audience, clock: Date.now }).sign('ghost', 60);
    await presign(server, token, await avatarAndThumb());
    await call(server, 'PATCH', '/api/users/me/profile', { token, json: { display_name: 'Boo' } });
    for (const path of ['/api/profile/upload-picture', '/api/profile-picture-api/upload-picture'])
      await sendForm(server, path, { token, form: { profilePicture: await photo() } });
    for (const path of ['/api/users/ghost/profile-picture', '/api/upload/profile'])
      await sendForm(server, path, { token, form: { file: await photo() } });
  });

  test('pictures of the other presets', async () => {
    const { token } = maya;
    await sendForm(server, '/api/users/u1/profile-picture', { token, form: { file: await photo() } });
    const { profile_picture: id } = (await maya.get('/api/users/u1')).body;
    const media = await call(server, 'GET', `/api/users/media/${id}`);
    const headers = { 'If-None-Match': media.headers.get('etag') ?? '' };
    await call(server, 'GET', `/api/users/media/${id}`, { headers });
    await call(server, 'GET', `/api/users/media/${'0'.repeat(32)}`);
    await maya.get('/api/users/nobody');
    await jonas.delete('/api/users/u1/profile-picture');
    await maya.delete('/api/users/u1/profile-picture');
    await maya.delete('/api/users/u1/profile-picture');
    await sendForm(server, '/api/users/u1/profile-picture', {
      token: jonas.token,
      form: { file: await photo() },
    });
    const asJonas = { token: jonas.token, headers: { 'user-id': 'u1' }, form: { file: await photo() } };
    await sendForm(server, '/api/upload/profile', asJonas);
    for (const base of ['/api/profile', '/api/profile-picture-api']) {
      const ask = (method: string, path: string, json?: object, by = token) =>
        call(server, method, base + path, { token: by, json });
      const base64Image = (await picture('png')).toString('base64');
      const { filename } = (await ask('POST', '/upload-picture', { userId: 'u1', base64Image })).body;
      await ask('POST', '/upload-picture', { userId: 'u1', base64Image }, jonas.token);
      await ask('GET', '/picture/u1');
      await ask('GET', '/picture?userId=u1', undefined, jonas.token);
      await ask('GET', '/picture/nobody');
      await ask('GET', '/picture?userId=nobody');
      await ask('GET', '/picture-history');
      await ask('GET', '/picture-history?userId=u2');
      await ask('PUT', '/update-picture', { userId: 'u1', profilePicture: filename });
      await ask('PUT', '/update-picture', { userId: 'u2', profilePicture: filename });
      await ask('PUT', '/update-picture', { userId: 'u1', profilePicture: 'nowhere.webp' });
      const sync = { profilePicture: filename, syncTimestamp: 1 };
      await ask('POST', '/sync-picture', { ...sync, userId: 'u1' });
      await ask('POST', '/sync-picture', { ...sync, userId: 'u2' });
      await ask('DELETE', '/delete-picture', { userId: 'u2' });
      await ask('DELETE', '/delete-picture', { userId: 'u1' });
      await ask('DELETE', '/delete-picture', { userId: 'u1' });
    }
  });

  test('the chat by REST', async () => {
    await maya.get('/api/capabilities');
    const nowhere = { conversation_id: 'nowhere', message: 'x' };
    const first = (await maya.send(direct, 'one', { client_id: 'c1' })).body.message;
    for (const path of ['/api/messages', '/api/messages/send']) {
      const client_id = randomUUID();
      for (const message of ['two', 'two', 'three'])
        await maya.post(path, { conversation_id: direct, message, client_id });
      await maya.post(path, nowhere);
      await maya.post(path, {});
    }
    const to = `/api/conversations/${direct}/messages`;
    const client_id = randomUUID();
    for (const message of ['four', 'four', 'five']) await maya.post(to, { message, client_id });
    await maya.post('/api/conversations/nowhere/messages', { message: 'x' });
    await jonas.get(`${to}?limit=2`);
    await jonas.get(`${to}?after_seq=1`);
    await jonas.get('/api/conversations/nowhere/messages');
    for (const path of ['/api/conversations', '/api/messages/conversations']) {
      await maya.get(path);
      await maya.get(`${path}?user_id=u2`);
    }
    await maya.post('/api/conversations', { receiver_id: 'u3' });
    await maya.post('/api/conversations', { receiver_id: 'nobody' });
    await maya.post('/api/conversations', { receiver_id: 'u2' });
    const wrongWay = { receiver_id: 'u2', conversation_type: 'bid', bid_id: 'b' };
    await maya.post('/api/conversations', wrongWay);
    await maya.get(`/api/conversations/${direct}`);
    await maya.get('/api/conversations/nowhere');
    await jonas.post('/api/messages/mark-seen', { message_id: first.id });
    await jonas.post('/api/messages/mark-seen', { message_id: first.id, user_id: 'u1' });
    await jonas.post('/api/messages/mark-seen', { message_id: randomUUID() });
    await jonas.put(`/api/conversations/${direct}/seen`, {});
    await jonas.put('/api/conversations/nowhere/seen', {});
    await jonas.delete(`/api/messages/${first.id}`);
    await maya.delete(`/api/messages/${first.id}`);
    await maya.delete(`/api/messages/${randomUUID()}`);
    const { cursor } = (await jonas.get('/api/sync')).body;
    await maya.post(`/api/conversations/${bid.id}/state`, { flow_state: 'negotiating' });
    await noor.post(`/api/conversations/${bid.id}/state`, { flow_state: 'accepted' });
    await maya.post(`/api/conversations/${bid.id}/state`, { flow_state: 'approved' });
    await maya.send(direct, 'six');
    await jonas.put(`/api/conversations/${direct}/seen`, {});
    await call(server, 'PATCH', '/api/users/me/profile', {
      token: maya.token,
      json: { display_name: 'Maya' },
    });
    const { changes } = (await jonas.get(`/api/sync?since=${cursor}`)).body;
    expect(new Set(changes.map(({ type }: Json) => type))).toEqual(
      new Set(['message', 'conversation', 'read', 'user']),
    );
    await jonas.get('/api/sync?since=nonsense');
    await maya.post('/api/fcm/register', { token: 'phone', device_type: 'web' });
    await maya.post('/api/fcm/unregister', { token: 'phone' });
  });

  test('too many of everything', async () => {
    const strict = await startServer({
      limits: { uploadsPerMinute: 1, messagesPer10s: 1, writesPerMinute: 1 },
    });
    const [one, two] = (await persons(strict, 'u1', 'u2')) as [Person, Person];
    const id = await meet(one, two);
    for (const { method, path, responses } of operations) {
      if (!responses[429]) continue;
      const json = { conversation_id: id, message: 'x' };
      const address = path.includes('conversations') ? addressOf(path, { id }) : addressOf(path);
      const statuses = new Set<number>();
      for (let time = 0; time < 6; time += 1)
        statuses.add((await call(strict, method, address, { token: one.token, json })).status);
      expect([path, [...statuses]]).toEqual([path, expect.arrayContaining([429])]);
    }
    await strict.stop();
  });

  test('every answer that it has was seen', () => {
    // The server is never in trouble here.
    expect(documented.filter((name) => !name.endsWith('default') && !seen.has(name))).toEqual([]);
  });

  test('every event', async () => {
    const open = async ({ id, token }: Person) => {
      const socket = await chatSocket(server, { token });
      await socket.ask('join', id);
      for (const name of ['join_global_updates', 'request_global_notifications']) await socket.ask(name, id);
      await socket.ask('join_conversation', direct);
      return socket;
    };
    const [one, two] = [await open(maya), await open(jonas)];
    await two.ask('join_bid_room', bid.bid_id);
    const draft = { conversationId: direct, message: 'x', clientId: randomUUID() };
    const { message } = await one.ask('send_message', draft);
    await one.ask('send_message', { conversationId: 'nowhere', message: 'x', clientId: 'c' });
    await two.ask('mark_seen', { conversationId: direct, messageId: message.id });
    await one.ask('send_message', { conversationId: direct, message: 'y' });
    await two.ask('mark_seen', { conversationId: direct });
    await two.ask('mark_seen', { conversationId: 'nowhere' });
    await one.ask('typing_start', { conversationId: direct });
    await one.ask('typing_stop', { conversationId: direct });
    await one.ask('user_status', { status: 'away' });
    await one.ask('refresh_conversation_list');
    await maya.delete(`/api/messages/${message.id}`);
    await maya.post('/api/conversations', { receiver_id: 'u4' });
    await jonas.post(`/api/conversations/${bid.id}/state`, { flow_state: 'accepted' });
    const campaign = await request(jonas, maya, 'campaign');
    await two.ask('join_campaign_room', campaign.campaign_id);
    await maya.post(`/api/conversations/${campaign.id}/state`, { flow_state: 'negotiating' });
    await call(server, 'PATCH', '/api/users/me/profile', {
      token: maya.token,
      json: { display_name: 'Maya M' },
    });
    await uploadAvatar(server, maya.token);
    await maya.delete('/api/users/me/avatar');

    await one.ask('authenticate', { token: maya.token });
    await one.ask('authenticate', { token: maya.token });
    await one.ask('authenticate', { token: 'nonsense' });
    await one.ask('chat:join', { conversationId: direct });
    await two.ask('chat:join', { conversationId: direct });
    await one.ask('chat:send', { conversationId: direct, tempId: 't', text: 'z' });
    await one.ask('chat:send', { conversationId: 'nowhere', text: 'z' });
    const [told] = await two.wait('chat:new');
    await two.ask('chat:read', { conversationId: direct, upToMessageId: told.message.id });
    for (const name of ['leave_bid_room', 'leave_campaign_room'])
      await two.ask(name, name === 'leave_bid_room' ? bid.bid_id : campaign.campaign_id);
    for (const name of ['leave_global_updates', 'leave_global_notifications']) await one.ask(name, 'u1');
    await one.ask('leave_conversation', direct);
    await one.wait('conversations:upsert');

    const names = Object.values(documents.asyncapi.channels.toClient.messages).map(({ name }) => name);
    await expect.poll(() => names.filter((name) => !seen.has(name)), { timeout: 15_000 }).toEqual([]);
  });
});
