import { describe, expect, it } from 'vitest';
import { record, stateOf } from '../../src/devtools/index.ts';
import { createClient, type VisavisClient } from '../../src/index.ts';
import { createFakeBackend, createVirtualClock } from '../../src/testing/index.ts';
import { textsOf, watch } from '../support/chat-world.ts';

const secret = 'meet me at noon';

async function setUp() {
  const clock = createVirtualClock();
  const backend = createFakeBackend({
    clock,
    users: [{ id: 'maya' }, { id: 'jonas', name: 'Jonas' }],
    conversations: [{ id: 'c1', members: ['maya', 'jonas'] }],
  });
  const client = createClient(backend.device('maya').options);
  watch(client.messages.live('c1'));
  watch(client.conversations.live());
  client.realtime.connect();
  await clock.advance(5_000);
  return { clock, backend, client, jonas: backend.person('jonas') };
}

/** What shows: the same for two clients that know the same. */
const shownBy = (client: VisavisClient) => ({
  texts: textsOf(client.messages.live('c1').getSnapshot()),
  inbox: client.conversations
    .live()
    .getSnapshot()
    .items.map(({ id, unread, lastMessage, otherUser }) => [
      id,
      unread,
      lastMessage?.text,
      otherUser?.name,
      otherUser?.avatar?.url,
    ]),
});

describe('a recording', () => {
  it('[DT1] makes another client show what the recorded one showed, as of any entry', async () => {
    const { clock, backend, client, jonas } = await setUp();
    jonas.send('c1', 'before');
    await clock.advance(1_000);
    const recorder = record(client, { text: true });
    jonas.setPicture();
    jonas.send('c1', secret);
    jonas.type('c1');
    await clock.advance(1_000);
    recorder.stop();
    const middle = recorder.recording.entries.findIndex(
      (entry) => entry.kind === 'event' && entry.name === 'message',
    );

    const file = JSON.parse(JSON.stringify(recorder.recording));
    const replayed = createClient({ ...backend.device('maya').options, hydrate: stateOf(file) });
    expect(shownBy(replayed)).toEqual(shownBy(client));
    expect(shownBy(replayed).texts).toEqual(['before', secret]);

    const early = createClient({ ...backend.device('maya').options, hydrate: stateOf(file, 1) });
    expect(shownBy(early).texts).toEqual(['before']);
    expect(middle).toBeGreaterThan(1);
  });

  it('[DT2] holds no token, no text and no signed address unless texts are asked for', async () => {
    const { clock, backend, client, jonas } = await setUp();
    const recorder = record(client);
    jonas.send('c1', secret);
    await clock.advance(1_000);
    await Promise.all([
      client.messages.send('c1', {
        text: secret,
        mediaUrl: 'https://cdn.example.com/a.png?X-Amz-Signature=abc',
      }),
      clock.advance(5_000),
    ]);
    const text = JSON.stringify(recorder.recording);
    expect(text).toContain('•••• •• •• ••••');
    for (const word of ['noon', 'token', 'Amz', 'abc']) expect(text).not.toContain(word);
    expect(backend.journal.requests.some(({ token }) => token?.includes('token'))).toBe(true);
  });

  it('[DT2] holds neither in what it began with, in refusals and notifications, nor in what a backend adds', async () => {
    const { clock, backend, client, jonas } = await setUp();
    jonas.send('c1', secret);
    await clock.advance(1_000);
    const recorder = record(client);
    const wordy = record(client, { text: true });
    const fate = client.messages.send('c1', { text: secret.repeat(100) }).catch((error: unknown) => error);
    client.realtime.keystroke('c1');
    jonas.send('c1', secret);
    backend.revokeTokens('maya');
    backend.device('maya').line.cut();
    await clock.advance(60_000);
    await fate;
    const kept = JSON.stringify(recorder.recording);
    expect(recorder.recording.entries.map((entry) => entry.kind === 'event' && entry.name)).toContain(
      'notification',
    );
    const tokens = backend.journal.requests.flatMap(({ token }) => (token === null ? [] : [token]));
    expect(tokens.length).toBeGreaterThan(0);
    for (const word of ['noon', ...tokens]) expect(kept).not.toContain(word);
    const wanted = JSON.stringify(wordy.recording);
    expect(wanted).toContain(secret);
    for (const token of tokens) expect(wanted).not.toContain(token);
  });

  it('[DT3] keeps the newest entries and says how many went; after its end it grows no more', async () => {
    const { clock, client, jonas } = await setUp();
    const recorder = record(client, { limit: 10 });
    const heard: string[] = [];
    const undo = recorder.subscribe(({ kind }) => heard.push(kind));
    for (let i = 0; i < 30; i += 1) {
      jonas.send('c1', `${i}`);
      await clock.advance(600);
    }
    const { entries, dropped } = recorder.recording;
    expect(entries).toHaveLength(10);
    // The first entry, what was known at the start, is told to nobody.
    expect(dropped).toBe(heard.length + 1 - 10);
    expect(entries.every((entry, i) => entry.at >= (entries[i - 1]?.at ?? 0))).toBe(true);

    undo();
    recorder.stop();
    recorder.stop();
    jonas.send('c1', 'more');
    await clock.advance(1_000);
    expect(recorder.recording).toEqual({ ...recorder.recording, entries, dropped });
  });

  it('[DT4] an inspector that throws harms nobody, and its undo ends it', async () => {
    const { clock, client, jonas } = await setUp();
    let calls = 0;
    const undo = client.inspect(() => {
      calls += 1;
      throw new Error('mine');
    });
    jonas.send('c1', 'one');
    await clock.advance(1_000);
    expect(calls).toBeGreaterThan(0);
    undo();
    const before = calls;
    jonas.send('c1', 'two');
    await clock.advance(1_000);
    expect(calls).toBe(before);
    expect(textsOf(client.messages.live('c1').getSnapshot())).toEqual(['one', 'two']);
  });
});
