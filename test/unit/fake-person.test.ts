import { describe, expect, it } from 'vitest';
import { createClient, FileError } from '../../src/index.ts';
import {
  createFakeBackend,
  createFakeEncoder,
  createRandom,
  createVirtualClock,
  rough,
} from '../../src/testing/index.ts';
import { textsOf, watch } from '../support/chat-world.ts';

const cast = {
  users: [
    { id: 'maya', name: 'Maya' },
    { id: 'jonas', name: 'Jonas' },
  ],
  conversations: [{ id: 'c1', members: ['maya', 'jonas'] }],
} as const;

describe.each([0, 1, 2] as const)('An app tested against the fake backend of level %i', (level) => {
  function setUp() {
    const clock = createVirtualClock();
    const backend = createFakeBackend({ ...cast, clock, level });
    const phone = backend.device('maya');
    const client = createClient(phone.options);
    const thread = client.messages.live('c1');
    watch(thread);
    watch(client.users.live('jonas'));
    client.realtime.connect();
    return { clock, backend, phone, client, thread, jonas: backend.person('jonas') };
  }

  it('[FK1] sees what somebody else writes, types, has seen and looks like', async () => {
    const { clock, client, thread, jonas } = setUp();
    await clock.advance(5_000);

    jonas.type('c1');
    await clock.advance(100);
    expect(thread.getSnapshot().typing.map(({ id }) => id)).toEqual(['jonas']);

    jonas.send('c1', 'hello');
    await clock.advance(1_000);
    expect(textsOf(thread.getSnapshot())).toEqual(['hello']);
    expect(thread.getSnapshot().typing).toEqual([]);

    await Promise.all([client.messages.send('c1', { text: 'hi' }), clock.advance(5_000)]);
    jonas.markSeen('c1');
    await clock.advance(5_000);
    expect(thread.getSnapshot().items.at(-1)).toMatchObject({ text: 'hi', status: 'seen' });

    jonas.setPicture();
    await clock.advance(1_000);
    expect(client.users.live('jonas').getSnapshot().avatar?.url).toContain('https://cdn.visavis.test/');
    jonas.setPicture(null);
    await clock.advance(1_000);
    expect(client.users.live('jonas').getSnapshot().avatar).toBeNull();
    client.dispose();
  });

  it('[FK2] waits offline and catches up, with the picture code replaced by one that needs no browser', async () => {
    const { clock, phone, client, thread, jonas, backend } = setUp();
    await clock.advance(5_000);
    phone.line.goOffline();
    await clock.advance(100);
    jonas.send('c1', 'are you there?');
    await Promise.all([client.messages.send('c1', { text: 'soon' }), clock.advance(10_000)]);
    expect(textsOf(thread.getSnapshot())).toEqual(['soon']);

    phone.line.goOnline();
    await clock.advance(60_000);
    expect(textsOf(thread.getSnapshot())).toEqual(['are you there?', 'soon']);
    expect(backend.truth.conversations.get('c1')?.messages).toHaveLength(2);

    const [avatar] = await Promise.all([client.avatar.upload(new Blob(['x'])), clock.advance(5_000)]);
    expect(avatar.url).toContain('https://cdn.visavis.test/');
    client.dispose();
  });
});

it('[FK3] draws every fault from its seed', async () => {
  async function fates(seed: number) {
    const clock = createVirtualClock();
    const backend = createFakeBackend({ ...cast, clock, random: createRandom(seed) });
    const phone = backend.device('maya');
    phone.line.faults = rough;
    const client = createClient({ ...phone.options, random: () => 0.5 });
    client.realtime.connect();
    for (let i = 0; i < 10; i += 1) {
      await Promise.all([client.messages.send('c1', { text: `${i}` }), clock.advance(3_000)]);
    }
    client.dispose();
    return backend.journal.frames.map(({ direction, name, fate }) => `${direction} ${name} ${fate}`);
  }
  expect(await fates(5)).toEqual(await fates(5));
  expect(await fates(5)).not.toEqual(await fates(6));
});

it('[FK4] runs in real time where no clock is given, and lets a test replace what it likes', async () => {
  const backend = createFakeBackend(cast);
  const client = createClient({
    ...backend.device('maya').options,
    imageEncoder: createFakeEncoder({
      compress: () => Promise.reject(new FileError('FILE_TYPE', 'unable to open the picture; it is a song')),
    }),
  });
  expect((await client.users.get('jonas')).name).toBe('Jonas');
  await expect(client.avatar.upload(new Blob(['x']))).rejects.toThrow('it is a song');
  expect(() => backend.person('jonas').send('c9', 'hi')).toThrow('unable to find the conversation');
  client.dispose();
});
