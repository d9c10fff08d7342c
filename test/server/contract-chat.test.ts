import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ConversationItem, LiveThread, MessageItem } from '../../src/chat-models.ts';
import { createClient, type VisavisClient } from '../../src/client.ts';
import type { ClientOptions } from '../../src/options.ts';
import { serverFolder } from '../support/server-folder.ts';
import { conversation, meet, type Person, persons, request } from './chat-support.ts';
import { type ServerOptions, startServer, type TestServer, uploadAvatar } from './support.ts';
import { photo } from './wires-support.ts';

let server: TestServer;
let people: [Person, Person, Person];

async function start(options: ServerOptions = {}) {
  server = await startServer(options);
  people = (await persons(server, 'u1', 'u2', 'u3')) as [Person, Person, Person];
}
beforeEach(() => start());
afterEach(() => server.stop());

const patience = { timeout: 15_000, interval: 10 };

/** An SDK client of a person, connected unless told not to; counts its requests. */
async function join(
  { id, token }: Person,
  options: Partial<ClientOptions> = {},
  isConnected = true,
): Promise<{ client: VisavisClient; requests: string[] }> {
  const requests: string[] = [];
  const client = createClient({
    baseUrl: server.url,
    userId: id,
    getToken: () => token,
    random: () => 0.01,
    preload: async () => {},
    fetch(input, init) {
      requests.push(`${init?.method ?? 'GET'} ${new URL(String(input)).pathname}`);
      return fetch(input, init);
    },
    ...options,
  });
  onTestFinished(() => client.dispose());
  if (isConnected) {
    client.realtime.connect();
    await expect.poll(() => client.realtime.status, patience).toBe('live');
  }
  return { client, requests };
}

function open(client: VisavisClient, conversationId: string): LiveThread {
  const live = client.messages.live(conversationId);
  onTestFinished(live.subscribe(() => {}));
  return live;
}

const messagesOf = (live: LiveThread) =>
  live.getSnapshot().items.filter((item): item is MessageItem => item.kind === 'message');
const texts = (live: LiveThread) =>
  live.getSnapshot().items.map((item) => (item.kind === 'gap' ? '…' : item.text));

function inboxRow(client: VisavisClient, conversationId: string): () => ConversationItem | undefined {
  const inbox = client.conversations.live();
  onTestFinished(inbox.subscribe(() => {}));
  return () => inbox.getSnapshot().items.find(({ id }) => id === conversationId);
}

/** Two people in one conversation, both looking at it. */
async function talk() {
  const [maya, jonas] = people;
  const conversationId = await meet(maya, jonas);
  const [one, two] = await Promise.all([join(maya), join(jonas)]);
  const [mine, theirs] = [open(one.client, conversationId), open(two.client, conversationId)];
  await expect
    .poll(() => [mine, theirs].map((live) => live.getSnapshot().status), patience)
    .toEqual(['ready', 'ready']);
  await expect.poll(() => one.client.capabilities.level, patience).toBe(2);
  await expect.poll(() => two.client.capabilities.level, patience).toBe(2);
  const statuses = () => [one, two].map(({ client }) => client.realtime.status);
  await expect.poll(statuses, patience).toEqual(['live', 'live']);
  return { conversationId, maya: one, jonas: two, mine, theirs };
}

describe('two people', () => {
  test('[CC1] send both ways by socket', async () => {
    const { conversationId, maya, jonas, mine, theirs } = await talk();
    const sent = await maya.client.messages.send(conversationId, { text: 'hello' });
    await expect.poll(() => texts(theirs), patience).toEqual(['hello']);
    await jonas.client.messages.send(conversationId, { text: 'hi yourself' });
    await expect
      .poll(() => [texts(mine), texts(theirs)], patience)
      .toEqual(Array(2).fill(['hello', 'hi yourself']));
    expect(messagesOf(mine)).toMatchObject([
      { key: sent.key, seq: 1, isOwn: true, status: 'sent' },
      { seq: 2, isOwn: false, sender: { id: 'u2' } },
    ]);
    expect(maya.requests).not.toContain('POST /api/messages/send');
  });

  test('[CC1] send by REST while one of them is not connected', async () => {
    const { conversationId, maya, mine, theirs } = await talk();
    maya.client.realtime.disconnect();
    await maya.client.messages.send(conversationId, { text: 'by REST' });
    await expect.poll(() => texts(theirs), patience).toEqual(['by REST']);
    await expect.poll(() => messagesOf(mine)[0]?.status, patience).toBe('sent');
    expect(maya.requests).toContain('POST /api/messages/send');
    maya.client.realtime.connect();
    await expect.poll(() => maya.client.realtime.status, patience).toBe('live');
    expect(texts(mine)).toEqual(['by REST']);
  });

  test('[CC2] see each other type, and stop', async () => {
    const { conversationId, maya, jonas, mine } = await talk();
    const row = inboxRow(maya.client, conversationId);
    await expect.poll(() => row()?.id, patience).toBe(conversationId);
    jonas.client.realtime.keystroke(conversationId);
    await expect.poll(() => mine.getSnapshot().typing.map(({ id }) => id), patience).toEqual(['u2']);
    expect(row()?.typing.map(({ id }) => id)).toEqual(['u2']);
    await jonas.client.messages.send(conversationId, { text: 'done' });
    await expect.poll(() => mine.getSnapshot().typing, patience).toEqual([]);
    await expect.poll(() => texts(mine), patience).toEqual(['done']);
  });

  test('[CC3] see that somebody is there as long as one of two devices is', async () => {
    const [maya, jonas] = people;
    const conversationId = await meet(maya, jonas);
    const { client } = await join(maya);
    const row = inboxRow(client, conversationId);
    await expect.poll(() => row()?.otherUser?.presence, patience).toBe('offline');
    const [laptop, phone] = await Promise.all([join(jonas), join(jonas)]);
    for (const { client: device } of [laptop, phone]) {
      onTestFinished(device.conversations.live().subscribe(() => {}));
    }
    await expect.poll(() => row()?.otherUser?.presence, patience).toBe('online');
    phone.client.realtime.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(row()?.otherUser?.presence).toBe('online');
    laptop.client.realtime.disconnect();
    await expect.poll(() => row()?.otherUser?.presence, patience).toBe('offline');
  });

  test('[CC4] see what the other has seen, and count what they have not', async () => {
    const { conversationId, maya, jonas, mine, theirs } = await talk();
    const row = inboxRow(jonas.client, conversationId);
    for (const text of ['a', 'b', 'c']) await maya.client.messages.send(conversationId, { text });
    await expect.poll(() => [theirs.getSnapshot().unread, row()?.unread], patience).toEqual([3, 3]);
    expect(messagesOf(mine).map(({ status }) => status)).not.toContain('seen');
    jonas.client.messages.markSeen(conversationId);
    expect(theirs.getSnapshot().unread).toBe(0);
    await expect
      .poll(() => messagesOf(mine).map(({ status }) => status), patience)
      .toEqual(Array(3).fill('seen'));
    expect(mine.getSnapshot().seenBy).toMatchObject([
      { user: { id: 'u2' }, messageKey: messagesOf(mine)[2]?.key },
    ]);
    const { body } = await people[1].get(`/api/conversations/${conversationId}`);
    expect(body.conversation).toMatchObject({ unread_count: 0, read_seq: 3 });
    expect([row()?.unread, jonas.client.conversations.live().getSnapshot().totalUnread]).toEqual([0, 0]);
  });

  test('[CC4] keep a conversation seen without a blink', async () => {
    const { conversationId, maya, jonas, theirs } = await talk();
    jonas.client.messages.keepSeen(conversationId);
    const counts = new Set<number>();
    theirs.subscribe(() => counts.add(theirs.getSnapshot().unread));
    for (let i = 0; i < 10; i += 1) await maya.client.messages.send(conversationId, { text: String(i) });
    await expect.poll(() => texts(theirs).length, patience).toBe(10);
    const readSeq = async () =>
      (await people[1].get(`/api/conversations/${conversationId}`)).body.conversation.read_seq;
    await expect.poll(readSeq, patience).toBe(10);
    expect([...counts]).toEqual([0]);
  });

  test('[CC5] see a deletion, in the thread and in the list', async () => {
    const { conversationId, maya, mine, jonas, theirs } = await talk();
    const row = inboxRow(jonas.client, conversationId);
    await maya.client.messages.send(conversationId, { text: 'oops' });
    await expect.poll(() => row()?.lastMessage?.text, patience).toBe('oops');
    await maya.client.messages.delete(messagesOf(mine)[0]?.id ?? '');
    await expect.poll(() => messagesOf(theirs), patience).toMatchObject([{ text: '', isDeleted: true }]);
    await expect.poll(() => row()?.lastMessage?.text, patience).toBe('');
    await expect(jonas.client.messages.delete(messagesOf(mine)[0]?.id ?? '')).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  test('[CC6] are told of a new request and of each change of its state', async () => {
    const [maya, jonas] = people;
    const { client } = await join(maya);
    const states: unknown[] = [];
    const notes: (string | null)[] = [];
    client.realtime.on('conversationState', (event) => states.push(event));
    client.realtime.on('notification', ({ body }) => notes.push(body));
    const inbox = client.conversations.live();
    onTestFinished(inbox.subscribe(() => {}));
    await expect.poll(() => inbox.getSnapshot().status, patience).toBe('ready');
    const { id } = await request(jonas, maya);
    const row = () => inbox.getSnapshot().items.find((item) => item.id === id);
    await expect
      .poll(row, patience)
      .toMatchObject({ type: 'bid', flowState: 'request_sent', awaitingRole: 'influencer' });
    const steps: [Person, string, string][] = [
      [maya, 'negotiating', 'brand_owner'],
      [jonas, 'accepted', 'influencer'],
    ];
    for (const [one, flow_state, awaitingRole] of steps) {
      await one.post(`/api/conversations/${id}/state`, { flow_state });
      const state = { flowState: flow_state, awaitingRole, chatStatus: 'realtime' };
      await expect.poll(row, patience).toMatchObject(state);
      await expect.poll(() => states.at(-1), patience).toEqual({ conversationId: id, ...state });
    }
    expect(states).toHaveLength(2);
    await expect.poll(() => notes, patience).toContain('The request was accepted');
  });

  test('[CC7] see a changed picture in every message and row', async () => {
    const { conversationId, maya, jonas, mine } = await talk();
    const row = inboxRow(maya.client, conversationId);
    for (const text of ['a', 'b']) await jonas.client.messages.send(conversationId, { text });
    await expect.poll(() => texts(mine), patience).toEqual(['a', 'b']);
    const { avatar_version } = await uploadAvatar(server, people[1].token);
    await expect
      .poll(() => messagesOf(mine).map(({ sender }) => sender.avatar?.version), patience)
      .toEqual([avatar_version, avatar_version]);
    expect(row()?.otherUser?.avatar?.version).toBe(avatar_version);
    expect((await fetch(row()?.otherUser?.avatar?.thumbUrl ?? '')).status).toBe(200);
  });
});

test('[CC8] a restart with messages missed is repaired by one request of the change feed', async () => {
  await server.stop();
  const dataDir = await serverFolder();
  await start({ dataDir });
  const { conversationId, maya, jonas, mine } = await talk();
  await maya.client.messages.send(conversationId, { text: 'before' });
  await expect.poll(() => messagesOf(mine), patience).toMatchObject([{ status: 'sent' }]);
  const { port } = server;
  jonas.client.realtime.disconnect();
  maya.client.realtime.disconnect();
  await expect.poll(() => maya.client.realtime.status).toBe('offline');
  await server.stop();
  server = await startServer({ dataDir, port });
  for (const text of ['x', 'y', 'z']) await people[1].send(conversationId, text);
  const from = maya.requests.length;
  const resynced: unknown[] = [];
  maya.client.realtime.on('resynced', (event) => resynced.push(event));
  maya.client.realtime.connect();
  await expect.poll(() => maya.client.realtime.status, patience).toBe('live');
  expect(texts(mine)).toEqual(['before', 'x', 'y', 'z']);
  expect(maya.requests.slice(from).filter((path) => !path.includes('/profile'))).toEqual(['GET /api/sync']);
  expect(resynced).toMatchObject([{ way: 'sync', messages: 3 }]);
});

test('[CC9] a repeated client id is one message, with another text a conflict', async () => {
  const { conversationId, maya, mine } = await talk();
  const { clientId } = await maya.client.messages.send(conversationId, { text: 'once' });
  await expect.poll(() => messagesOf(mine)[0]?.status, patience).toBe('sent');
  const again = await people[0].send(conversationId, 'once', { client_id: clientId });
  expect([again.status, again.body.message.seq]).toEqual([200, 1]);
  const other = await people[0].send(conversationId, 'twice', { client_id: clientId });
  expect([other.status, other.body.code]).toEqual([409, 'CLIENT_ID_CONFLICT']);

  const ids = ['11111111-1111-4111-8111-111111111111'];
  const copy = await join(people[0], { newId: () => ids[0] ?? '' });
  const thread = open(copy.client, conversationId);
  await expect.poll(() => thread.getSnapshot().status, patience).toBe('ready');
  await people[0].send(conversationId, 'taken', { client_id: ids[0] });
  await copy.client.messages.send(conversationId, { text: 'another text' });
  await expect.poll(() => texts(mine), patience).toEqual(['once', 'taken']);
  expect((await people[0].get(`/api/conversations/${conversationId}/messages`)).body.messages).toHaveLength(
    2,
  );
});

test('[CC10] 200 messages in bursts from both sides arrive everywhere, in order, exactly once', async () => {
  const { conversationId, maya, jonas, mine, theirs } = await talk();
  const tablet = await join(people[1]);
  const third = open(tablet.client, conversationId);
  await expect.poll(() => third.getSnapshot().status, patience).toBe('ready');
  const told: string[] = [];
  tablet.client.realtime.on('message', ({ messageId }) => told.push(messageId));
  const burst = ({ client }: { client: VisavisClient }, name: string, from: number) =>
    Promise.all(
      Array.from({ length: 25 }, (_, i) =>
        client.messages.send(conversationId, { text: `${name}${from + i}` }),
      ),
    );
  for (let from = 0; from < 100; from += 25) {
    await Promise.all([burst(maya, 'm', from), burst(jonas, 'j', from)]);
  }
  const history = async () =>
    (await people[0].get(`/api/conversations/${conversationId}/messages?limit=200`)).body.messages;
  await expect.poll(async () => (await history()).length, { timeout: 40_000, interval: 200 }).toBe(200);
  const rows: { content: string; seq: number }[] = await history();
  const expected = rows.map(({ content }) => content);
  for (const name of ['m', 'j']) {
    const own = expected.filter((text) => text.startsWith(name));
    expect(own).toEqual(Array.from({ length: 100 }, (_, i) => `${name}${i}`));
  }
  for (const live of [mine, theirs, third]) {
    for (let pages = 0; pages < 5 && live.getSnapshot().items.length < 200; pages += 1)
      await live.loadOlder();
    await expect.poll(() => texts(live), patience).toEqual(expected);
    expect(messagesOf(live).every(({ status }) => status === 'sent')).toBe(true);
    expect(new Set(messagesOf(live).map(({ key }) => key)).size).toBe(200);
  }
  expect(new Set(told).size).toBe(told.length);
  expect(told).toHaveLength(200);
});

test('[CC12] a picture goes up with its message, and is shown at the other side', async () => {
  const { conversationId, maya, mine, theirs } = await talk();
  const media = await photo('jpeg');
  const sent = await maya.client.messages.send(conversationId, { text: 'look', media });
  expect(sent).toMatchObject({ type: 'image', media, mediaUrl: null });
  await expect.poll(() => messagesOf(theirs), patience).toMatchObject([{ text: 'look', type: 'image' }]);
  const [shown] = messagesOf(theirs);
  expect((await fetch(shown?.mediaUrl ?? '')).headers.get('content-type')).toBe('image/jpeg');
  await expect
    .poll(() => messagesOf(mine), patience)
    .toMatchObject([
      { key: sent.key, status: 'sent', mediaUrl: shown?.mediaUrl, media: null, progress: null },
    ]);
  const drawing = new Blob(['<svg/>'], { type: 'image/png' });
  await maya.client.messages.send(conversationId, { media: drawing });
  await expect
    .poll(() => messagesOf(mine)[1], patience)
    .toMatchObject({ status: 'failed', error: { status: 415 }, media: drawing });
  expect(maya.client.capabilities.mediaUpload).toBe(true);
});

test('[CC11] three people in two conversations hear only what is theirs', async () => {
  const [maya, jonas, noor] = people;
  const [first, second] = [await meet(maya, jonas), await meet(maya, noor)];
  const seats = await Promise.all([join(maya), join(jonas), join(noor)]);
  const heard = seats.map(({ client }) => {
    const list: string[] = [];
    client.realtime.on('message', ({ text }) => list.push(text));
    onTestFinished(client.conversations.live().subscribe(() => {}));
    return list;
  });
  const ready = () => seats.map(({ client }) => client.conversations.live().getSnapshot().status);
  await expect.poll(ready, patience).toEqual(['ready', 'ready', 'ready']);
  await seats[1].client.messages.send(first, { text: 'to Maya' });
  await seats[2].client.messages.send(second, { text: 'to Maya too' });
  await expect.poll(() => heard[0]?.toSorted(), patience).toEqual(['to Maya', 'to Maya too']);
  await expect.poll(() => [heard[1], heard[2]], patience).toEqual([['to Maya'], ['to Maya too']]);
  expect(seats[0].client.conversations.live().getSnapshot().totalUnread).toBe(2);
  const stranger = open(seats[2].client, first);
  await expect.poll(() => stranger.getSnapshot().status, patience).toBe('missing');
  await seats[2].client.messages.send(first, { text: 'let me in' });
  await expect.poll(() => messagesOf(stranger), patience).toMatchObject([{ status: 'failed' }]);
  expect(heard[0]).toHaveLength(2);
});

test.each(['bid', 'campaign'] as const)(
  '[RM1] the room of a %s tells its members what happens in it, also after a restart, until it is left',
  async (type) => {
    await server.stop();
    const dataDir = await serverFolder();
    await start({ dataDir });
    const { port } = server;
    const [maya, jonas, noor] = people;
    const row = await request(jonas, maya, type);
    const heard = await Promise.all(
      [maya, noor].map(async (one) => {
        const { client } = await join(one);
        const states: unknown[] = [];
        client.realtime.onRaw(type === 'bid' ? 'request_update' : 'campaign_update', (payload) => {
          states.push(Reflect.get(Object(payload), 'flow_state'));
        });
        const leave = client.realtime.joinRoom(type, row[`${type}_id`]);
        return { client, states, leave };
      }),
    );
    const [mine, strange] = heard as [(typeof heard)[0], (typeof heard)[0]];
    const turn = (one: Person, flow_state: string) =>
      one.post(`/api/conversations/${row.id}/state`, { flow_state });
    await turn(maya, 'negotiating');
    await expect.poll(() => mine.states, patience).toEqual(['negotiating']);

    await server.stop();
    server = await startServer({ dataDir, port });
    await expect.poll(() => mine.client.realtime.status, patience).toBe('live');
    await turn(jonas, 'accepted');
    await expect.poll(() => mine.states, patience).toEqual(['negotiating', 'accepted']);
    expect(mine.client.realtime.unknownEvents).toEqual({
      [type === 'bid' ? 'request_update' : 'campaign_update']: 2,
    });

    mine.leave();
    await turn(maya, 'work_submitted');
    await turn(jonas, 'approved');
    await expect.poll(() => conversation(maya, row.id), patience).toMatchObject({ flow_state: 'approved' });
    await mine.client.users.get('u2');
    expect(mine.states).toHaveLength(2);
    expect(strange.states).toEqual([]);
    await rm(dataDir, { recursive: true, force: true });
  },
);
