import type { Socket } from 'socket.io-client';
import { expect, it } from 'vitest';
import { createFakeBackend, createRandom, createVirtualClock } from '../../src/testing/index.ts';
import {
  connected,
  call as httpCall,
  type Json,
  openSocket,
  signIn,
  startServer,
} from '../server/support.ts';

type Heard = [name: string, payload: Json][];

/** The same conversation held with the fake backend and with the reference server has the same course. */
interface Stage {
  call(userId: string, method: string, path: string, json?: object): Promise<{ status: number; body: Json }>;
  ask(userId: string, name: string, payload: unknown): Promise<Json>;
  /** What the user's socket heard since the last call, once everything has arrived. */
  heard(userId: string): Promise<Heard>;
}

const people = [
  { id: 'u6', name: 'Madonna', role: 'influencer' },
  { id: 'u7', name: '👩🏽‍🚀 Priya Raman', role: 'brand_owner' },
];

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function fakeStage(counts: number[]): Promise<Stage> {
  const clock = createVirtualClock();
  const backend = createFakeBackend({ clock, random: createRandom(1), users: people, heartbeatMs: false });
  const seats = new Map(
    people.map(({ id }) => {
      const device = backend.device(id);
      const events: [string, Json][] = [];
      const port = device.socket({
        onOpen() {},
        onEvent: (name, payload) => events.push([name, payload]),
        onClose() {},
        onError() {},
      });
      port.open(String(device.getToken({ refresh: false })));
      return [id, { device, events, port }];
    }),
  );
  await clock.advance(1_000);
  const seat = (userId: string) => seats.get(userId) ?? expect.fail(`there is no ${userId}`);
  const soon = async <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => {});
    await clock.advance(1_000);
    return promise;
  };
  return {
    call: (userId, method, path, json) => {
      const { device } = seat(userId);
      const headers = { authorization: `Bearer ${String(device.getToken({ refresh: false }))}` };
      const body = json ? { body: JSON.stringify(json) } : {};
      const answer = device.fetch(`${backend.baseUrl}${path}`, { method, headers, ...body });
      return soon(
        answer.then(async (response) => ({ status: response.status, body: await response.json() })),
      );
    },
    ask: (userId, name, payload) => soon(seat(userId).port.request({ name, args: [payload] }, 1_000)),
    async heard(userId) {
      const events = seat(userId).events.splice(0);
      counts.push(events.length);
      return events;
    },
  };
}

/** `expected` is how many events each call of `heard` has to wait for. */
async function realStage(server: { url: string }, expected: number[]): Promise<Stage> {
  const seats = new Map<string, { token: string; socket: Socket; events: [string, Json][] }>();
  for (const { id } of people) {
    const token = await signIn(server, id);
    const events: [string, Json][] = [];
    const socket = openSocket(server, token);
    socket.onAny((name: string, payload: Json) => events.push([name, payload]));
    await connected(socket);
    seats.set(id, { token, socket, events });
  }
  const seat = (userId: string) => seats.get(userId) ?? expect.fail(`there is no ${userId}`);
  return {
    call: (userId, method, path, json) =>
      httpCall(server, method, path, { token: seat(userId).token, ...(json ? { json } : {}) }),
    ask: (userId, name, payload) => seat(userId).socket.timeout(10_000).emitWithAck(name, payload),
    async heard(userId) {
      const { events } = seat(userId);
      const count = expected.shift() ?? 0;
      for (let tries = 0; tries < 500 && events.length < count; tries += 1) await pause(10);
      // One too many would come now, or be found in the next step.
      await pause(20);
      return events.splice(0);
    },
  };
}

/** One script, written down as both stages must play it. */
async function play({ call, ask, heard }: Stage): Promise<unknown[]> {
  const log: unknown[] = [];
  const note = async (what: string, answer: unknown) => {
    const sides: [string, unknown][] = [];
    for (const { id } of people) sides.push([id, (await heard(id)).sort(byText)]);
    log.push([what, answer, ...sides]);
  };
  await heard('u6');
  await heard('u7');
  const opened = await call('u7', 'POST', '/api/conversations', { receiver_id: 'u6' });
  await note('open', opened);
  const { id } = opened.body.conversation;
  const path = `/api/conversations/${id}`;
  const send = (userId: string, message: string, more: object = {}) =>
    call(userId, 'POST', '/api/messages/send', { conversation_id: id, message, ...more });

  const { body: start } = await call('u6', 'GET', '/api/sync');
  await note('join u6', await ask('u6', 'join', 'u6'));
  for (const name of ['join_global_updates', 'request_global_notifications']) {
    await note(name, await ask('u6', name, { userId: 'u6' }));
  }
  await note('enter', await ask('u6', 'join_conversation', id));
  await note('typing', await ask('u7', 'typing_start', { conversationId: id, userId: 'u7' }));
  const first = { conversationId: id, senderId: 'u7', receiverId: 'u6', message: ' hi ', clientId: 'k1' };
  await note('socket send', await ask('u7', 'send_message', first));
  await note('socket again', await ask('u7', 'send_message', first));
  await note('other body', await ask('u7', 'send_message', { ...first, message: 'ho' }));
  const sent = await send('u6', 'hello', { client_id: 'k2' });
  await note('rest send', sent);
  await note('rest again', await send('u6', 'hello', { client_id: 'k2' }));
  await note('rest conflict', await send('u6', 'bye', { client_id: 'k2' }));
  await note('empty', await send('u6', '  '));
  await note('too long', await send('u6', 'x'.repeat(1001)));
  await note('media', await send('u7', '', { media_url: 'https://cdn.example.com/a.png' }));
  await note('media null', await send('u7', 'three', { media_url: null }));
  await note('seen 2', await ask('u6', 'mark_seen', { conversationId: id, userId: 'u6', upToSeq: 3 }));
  await note('seen back', await call('u6', 'PUT', `${path}/seen`, { up_to_seq: 1 }));
  await note(
    'seen message',
    await call('u7', 'POST', '/api/messages/mark-seen', { message_id: sent.body.message.id }),
  );
  await note('seen all', await call('u6', 'PUT', `${path}/seen`, {}));
  await note('no such message', await call('u6', 'POST', '/api/messages/mark-seen', { message_id: 'x' }));
  await note('delete', await call('u6', 'DELETE', `/api/messages/${sent.body.message.id}`));
  await note('delete again', await call('u6', 'DELETE', `/api/messages/${sent.body.message.id}`));
  await note('not mine', await call('u7', 'DELETE', `/api/messages/${sent.body.message.id}`));
  await note('spoof', await ask('u6', 'send_message', { ...first, clientId: 'k9' }));
  await note('foreign room', await ask('u6', 'join', 'u7'));
  await note('nowhere', await ask('u6', 'join_conversation', 'nowhere'));
  await note('nonsense', await ask('u6', 'nonsense', {}));
  await note('status', await ask('u7', 'user_status', { userId: 'u7', status: 'away' }));
  await note('stop', await ask('u7', 'typing_stop', { conversationId: id, userId: 'u7' }));
  for (const query of ['', '?limit=2', '?page=2&limit=2', '?before_seq=3&limit=1', '?after_seq=2&limit=1']) {
    await note(`messages${query}`, await call('u6', 'GET', `${path}/messages${query}`));
  }
  await note('row', await call('u7', 'GET', path));
  await note('somebody else’s list', await call('u6', 'GET', '/api/conversations?user_id=u7'));
  await note('capabilities', await call('u6', 'GET', '/api/capabilities'));
  await note('profile', await call('u6', 'GET', '/api/users/u7/profile'));
  const { body: page } = await call('u6', 'GET', `/api/sync?since=${start.cursor}`);
  const kinds = page.changes.map(({ type }: Json) => type);
  log.push(['sync', new Set(kinds), page.has_more, page.changes.at(-1)]);
  await note('old cursor', (await call('u6', 'GET', '/api/sync?since=nonsense')).body.reset);
  return log;
}

const byText = (a: [string, Json], b: [string, Json]) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);

/** Ids by the order in which they appear; times and human texts as what they are. */
function normalise(log: unknown[]): unknown[] {
  const ids = new Map<string, string>();
  const dropped = new Set(['bid_id', 'campaign_id', 'request_id', 'cursor', 'username', 'headers']);
  const walk = (value: unknown, key = ''): unknown => {
    if (value instanceof Set) return [...value].sort();
    if (Array.isArray(value)) return value.map((item) => walk(item));
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).filter(([name]) => !dropped.has(name));
      // A notification's id is the backend's own affair.
      const isNotification = 'title' in value && 'body' in value;
      return Object.fromEntries(
        entries
          .filter(([name]) => !(isNotification && (name === 'id' || name === 'title')))
          .map(([name, item]) => [walk(name), walk(item, name)])
          .sort(),
      );
    }
    if (typeof value !== 'string') return value;
    if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return 'a time';
    if (key === 'error' || (key === 'message' && value.startsWith('unable to'))) return 'a reason';
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return value;
    const name = ids.get(value) ?? `id ${ids.size + 1}`;
    ids.set(value, name);
    return name;
  };
  return log.map((step) => walk(step));
}

it('holds the same conversation as the reference server', { timeout: 120_000 }, async () => {
  const server = await startServer({});
  try {
    const counts: number[] = [];
    const fake = normalise(await play(await fakeStage(counts)));
    const real = normalise(await play(await realStage(server, counts)));
    for (const [index, step] of real.entries()) expect.soft(fake[index]).toEqual(step);
    expect(fake).toHaveLength(real.length);
  } finally {
    await server.stop();
  }
});
