import { describe, expect, it } from 'vitest';
import type { ThreadSnapshot } from '../../src/chat-models.ts';
import { createClient } from '../../src/client.ts';
import { definePreset } from '../../src/presets/define-preset.ts';
import { chat } from '../../src/protocol/chat.ts';
import { runningRoutes } from '../../src/protocol/chat-routes.ts';
import type { MessageReceived } from '../../src/realtime/events.ts';
import { createChatWorld, json, type Seat, textsOf, watch } from '../support/chat-world.ts';
import { MemoryDisk } from '../support/memory-storage.ts';

const chatRequests = ({ requests }: Seat) => requests.filter((request) => !request.includes('/api/users/'));

describe('sending', () => {
  it('[MS1] refuses what can never be sent, with a typed error, and keeps nothing', async () => {
    const world = createChatWorld();
    const { client } = await world.seat('u1', { isConnected: false });
    const send = (draft: object) => client.messages.send('c1', draft);
    await expect(send({ text: 'x'.repeat(1_001) })).rejects.toMatchObject({
      name: 'VisavisError',
      code: 'TOO_LARGE',
      retryable: false,
    });
    await expect(send({ text: ' \n ' })).rejects.toThrow(TypeError);
    await expect(send({})).rejects.toThrow(TypeError);
    await expect(send({ text: 7 })).rejects.toThrow(TypeError);
    // Ids are parts of paths, and these mean another one.
    for (const id of ['', '.', '..'])
      await expect(client.messages.send(id, { text: 'hi' })).rejects.toThrow(TypeError);
    await expect(send({ text: 'hi', receiverId: {} })).rejects.toThrow(TypeError);
    expect(client.messages.live('c1').getSnapshot().items).toEqual([]);
  });

  it('[MS1] takes a text of 1,000 characters, trimmed, and media without a text', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1');
    await world.say(maya, 'c1', `  ${'x'.repeat(1_000)}\n`);
    await world.during(maya.client.messages.send('c1', { mediaUrl: 'https://cdn.example.com/a.png' }));
    const rows = world.backend.truth.conversations.get('c1')?.messages ?? [];
    expect(rows.map(({ text, mediaUrl }) => [text.length, mediaUrl])).toEqual([
      [1_000, null],
      [0, 'https://cdn.example.com/a.png'],
    ]);
  });

  it('[MS1] takes an address of media as the backend will tell it, so that it knows its own message again', async () => {
    const world = createChatWorld();
    const { client } = await world.seat('u1', { isConnected: false });
    const { mediaUrl } = await client.messages.send('c1', { mediaUrl: '/uploads/a.png' });
    expect(mediaUrl).toMatch(/^https:\/\/[^/]+\/uploads\/a\.png$/);
    await expect(client.messages.send('c1', { mediaUrl: 'https://' })).rejects.toThrow(TypeError);
  });

  it('[MS2] goes by socket where that is acknowledged, else by REST, under one client id', async () => {
    for (const level of [0, 2] as const) {
      const world = createChatWorld({ level });
      const maya = await world.seat('u1');
      const item = await world.during(maya.client.messages.send('c1', { text: 'hi' }));
      const bySocket = maya.emitted.filter(({ name }) => name === 'send_message');
      const byRest = maya.requests.filter((request) => request.startsWith('POST'));
      expect([bySocket.length, byRest.length]).toEqual(level === 2 ? [1, 0] : [0, 1]);
      if (level === 2) expect(bySocket[0]?.args).toMatchObject([{ clientId: item.clientId, senderId: 'u1' }]);
    }
  });

  it('[MS2] falls back to REST when there is no connection, and leaves one message', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1', { isConnected: false });
    await world.say(maya, 'c1', 'hi');
    expect(world.backend.truth.conversations.get('c1')?.messages).toHaveLength(1);
  });

  it.each([
    ['another call is answered', ({ client }) => client.users.get('u2')],
    ['the user sends another one', ({ client }) => client.messages.send('c2', { text: 'me too' })],
    ['the user retries', async ({ client }, clientId) => client.messages.retry(clientId)],
  ] satisfies [string, (seat: Seat, clientId: string) => Promise<unknown>][])(
    '[OB18] rests while the token is refused, and goes on after the next sign-in when %s',
    async (_, act) => {
      let isSignedIn = true;
      const answer = () => (isSignedIn ? undefined : json({ error: 'Invalid token' }, 403));
      const world = createChatWorld({ level: 0 });
      const maya = await world.seat('u1', { answer });
      await world.say(maya, 'c1', 'one');
      isSignedIn = false;
      const { clientId } = await world.during(maya.client.messages.send('c1', { text: 'two' }));
      const { length } = maya.requests;
      await world.clock.advance(60_000);
      expect(maya.requests).toHaveLength(length);
      isSignedIn = true;
      void act(maya, String(clientId));
      await world.clock.advance(5_000);
      const rows = world.backend.truth.conversations.get('c1')?.messages ?? [];
      expect(rows.map(({ text }) => text)).toEqual(['one', 'two']);
      expect(maya.client.realtime.status).toBe('live');
    },
  );

  it('[OB10] takes no earlier message of the same words for one whose answer was lost, after a reload too', async () => {
    const world = createChatWorld({ level: 0 });
    const disk = new MemoryDisk();
    const storage = disk.page(world.clock, 0);
    let sends = 0;
    const before = await world.seat('u1', {
      storage,
      answer(_, method) {
        if (method === 'POST') sends += 1;
        // The second never reaches the backend, and nobody tells.
        return method === 'POST' && sends === 2 ? new Promise(() => {}) : undefined;
      },
    });
    await world.say(before, 'c1', 'ok');
    await world.say(before, 'c1', 'ok');
    storage.crash();
    before.client.dispose();
    const after = await world.seat('u1', { storage: disk.page(world.clock, 0) });
    watch(after.client.messages.live('c1'));
    await world.clock.advance(60_000);
    const rows = world.backend.truth.conversations.get('c1')?.messages ?? [];
    expect(rows.map(({ text }) => text)).toEqual(['ok', 'ok']);
  });

  it('[MS13] says whom it is for, in a thread without the inbox too, where the backend has to be told', async () => {
    const world = createChatWorld({ level: 0 });
    const maya = await world.seat('u1');
    watch(maya.client.messages.live('c1'));
    await world.say(maya, 'c1', 'hi');
    const sent = world.backend.journal.requests.filter(({ method }) => method === 'POST');
    expect(sent.map(({ body }) => body)).toMatchObject([{ conversation_id: 'c1', receiver_id: 'u2' }]);
  });

  it('[MS13] sends all the same where the list is refused', async () => {
    const world = createChatWorld({ level: 0 });
    const maya = await world.seat('u1', {
      answer: (path) => (/conversations\?/.test(path) ? json({ error: 'no' }, 404) : undefined),
    });
    watch(maya.client.messages.live('c1'));
    await world.say(maya, 'c1', 'hi');
    expect(world.backend.truth.conversations.get('c1')?.messages).toHaveLength(1);
  });

  it('[MF5] takes a file where the backend does, and the other side has its address', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1');
    const media = new Blob(['a photo'], { type: 'image/png' });
    const item = await world.during(maya.client.messages.send('c1', { media }));
    expect(item).toMatchObject({ text: '', type: 'image', media, mediaUrl: null });
    const [row] = world.backend.truth.conversations.get('c1')?.messages ?? [];
    expect(world.backend.truth.media.get(row?.mediaUrl ?? '')).toBe(media.size);
  });

  it('[MF5] says to pass a mediaUrl where the backend takes no files', async () => {
    const media = new Blob(['a photo'], { type: 'image/png' });
    const world = createChatWorld({ level: 1 });
    const maya = await world.seat('u1');
    const thread = maya.client.messages.live('c1');
    watch(thread);
    await world.during(maya.client.messages.send('c1', { media }));
    expect(thread.getSnapshot().items).toMatchObject([
      {
        status: 'failed',
        media,
        error: { code: 'UNSUPPORTED', message: expect.stringContaining('mediaUrl') },
      },
    ]);
    expect(maya.client.capabilities.mediaUpload).toBe(false);
    const jonas = await world.seat('u2', { chat: definePreset({ extends: chat, routes: runningRoutes }) });
    await expect(jonas.client.messages.send('c1', { media })).rejects.toMatchObject({
      name: 'VisavisError',
      code: 'UNSUPPORTED',
      message: expect.stringContaining('mediaUrl'),
    });
    expect(jonas.client.messages.live('c1').getSnapshot().items).toEqual([]);
  });

  it('[MF5] a file that is stored is not tried for ever on a backend that takes none any more', async () => {
    const world = createChatWorld({ level: 1 });
    const disk = new MemoryDisk();
    const media = new Blob(['a photo'], { type: 'image/png' });
    const storage = disk.page(world.clock, 0);
    const before = await world.seat('u1', {
      storage,
      isConnected: false,
      answer: () => new Promise(() => {}),
    });
    await world.during(before.client.messages.send('c1', { media }));
    storage.crash();
    before.client.dispose();
    const after = await world.seat('u1', { storage: disk.page(world.clock, 0) });
    const thread = after.client.messages.live('c1');
    watch(thread);
    await world.clock.advance(5_000);
    expect(thread.getSnapshot().items).toMatchObject([
      { status: 'failed', media, error: { name: 'VisavisError', code: 'UNSUPPORTED' } },
    ]);
  });

  it('[MF4] refuses a file that is too large, and what is no file', async () => {
    const world = createChatWorld();
    const { client } = await world.seat('u1', { isConnected: false });
    const media = new Blob([new Uint8Array(5_000_001)]);
    await expect(client.messages.send('c1', { media })).rejects.toMatchObject({
      name: 'VisavisError',
      code: 'TOO_LARGE',
    });
    const address = 'https://cdn.example.com/a.png' as unknown as Blob;
    await expect(client.messages.send('c1', { media: address })).rejects.toThrow(TypeError);
    expect(client.messages.live('c1').getSnapshot().items).toEqual([]);
  });

  it('[MS3] while offline waits, in order, and is made up for once', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1');
    const thread = maya.client.messages.live('c1');
    watch(thread);
    await world.clock.advance(1_000);
    maya.device.line.goOffline();
    await world.clock.advance(1_000);
    for (const text of ['a', 'b', 'a']) await world.say(maya, 'c1', text);
    expect(thread.getSnapshot().items.map((item) => item.kind === 'message' && item.status)).toEqual(
      Array(3).fill(expect.stringMatching(/queued|sending/)),
    );
    maya.device.line.goOnline();
    await world.clock.advance(60_000);
    const rows = world.backend.truth.conversations.get('c1')?.messages ?? [];
    expect(rows.map(({ text }) => text)).toEqual(['a', 'b', 'a']);
    expect(textsOf(thread.getSnapshot())).toEqual(['a', 'b', 'a']);
  });
});

describe('message events', () => {
  it('[MS4] tell each message once, own ones too, but not the history', async () => {
    const world = createChatWorld();
    const jonas = await world.seat('u2');
    await world.say(jonas, 'c1', 'old');
    const maya = await world.seat('u1');
    const told: MessageReceived[] = [];
    maya.client.realtime.on('message', (event) => told.push(event));
    watch(maya.client.messages.live('c1'));
    await world.clock.advance(1_000);
    await world.say(jonas, 'c1', 'new');
    await world.say(maya, 'c1', 'mine');
    expect(told.map(({ text, isOwn, seq }) => [text, isOwn, seq])).toEqual([
      ['new', false, 2],
      ['mine', true, 3],
    ]);
    expect(told[0]).toMatchObject({ conversationId: 'c1', senderId: 'u2', origin: 'realtime' });
  });

  it('[MS5] are not disturbed by what somebody else’s backend says wrongly', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1');
    const faults: string[] = [];
    maya.client.realtime.on('protocolError', ({ event, error }) => faults.push(`${event} ${error.code}`));
    const thread = maya.client.messages.live('c1');
    watch(thread);
    await world.clock.advance(1_000);
    const before = thread.getSnapshot();
    maya.hear('new_message', { conversation_id: 'c1', message: { id: 'x' } });
    maya.hear('unread_count_updated', { conversation_id: 'c1', unread_count: -1 });
    maya.hear('sync_state', null);
    maya.hear('message_error', { error: 'nobody sent this' });
    maya.hear('payment_status_update', { anything: 1 });
    await world.clock.advance(1_000);
    expect(faults).toEqual([
      'new_message BAD_RESPONSE',
      'unread_count_updated BAD_RESPONSE',
      'sync_state BAD_RESPONSE',
    ]);
    expect(thread.getSnapshot()).toBe(before);
  });

  it('[MS6] of any name can be heard as they come, until the undo', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1');
    const heard: unknown[] = [];
    const undo = maya.client.realtime.onRaw('payment_status_update', (payload) => heard.push(payload));
    maya.client.realtime.onRaw('new_message', () => {
      throw new Error('mine');
    });
    maya.client.realtime.onRaw('__proto__', (payload) => heard.push(payload));
    maya.hear('payment_status_update', { paid: true });
    maya.hear('payment_status_update');
    maya.hear('__proto__', 1);
    maya.hear('new_message', {
      conversation_id: 'c1',
      message: { id: 'm1', sender_id: 'u2', content: 'hi' },
    });
    undo();
    undo();
    maya.hear('payment_status_update', { paid: false });
    expect(heard).toEqual([{ paid: true }, undefined, 1]);
  });

  it('[MS6] of the notification kind are told as they are', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1');
    const told: unknown[] = [];
    maya.client.realtime.on('notification', (event) => told.push(event));
    const data = {
      id: 3,
      title: 'New',
      body: 'You have a new connection request',
      payload: { bid: 1 },
      message: null,
    };
    maya.hear('notification', { type: 'request', data });
    expect(told).toMatchObject([
      { type: 'request', id: '3', title: 'New', payload: { bid: 1 }, conversationId: null },
    ]);
  });
});

describe('reading and deleting', () => {
  it('[MS7] a page is read on demand, without marking it as seen', async () => {
    const world = createChatWorld();
    const jonas = await world.seat('u2');
    for (const text of ['a', 'b', 'c']) await world.say(jonas, 'c1', text);
    const maya = await world.seat('u1');
    const items = await world.during(maya.client.messages.list('c1', { limit: 2 }));
    expect(items.map(({ text, isOwn }) => [text, isOwn])).toEqual([
      ['b', false],
      ['c', false],
    ]);
    expect(world.backend.truth.conversations.get('c1')?.seen.get('u1') ?? 0).toBe(0);
  });

  it.each([0, 1, 2] as const)(
    '[TH13] of a page have the status that they have in the thread, at level %i',
    async (level) => {
      const world = createChatWorld({ level });
      const [maya, jonas] = [await world.seat('u1'), await world.seat('u2')];
      const thread = maya.client.messages.live('c1');
      watch(thread);
      await world.clock.advance(1_000);
      const statuses = (items: ThreadSnapshot['items']) =>
        items.flatMap((item) => (item.kind === 'message' ? [item.status] : []));
      await world.say(jonas, 'c1', 'seen by me');
      await world.say(maya, 'c1', 'mine');
      maya.client.messages.markSeen('c1');
      await world.clock.advance(1_000);
      await world.say(jonas, 'c1', 'not seen by me');
      jonas.client.messages.markSeen('c1');
      await world.clock.advance(1_000);
      const shown = statuses(thread.getSnapshot().items);
      expect(statuses(await world.during(maya.client.messages.list('c1')))).toEqual(shown);
      expect(shown).toEqual(['seen', 'seen', 'sent']);
    },
  );

  it('[MS8] only own messages can be deleted', async () => {
    const world = createChatWorld();
    const [maya, jonas] = [await world.seat('u1'), await world.seat('u2')];
    await world.say(jonas, 'c1', 'theirs');
    const [message] = await world.during(maya.client.messages.list('c1'));
    const id = message?.id ?? '';
    await expect(world.during(maya.client.messages.delete(id))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await world.during(jonas.client.messages.delete(id));
    await world.during(jonas.client.messages.delete(id));
    expect(await world.during(maya.client.messages.list('c1'))).toMatchObject([
      { isDeleted: true, text: '' },
    ]);
  });
});

it('[MS8] is UNSUPPORTED where messages cannot be deleted, and nothing is asked', async () => {
  const world = createChatWorld();
  const maya = await world.seat('u1', { chat: definePreset({ extends: chat, routes: runningRoutes }) });
  const deleting = maya.client.messages.delete('m1');
  const refused = { name: 'VisavisError', code: 'UNSUPPORTED', retryable: false };
  await expect(deleting).rejects.toMatchObject(refused);
  expect(maya.requests.filter((request) => request.startsWith('DELETE'))).toEqual([]);
});

describe('an app', () => {
  it('[MS9] that shows only pictures calls no chat route and enters no room', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1');
    watch(maya.client.users.live('u2'));
    await world.clock.advance(1_000);
    maya.hear('new_message', {
      conversation_id: 'c1',
      message: { id: 'm1', sender_id: 'u2', content: 'hi' },
    });
    maya.hear('conversation_list_refresh', {});
    maya.device.line.cut();
    await world.clock.advance(60_000);
    expect(maya.client.realtime.status).toBe('live');
    expect([chatRequests(maya), maya.emitted]).toEqual([[], []]);
  });

  it('[MS9] enters the user’s rooms with the first subscription, and after every connect', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1');
    const inbox = maya.client.conversations.live();
    maya.client.messages.live('c1').getSnapshot();
    await world.clock.advance(1_000);
    expect([chatRequests(maya), maya.emitted]).toEqual([[], []]);
    watch(inbox);
    await world.clock.advance(1_000);
    const joins = ['join', 'join_global_updates', 'request_global_notifications'];
    expect(maya.emitted).toEqual(joins.map((name) => ({ name, args: ['u1'] })));
    maya.device.line.cut();
    await world.clock.advance(20_000);
    expect(maya.emitted.map(({ name }) => name)).toEqual([...joins, ...joins]);
  });

  it('[MS10] learns what the backend can do, and sees the least until then', async () => {
    const world = createChatWorld();
    let isDown = true;
    const maya = await world.seat('u1', {
      answer: (path) => (isDown && path === '/api/capabilities' ? json({ error: 'busy' }, 503) : undefined),
    });
    watch(maya.client.conversations.live());
    await world.clock.advance(2_000);
    expect(maya.client.capabilities).toMatchObject({ level: 0, clientId: false, sync: false });
    isDown = false;
    await world.clock.advance(60_000);
    expect(maya.client.capabilities).toMatchObject({
      level: 2,
      clientId: true,
      seq: true,
      sync: true,
      acks: true,
    });
    expect(Object.isFrozen(maya.client.capabilities)).toBe(true);
  });

  it('[MS11] names conversations and users by number or string', async () => {
    const world = createChatWorld({
      users: [
        { id: '1', name: 'Maya' },
        { id: '2', name: 'Jonas' },
      ],
      conversations: [{ id: '7', members: ['1', '2'] }],
      numericIds: true,
      times: 'microseconds',
      level: 0,
      textField: 'content',
    });
    const maya = await world.seat('1');
    const jonas = await world.seat('2');
    const thread = maya.client.messages.live(7);
    expect(maya.client.messages.live('7')).toBe(thread);
    watch(thread);
    watch(maya.client.conversations.live());
    await world.clock.advance(1_000);
    await world.say(jonas, '7', 'hi');
    expect(thread.getSnapshot().items).toMatchObject([{ text: 'hi', sender: { id: '2', name: 'Jonas' } }]);
    expect(maya.client.conversations.live().getSnapshot().items).toMatchObject([
      { id: '7', otherUser: { id: '2' } },
    ]);
  });

  it('[MS12] is told DISPOSED after the end, and nothing goes on', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1');
    const thread = maya.client.messages.live('c1');
    watch(thread);
    await world.clock.advance(1_000);
    maya.client.dispose();
    await expect(maya.client.messages.send('c1', { text: 'hi' })).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(maya.client.conversations.list()).rejects.toMatchObject({ code: 'DISPOSED' });
    const before = [maya.requests.length, maya.emitted.length];
    await world.clock.advance(120_000);
    expect([maya.requests.length, maya.emitted.length]).toEqual(before);
  });
});

it('[MS9] a client that only exists opens nothing', () => {
  const world = createChatWorld();
  const device = world.backend.device('u1');
  const client = createClient(device.options);
  expect([world.clock.waiting, world.backend.journal.requests.length]).toEqual([0, 0]);
  client.dispose();
});
