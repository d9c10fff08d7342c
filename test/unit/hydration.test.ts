import { describe, expect, it } from 'vitest';
import { createAvatarClient } from '../../src/avatar-only.ts';
import type { VisavisClient } from '../../src/client.ts';
import type { DehydratedState } from '../../src/protocol/dehydrated.ts';
import { numbered } from '../support/chat-facts.ts';
import { type ChatWorld, createChatWorld, json, textsOf, watch } from '../support/chat-world.ts';

/** Reads what a page needs, as a server does before it renders. */
async function load(world: ChatWorld, client: VisavisClient) {
  await world.during(
    Promise.all([
      client.users.get('u1'),
      client.users.get('u2'),
      client.users.get('nobody').catch(() => {}),
      client.conversations.live().loadMore(),
      client.messages.live('c1').loadOlder(),
      client.messages
        .live('none')
        .loadOlder()
        .catch(() => {}),
    ]),
  );
}

/** What a page shows of a client, without anybody subscribing. */
const shown = ({ users, conversations, messages }: VisavisClient) => ({
  users: ['u1', 'u2', 'u3', 'nobody'].map((id) => users.live(id).getSnapshot()),
  inbox: conversations.live().getSnapshot(),
  threads: ['c1', 'c2', 'none'].map((id) => messages.live(id).getSnapshot()),
});

interface Rendered {
  readonly world: ChatWorld;
  readonly server: VisavisClient;
  readonly state: DehydratedState;
}

/** A conversation with messages of both sides, and a server that has read and told them. */
async function render(options: Parameters<typeof createChatWorld>[0] = {}): Promise<Rendered> {
  const world = createChatWorld(options);
  const [maya, jonas] = [await world.seat('u1'), await world.seat('u2')];
  for (const { client } of [maya, jonas]) watch(client.conversations.live());
  await world.clock.advance(1_000);
  for (const [seat, text] of [
    [jonas, 'hello'],
    [maya, 'hi'],
    [jonas, 'how are you?'],
  ] as const) {
    await world.say(seat, 'c1', text);
  }
  const { client: server } = await world.seat('u1', { isConnected: false });
  await load(world, server);
  return { world, server, state: JSON.parse(JSON.stringify(server.dehydrate())) };
}

const media = {
  ...numbered(1),
  mediaUrl: 'javascript:alert(1)',
};

describe('a client that begins with what another held', () => {
  it.each([0, 1, 2] as const)('[HY1] shows the same at once, at level %i', async (level) => {
    const { world, server, state } = await render({ level });
    const page = await world.seat('u1', { isConnected: false, hydrate: state });
    const expected = shown(server);
    expect(expected.inbox).toMatchObject({ status: 'ready', items: [{ id: 'c1', unread: 2 }, {}] });
    expect(expected.threads[0]).toMatchObject({ status: 'ready', items: { length: 3 } });
    expect(expected.users.map(({ status }) => status)).toEqual(['ready', 'ready', 'idle', 'missing']);
    expect(shown(page.client)).toEqual(expected);
    expect(page.requests).toEqual([]);
  });

  it('[HY1] shows as many messages as the other had loaded', async () => {
    const world = createChatWorld({ messageQuota: { count: 1_000, windowMs: 1_000 } });
    const jonas = await world.seat('u2');
    watch(jonas.client.conversations.live());
    for (let i = 1; i <= 120; i += 1) await world.say(jonas, 'c1', `${i}`);
    const { client: server } = await world.seat('u1', { isConnected: false });
    const thread = server.messages.live('c1');
    for (let pages = 0; pages < 3; pages += 1) await world.during(thread.loadOlder());
    expect(thread.getSnapshot()).toMatchObject({ items: { length: 120 }, hasOlder: false });
    const page = await world.seat('u1', { isConnected: false, hydrate: server.dehydrate() });
    expect(page.client.messages.live('c1').getSnapshot()).toEqual(thread.getSnapshot());
  });

  it('[HY2] needs nothing but JSON, in which there is no token', async () => {
    const { world, server, state } = await render();
    expect(state).toEqual(server.dehydrate());
    const { device, client } = await world.seat('u1', { isConnected: false });
    await load(world, client);
    const token = await device.getToken({ refresh: false });
    expect(token).toEqual(expect.any(String));
    expect(JSON.stringify(client.dehydrate())).not.toContain(token);
  });

  it.each([0, 1, 2] as const)(
    '[HY3] goes on to what the backend tells, without a step over `loading`, at level %i',
    async (level) => {
      const { world, state } = await render({ level });
      const jonas = await world.seat('u2');
      watch(jonas.client.conversations.live());
      await world.say(jonas, 'c1', 'since then');
      const { client } = await world.seat('u1', { isConnected: false, hydrate: state });
      const views = [client.users.live('u2'), client.conversations.live(), client.messages.live('c1')];
      const statuses = new Set<string>();
      const undos = views.map((view) => view.subscribe(() => statuses.add(view.getSnapshot().status)));
      await world.clock.advance(2_000);
      expect(textsOf(client.messages.live('c1').getSnapshot())).toEqual([
        'hello',
        'hi',
        'how are you?',
        'since then',
      ]);
      expect(client.conversations.live().getSnapshot().totalUnread).toBe(3);
      expect([...statuses]).toEqual(['ready']);
      for (const undo of undos) undo();
    },
  );

  it('[HY3] reads again what it was given, once', async () => {
    const { world, state } = await render();
    const page = await world.seat('u1', { isConnected: false, hydrate: state });
    const { client, requests } = page;
    const views = [client.users.live('u2'), client.conversations.live(), client.messages.live('c1')];
    for (const view of views) for (const { undo } of [watch(view), watch(view)]) undo();
    await world.clock.advance(2_000);
    for (const view of views) watch(view);
    await world.clock.advance(2_000);
    const reads = requests.filter((request) => /profile|conversations\?|page=1/.test(request));
    expect(reads.filter((request) => request.includes('/u2/profile'))).toHaveLength(1);
    expect(reads.filter((request) => request.includes('/conversations?'))).toHaveLength(1);
    expect(reads.filter((request) => request.includes('/c1/messages'))).toHaveLength(1);
  });

  it('[HY3] keeps what it was given while nobody looks, also when it connects', async () => {
    const { world, server, state } = await render();
    const { client } = await world.seat('u1', { hydrate: state });
    client.messages.markSeen('c2');
    await world.clock.advance(20_000);
    expect(client.realtime.status).toBe('live');
    const texts = textsOf(server.messages.live('c1').getSnapshot());
    expect(client.messages.live('c1').getSnapshot().status).toBe('ready');
    expect(textsOf(client.messages.live('c1').getSnapshot())).toEqual(texts);
    expect(client.conversations.live().getSnapshot().status).toBe('ready');
    expect(client.users.live('u2').getSnapshot().status).toBe('ready');
  });

  it('[HY4] holds nothing of it to be newer than what it hears, whatever the clock was there', async () => {
    const world = createChatWorld();
    // Without a version or a server time, only the moment of arrival orders pictures and names.
    const answer = (name: string) => () =>
      json({ id: 'u2', display_name: name, avatar_url: `https://cdn.example.com/${name}.webp` });
    const aDayAhead = { now: () => world.clock.now() + 86_400_000, schedule: world.clock.schedule };
    const early = { isConnected: false, clock: aDayAhead, answer: answer('Early') };
    const { client: server } = await world.seat('u1', early);
    await world.during(server.users.get('u2'));
    const late = { isConnected: false, hydrate: server.dehydrate(), answer: answer('Late') };
    const { client } = await world.seat('u1', late);
    const user = client.users.live('u2');
    expect(user.getSnapshot().name).toBe('Early');
    watch(user);
    await world.clock.advance(2_000);
    expect(user.getSnapshot()).toMatchObject({
      name: 'Late',
      avatar: { url: 'https://cdn.example.com/Late.webp' },
    });
  });

  it.each([
    ['of another user', (state: DehydratedState) => ({ ...state, userId: 'u2' })],
    ['of another version', (state: DehydratedState) => ({ ...state, version: '0.0.1' })],
  ])('[HY5] begins empty with the state %s, and says so', async (_, change) => {
    const { world, state } = await render();
    const warnings: unknown[] = [];
    const silent = () => {};
    const logger = { debug: silent, warn: (text: string) => warnings.push(text), error: silent };
    const { client } = await world.seat('u1', { isConnected: false, hydrate: change(state), logger });
    expect(client.conversations.live().getSnapshot().items).toEqual([]);
    expect(client.users.live('u2').getSnapshot()).toMatchObject({ name: '', status: 'idle' });
    expect(warnings).toEqual([expect.stringMatching(/^unable to hydrate/)]);
  });

  it.each([
    ['text', () => 'x'],
    ['empty', () => ({})],
    ['without facts in it', (state: object) => ({ ...state, facts: [null] })],
    ['of kinds that are not known', (state: object) => ({ ...state, facts: [{ ...media, kind: 'poll' }] })],
    [
      'of facts cut in half',
      (state: object) => ({ ...state, facts: [{ kind: 'page', conversationId: 'c1' }] }),
    ],
    ['of addresses that can run', (state: object) => ({ ...state, facts: [media] })],
    ['of odd statuses', (state: object) => ({ ...state, users: [{ id: 'u2', status: 'odd' }] })],
  ])('[HY5] begins empty with a state that is %s', async (_, change) => {
    const { world, state } = await render();
    const hydrate = JSON.parse(JSON.stringify(change(state)));
    const { client } = await world.seat('u1', { isConnected: false, hydrate });
    expect(client.conversations.live().getSnapshot().items).toEqual([]);
    expect(client.messages.live('c1').getSnapshot().items).toEqual([]);
    expect(client.users.live('u2').getSnapshot()).toMatchObject({ name: '', status: 'idle' });
  });

  it('[HY6] keeps what the page began with for parts of it that take over later', async () => {
    const { world, server, state } = await render();
    const { client } = await world.seat('u1', { hydrate: state });
    const views = [client.users.live('u2'), client.conversations.live(), client.messages.live('c1')];
    for (const view of views) watch(view);
    const jonas = await world.seat('u2');
    watch(jonas.client.conversations.live());
    await world.clock.advance(1_000);
    await world.say(jonas, 'c1', 'since then');
    const began = [server.users.live('u2'), server.conversations.live(), server.messages.live('c1')];
    for (const [i, view] of views.entries()) {
      expect(view.getSnapshot()).not.toEqual(view.getServerSnapshot());
      expect(view.getServerSnapshot()).toEqual(began[i]?.getSnapshot());
      expect(view.getServerSnapshot()).toBe(view.getServerSnapshot());
    }
  });

  it('[HY6] begins with what it holds where nothing was given', async () => {
    const { server } = await render();
    const views = [server.users.live('u2'), server.conversations.live(), server.messages.live('c1')];
    for (const view of views) expect(view.getServerSnapshot()).toBe(view.getSnapshot());
  });

  it('[HY1] can be one for pictures alone', async () => {
    const { world, state } = await render();
    const { options } = world.backend.device('u1');
    const page = createAvatarClient({ ...options, hydrate: state });
    expect(page.users.live('u2').getSnapshot()).toMatchObject({ name: 'Jonas', status: 'ready' });
    const again = createAvatarClient({ ...options, hydrate: page.dehydrate() });
    expect(again.users.live('u2').getSnapshot()).toEqual(page.users.live('u2').getSnapshot());
  });
});
