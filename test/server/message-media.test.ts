import { afterAll, beforeAll, expect, test } from 'vitest';
import { phonePhoto } from '../support/photo.ts';
import { meet, type Person, person, persons } from './chat-support.ts';
import { type Json, picture, signIn, startServer, type TestServer } from './support.ts';
import { photo, sendForm } from './wires-support.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startServer();
  token = await signIn(server, 'u1');
});
afterAll(() => server.stop());

const put = (file: File, more: { token?: string } = { token }) =>
  sendForm(server, '/api/media', { ...more, form: { file } });
const fileOf = (bytes: Uint8Array, name = 'x.jpg') => new File([new Uint8Array(bytes)], name);

test.each(['jpeg', 'png', 'webp'] as const)(
  'a %s is put up and shown under an address of its own',
  async (format) => {
    const file = await photo(format);
    const [one, two] = [await put(file), await put(file)];
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.body.url).not.toBe(two.body.url);
    const shown = await fetch(one.body.url);
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, `image/${format}`]);
    expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
    expect(shown.headers.get('content-security-policy')).toContain('sandbox');
  },
);

test('a photo of a phone is shown upright and says nothing of where it was taken', async () => {
  const bytes = await phonePhoto();
  expect(bytes.includes('Exif')).toBe(true);
  const { status, body } = await put(fileOf(bytes));
  expect(status).toBe(201);
  const shown = Buffer.from(await (await fetch(body.url)).arrayBuffer());
  expect(shown.includes('Exif')).toBe(false);
});

test('its address goes into a message', async () => {
  const { body } = await put(await photo());
  const sent = await fetch(`${server.url}/api/messages/send`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ receiver_id: 'u2', media_url: body.url }),
  });
  const { message }: Json = await sent.json();
  expect(message).toMatchObject({ media_url: body.url, message_type: 'image', content: '' });
});

/** A message of somebody that names an address; returns how to delete it. */
async function message(sender: Person, conversationId: string, mediaUrl: string) {
  const { status, body } = await sender.send(conversationId, '', { media_url: mediaUrl });
  expect(status).toBe(201);
  return () => sender.delete(`/api/messages/${body.message.id}`);
}
const statusOf = async (url: string) => (await fetch(url)).status;

test('it is gone when the last message that names it is deleted, and no sooner', async () => {
  const [{ body: one }, { body: other }] = [await put(await photo()), await put(await photo())];
  const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
  const chat = await meet(maya, jonas);
  const deletes = [
    await message(maya, chat, one.url),
    await message(jonas, chat, one.url),
    await message(maya, chat, `${one.url}?width=64#top`),
  ];
  const deleteOther = await message(maya, chat, other.url);
  for (const remove of deletes.slice(0, 2)) await remove();
  await deleteOther();
  await expect.poll(() => statusOf(other.url)).toBe(404);
  expect(await statusOf(one.url)).toBe(200);
  await deletes[2]?.();
  await expect.poll(() => statusOf(one.url)).toBe(404);
});

test('it waits thirty days for a message that names it', async () => {
  const own = await startServer();
  try {
    const [maya, jonas] = (await persons(own, 'u1', 'u2')) as [Person, Person];
    const chat = await meet(maya, jonas);
    const putUp = async ({ token }: Person) =>
      (await sendForm(own, '/api/media', { token, form: { file: await photo() } })).body.url;
    const sent = async (someone: Person, url: string) =>
      (await someone.send(chat, '', { media_url: url })).body.message.id;
    const [unnamed, named] = [await putUp(maya), await putUp(maya)];
    await sent(maya, named);
    for (const [days, status] of [
      [29, 200],
      [2, 404],
    ] as const) {
      own.clock.ahead += days * 24 * 60 * 60_000;
      const later = await person(own, 'u1');
      const last = await putUp(later);
      await later.delete(`/api/messages/${await sent(later, last)}`);
      await expect.poll(() => statusOf(last)).toBe(404);
      expect([await statusOf(unnamed), await statusOf(named)]).toEqual([status, 200]);
    }
  } finally {
    await own.stop();
  }
});

test.each<[string, () => Promise<File>, number]>([
  ['a moving picture', () => photo('gif'), 415],
  ['a drawing', async () => fileOf(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'a.png'), 415],
  ['nothing', async () => fileOf(new Uint8Array()), 415],
  ['half a picture', async () => fileOf((await picture('png', 300)).subarray(0, 200), 'a.png'), 422],
  ['more than 5 MB', async () => fileOf(new Uint8Array(5_000_001)), 413],
])('%s is refused', async (_, make, status) => {
  expect((await put(await make())).status).toBe(status);
});

test('nobody puts anything up without signing in, or without a file', async () => {
  expect((await put(await photo(), {})).status).toBe(401);
  expect((await sendForm(server, '/api/media', { token, form: { other: await photo() } })).status).toBe(400);
});

test('a user has an allowance', async () => {
  const strict = await startServer({ limits: { uploadsPerMinute: 1 } });
  try {
    const own = await signIn(strict, 'u1');
    const file = await photo();
    const statuses = [];
    for (let times = 0; times < 5; times += 1) {
      statuses.push((await sendForm(strict, '/api/media', { token: own, form: { file } })).status);
    }
    expect(statuses).toEqual([201, 201, 201, 201, 429]);
  } finally {
    await strict.stop();
  }
});
