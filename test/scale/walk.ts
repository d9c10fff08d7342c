import { randomUUID } from 'node:crypto';
import { addressOf, type Scene, targets } from '../server/attack-targets.ts';
import { chatSocket, meet, type Person, persons, request } from '../server/chat-support.ts';
import {
  avatarAndThumb,
  call,
  complete,
  type Json,
  presign,
  stage,
  type TestServer,
  uploadAvatar,
} from '../server/support.ts';
import { photo, sendForm } from '../server/wires-support.ts';

/** Uses all that the server can do, so that it asks its database all that it ever asks. */
export async function walkThrough(server: TestServer, restart: () => Promise<TestServer>): Promise<void> {
  const [maya, jonas, zoe] = (await persons(server, 'u1', 'u2', 'u3')) as [Person, Person, Person];
  const chat = await meet(maya, jonas);
  const { body: sent } = await jonas.send(chat, 'of Jonas');
  const bid = await request(jonas, maya);
  const scene: Scene = { maya, jonas, chat, bid: bid.id, message: sent.message.id };

  const [newcomer] = (await persons(server, 'u9')) as [Person];
  await newcomer.get('/api/sync');
  await jonas.post('/api/fcm/register', { token: 'phone', device_type: 'web', device_id: 'd1' });
  await walkRoutes(server, scene);
  await walkMessages(server, scene, zoe);
  await walkPictures(server, scene);
  const waiting = await stage(server, jonas.token, await avatarAndThumb());
  server.clock.ahead += 2 * 24 * 60 * 60_000;
  const later = await restart();
  await complete(later, (await persons(later, 'u2'))[0]?.token ?? '', waiting);
}

async function walkRoutes(server: TestServer, scene: Scene): Promise<void> {
  const [avatar] = await avatarAndThumb();
  for (const target of targets) {
    if (target.form) {
      const form = { userId: 'u1', [target.form.field]: await photo('png') };
      await sendForm(server, addressOf(target, scene), { token: scene.maya.token, form });
    }
    await call(server, target.method, addressOf(target, scene), {
      token: scene.maya.token,
      ...(target.body && { json: target.body(scene) }),
    });
  }
  await uploadAvatar(server, scene.maya.token);
  // What did not arrive is refused for good, or for now.
  const { body } = await presign(server, scene.maya.token, [avatar as Json]);
  await complete(server, scene.maya.token, body.uploads);
}

async function walkMessages(
  server: TestServer,
  { maya, jonas, chat, bid }: Scene,
  zoe: Person,
): Promise<void> {
  const clientId = randomUUID();
  for (const text of ['once', 'once', 'twice']) await maya.send(chat, text, { client_id: clientId });
  await zoe.send(chat, 'not mine');
  await maya.post('/api/messages/send', { receiver_id: 'u4', message: 'hello' });
  const { body: file } = await sendForm(server, '/api/media', {
    token: maya.token,
    form: { file: await photo('png') },
  });
  const { body } = await maya.send(chat, 'to be deleted', { media_url: file.url });
  await maya.delete(`/api/messages/${body.message.id}`);
  await jonas.put(`/api/conversations/${chat}/seen`);
  await jonas.put(`/api/conversations/${chat}/seen`);
  await jonas.post('/api/messages/mark-seen', { message_id: body.message.id, user_id: 'u2' });
  await jonas.post(`/api/conversations/${bid}/state`, { flow_state: 'negotiating' });
  await maya.post(`/api/conversations/${bid}/state`, { flow_state: 'influencer_responding' });
  for (const query of ['page=1', 'after_seq=1', 'before_seq=5'])
    await maya.get(`/api/conversations/${chat}/messages?${query}`);
  for (const role of ['', '?role=influencer']) await maya.get(`/api/conversations${role}`);

  const { body: start } = await zoe.get('/api/sync');
  const yukis = await chatSocket(server, zoe);
  await call(server, 'PATCH', '/api/users/me/profile', { token: zoe.token, json: { display_name: 'Zoe' } });
  await meet(zoe, maya);
  await maya.get(`/api/sync?since=${start.cursor}`);
  const { body: mine } = await maya.get('/api/sync');
  await maya.send(chat, 'news');
  await jonas.put(`/api/conversations/${chat}/seen`);
  await maya.get(`/api/sync?since=${mine.cursor}`);
  yukis.socket.disconnect();

  const mayas = await chatSocket(server, maya);
  for (const [name, payload] of [
    ['join', 'u1'],
    ['join_global_updates', 'u1'],
    ['join_conversation', chat],
    ['join_bid_room', 'request-1'],
    ['typing_start', { conversationId: chat }],
    ['refresh_conversation_list', 'u1'],
    ['chat:join', { conversationId: chat }],
    ['chat:send', { conversationId: chat, tempId: 't', text: 'later generation' }],
    ['chat:read', { conversationId: chat, upToMessageId: body.message.id }],
  ] as const)
    await mayas.ask(name, payload);
  mayas.socket.disconnect();
}

async function walkPictures(server: TestServer, { maya }: Scene): Promise<void> {
  const base = '/api/profile';
  const form = async () => ({ userId: 'u1', profilePicture: await photo('png') });
  const first = await sendForm(server, `${base}/upload-picture`, { token: maya.token, form: await form() });
  await sendForm(server, `${base}/upload-picture`, { token: maya.token, form: await form() });
  const { body } = await maya.get(`${base}/picture-history?userId=u1`);
  const [, earlier] = Object.values(body as Json).find(Array.isArray) ?? [];
  await maya.put(`${base}/update-picture`, {
    userId: 'u1',
    profilePicture: earlier?.filename ?? first.body.filename,
  });
  await maya.post(`${base}/sync-picture`, { userId: 'u1', syncTimestamp: new Date().toISOString() });
  const { body: user } = await maya.get('/api/users/u1');
  const media = JSON.stringify(user).match(/[0-9a-f]{32}/)?.[0];
  await call(server, 'GET', `/api/users/media/${media}`);
  await call(server, 'DELETE', `${base}/delete-picture`, { token: maya.token, json: { userId: 'u1' } });
  await uploadAvatar(server, maya.token);
  await maya.delete('/api/users/me/avatar');
}
