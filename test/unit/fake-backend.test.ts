import { describe, expect, it } from 'vitest';
import type { SocketPort } from '../../src/lib/socket-port.ts';
import {
  calm,
  createFakeBackend,
  createRandom,
  createVirtualClock,
  type FakeBackend,
  type FakeBackendOptions,
  type FakeDevice,
} from '../../src/testing/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads answers it knows
type Json = any;

const users = [{ id: 'u1' }, { id: 'u2' }, { id: 'u3' }];
const conversations = [{ id: 'c1', members: ['u1', 'u2'] as const }];

function setUp(options: Partial<FakeBackendOptions> = {}) {
  const clock = createVirtualClock();
  const backend = createFakeBackend({ clock, random: createRandom(7), users, conversations, ...options });
  return { clock, backend, devices: [backend.device('u1', 'd1'), backend.device('u2', 'd2')] as const };
}

/** Lets time pass until a promise settles. */
async function during<T>(clock: { advance(ms: number): Promise<void> }, promise: Promise<T>): Promise<T> {
  const settled = promise.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error;
    },
  );
  await clock.advance(5_000);
  return (await settled)();
}

async function call(
  { clock, backend }: Pick<ReturnType<typeof setUp>, 'clock' | 'backend'>,
  device: FakeDevice,
  method: string,
  path: string,
  json?: unknown,
  token = device.getToken({ refresh: false }),
): Promise<{ status: number; headers: Headers; body: Json }> {
  const answer = device
    .fetch(`${backend.baseUrl}${path}`, {
      method,
      headers: token === null ? {} : { authorization: `Bearer ${String(token)}` },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    .then(async (response) => {
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text.startsWith('{') ? JSON.parse(text) : text,
      };
    });
  return during(clock, answer);
}

class Listener {
  readonly heard: [name: string, payload: Json][] = [];
  readonly states: string[] = [];
  readonly port: SocketPort;

  constructor(device: FakeDevice, token: string | null = String(device.getToken({ refresh: false }))) {
    this.port = device.socket({
      onOpen: () => this.states.push('open'),
      onEvent: (name, payload) => this.heard.push([name, payload]),
      onClose: (reason) => this.states.push(reason),
      onError: ({ unauthorized }) => this.states.push(unauthorized ? 'unauthorized' : 'unreachable'),
    });
    this.port.open(token);
  }

  names = () => this.heard.map(([name]) => name);
  of = (name: string): Json[] => this.heard.filter(([heard]) => heard === name).map(([, payload]) => payload);
}

const send = (name: string, ...args: unknown[]) => ({ name, args });

describe('level 2', () => {
  it('numbers messages, answers a repeated client_id with the first row and refuses another body', async () => {
    const world = setUp();
    const [device] = world.devices;
    const body = { conversation_id: 'c1', message: ' hello ', client_id: 'k1' };
    const first = await call(world, device, 'POST', '/api/messages/send', body);
    const again = await call(world, device, 'POST', '/api/messages', body);
    const other = await call(world, device, 'POST', '/api/messages', { ...body, message: 'bye' });
    expect(first).toMatchObject({
      status: 201,
      body: { message: { seq: 1, content: 'hello', message: 'hello', client_id: 'k1', seen: false } },
    });
    expect(again).toMatchObject({ status: 200, body: { message: { id: first.body.message.id } } });
    expect(other).toMatchObject({ status: 409, body: { code: 'CLIENT_ID_CONFLICT', success: false } });
    expect(world.backend.truth.conversations.get('c1')?.messages).toHaveLength(1);
  });

  it('tells each socket once, with absolute numbers', async () => {
    const world = setUp();
    const [d1, d2] = world.devices;
    const [sender, receiver] = [new Listener(d1), new Listener(d2)];
    await world.clock.advance(1_000);
    for (const name of ['join', 'join_global_updates', 'request_global_notifications']) {
      receiver.port.emit(send(name, 'u2'));
    }
    sender.port.emit(send('join_conversation', 'c1'));
    receiver.port.emit(send('join_conversation', { conversationId: 'c1' }));
    await world.clock.advance(1_000);
    receiver.heard.length = 0;
    const message = { conversationId: 'c1', senderId: 'u1', receiverId: 'u2', message: 'hi', clientId: 'k1' };
    const ack = await during(world.clock, sender.port.request(send('send_message', message), 1_000));
    expect(ack).toMatchObject({ ok: true, message: { seq: 1, client_id: 'k1' } });
    expect(receiver.names().sort()).toEqual([
      'conversation_list_updated',
      'new_message',
      'notification',
      'unread_count_updated',
    ]);
    expect(receiver.of('unread_count_updated')).toEqual([
      expect.objectContaining({ action: 'set', unread_count: 1, last_seq: 1, read_seq: 0 }),
    ]);
    expect(sender.of('conversation_list_updated')).toMatchObject([{ action: 'message_sent' }]);
    expect(sender.of('new_message')).toHaveLength(1);
  });

  it('keeps the seen mark from falling and from passing the newest message', async () => {
    const world = setUp();
    const [d1, d2] = world.devices;
    for (const text of ['a', 'b', 'c']) {
      await call(world, d1, 'POST', '/api/messages', { conversation_id: 'c1', message: text });
    }
    const mark = (up_to_seq: number) => call(world, d2, 'PUT', '/api/conversations/c1/seen', { up_to_seq });
    expect((await mark(2)).body).toMatchObject({ read_seq: 2, unread_count: 1 });
    expect((await mark(1)).body).toMatchObject({ read_seq: 2, unread_count: 1 });
    expect((await mark(9)).body).toMatchObject({ read_seq: 3, unread_count: 0 });
    const page = await call(world, d1, 'GET', '/api/conversations/c1/messages?limit=2');
    expect(page.body).toMatchObject({ last_seq: 3, read_seqs: { u1: 0, u2: 3 }, pagination: { total: 3 } });
    expect(page.body.messages.map(({ seq }: Json) => seq)).toEqual([2, 3]);
  });

  it('repairs by one sync call, and resets a cursor that is too old', async () => {
    const world = setUp({ syncKeep: 2 });
    const [d1, d2] = world.devices;
    const { body: start } = await call(world, d2, 'GET', '/api/sync');
    expect(start).toMatchObject({ changes: [], has_more: false });
    const say = (message: string) =>
      call(world, d1, 'POST', '/api/messages', { conversation_id: 'c1', message });
    await say('a');
    await say('b');
    const page = await call(world, d2, 'GET', `/api/sync?since=${start.cursor}&limit=1`);
    expect(page.body).toMatchObject({
      changes: [{ type: 'message', message: { content: 'a' } }],
      has_more: true,
    });
    await say('c');
    expect((await call(world, d2, 'GET', `/api/sync?since=${start.cursor}`)).body).toMatchObject({
      reset: true,
      changes: [],
    });
    expect((await call(world, d2, 'GET', '/api/sync?since=nonsense')).body.reset).toBe(true);
  });

  it('beats for the rooms a socket is in, only when switched on', async () => {
    for (const [heartbeatMs, beats] of [
      [25_000, 4],
      [false, 0],
    ] as const) {
      const world = setUp({ heartbeatMs });
      const listener = new Listener(world.devices[0]);
      await world.clock.advance(1_000);
      listener.port.emit(send('join_conversation', 'c1'));
      await world.clock.advance(1_000);
      expect(listener.of('sync_state')).toEqual([
        { conversation_id: 'c1', last_seq: 0, seen_seq: 0, unread: 0 },
      ]);
      await world.clock.advance(100_000);
      expect(listener.of('sync_state')).toHaveLength(beats + 1);
    }
  });

  it('lets the later begun picture win and answers a repeated complete alike', async () => {
    const world = setUp();
    const [device] = world.devices;
    const file = { type: 'avatar', filename: 'a.webp', contentType: 'image/webp', size: 3 };
    const stage = async () => {
      const { body } = await call(world, device, 'POST', '/api/users/me/avatar/presign', { files: [file] });
      const [ticket] = body.uploads;
      const blob = new Blob(['abc'], { type: 'image/webp' });
      const put = () => during(world.clock, device.fetch(ticket.url, { method: 'PUT', body: blob }));
      expect((await put()).status).toBe(200);
      expect((await put()).status).toBe(412);
      return { uploads: body.uploads };
    };
    const complete = (uploads: object) =>
      call(world, device, 'POST', '/api/users/me/avatar/complete', uploads);
    const [first, second] = [await stage(), await stage()];
    const shown = await complete(second);
    expect(shown.body).toMatchObject({ ok: true, avatar_version: 1 });
    expect((await complete(second)).body).toEqual(shown.body);
    expect(await complete(first)).toMatchObject({ status: 409, body: { code: 'SUPERSEDED' } });
    const gone = await call(world, device, 'DELETE', '/api/users/me/avatar');
    expect(gone.body).toEqual({ success: true, avatar_version: 2 });
    expect((await call(world, device, 'DELETE', '/api/users/me/avatar')).status).toBe(404);
  });

  it('refuses somebody else’s rooms, name and conversation', async () => {
    const world = setUp();
    const listener = new Listener(world.backend.device('u3', 'd3'));
    await world.clock.advance(1_000);
    const ask = (name: string, payload: unknown) =>
      during(world.clock, listener.port.request(send(name, payload), 1_000));
    for (const [name, payload] of [
      ['join', 'u1'],
      ['join_conversation', 'c1'],
      ['send_message', { conversationId: 'c1', senderId: 'u3', message: 'x' }],
      ['typing_start', { conversationId: 'c1', userId: 'u1' }],
    ] as const) {
      expect(await ask(name, payload)).toMatchObject({ ok: false, code: 'FORBIDDEN' });
    }
    expect(await ask('nonsense', null)).toMatchObject({ ok: false, code: 'UNKNOWN_EVENT' });
  });

  it('says who is online, and offline only with the last socket', async () => {
    const world = setUp();
    const [d1, d2] = world.devices;
    const watcher = new Listener(d1);
    await world.clock.advance(1_000);
    watcher.port.emit(send('join', 'u1'));
    await world.clock.advance(1_000);
    expect(watcher.of('user_status_update')).toMatchObject([{ user_id: 'u2', status: 'offline' }]);
    const tabs = [new Listener(d2), new Listener(world.backend.device('u2', 'd2b'))];
    await world.clock.advance(1_000);
    tabs[0]?.port.close();
    await world.clock.advance(60_000);
    expect(watcher.of('user_status_update').map(({ status }) => status)).toEqual(['offline', 'online']);
    tabs[1]?.port.close();
    await world.clock.advance(60_000);
    expect(watcher.of('user_status_update').at(-1)).toMatchObject({ status: 'offline' });
  });
});

describe('levels 0 and 1', () => {
  const run = async (level: 0 | 1, via: 'rest' | 'socket', options: Partial<FakeBackendOptions> = {}) => {
    const world = setUp({ level, ...options });
    const [d1, d2] = world.devices;
    const [sender, receiver] = [new Listener(d1), new Listener(d2)];
    await world.clock.advance(1_000);
    for (const [listener, id] of [
      [sender, 'u1'],
      [receiver, 'u2'],
    ] as const) {
      for (const name of ['join', 'join_global_updates']) listener.port.emit(send(name, id));
    }
    sender.port.emit(send('join_conversation', 'c1'));
    await world.clock.advance(1_000);
    const message = { conversationId: 'c1', senderId: 'u1', receiverId: 'u2', message: 'hi', clientId: 'k1' };
    const twice = async () => {
      if (via === 'socket')
        return during(world.clock, sender.port.request(send('send_message', message), 1_000));
      const body = { conversation_id: 'c1', message: 'hi', client_id: 'k1' };
      return call(world, d1, 'POST', '/api/messages', body);
    };
    const answers = [];
    for (let tries = 0; tries < 2; tries += 1) answers.push(await twice().catch((error: unknown) => error));
    return { ...world, sender, receiver, answers };
  };

  it('has no capabilities, no sync and no acks at level 0', async () => {
    const world = await run(0, 'socket');
    for (const path of ['/api/capabilities', '/api/sync']) {
      expect((await call(world, world.devices[0], 'GET', path)).status).toBe(404);
    }
    expect(world.answers).toMatchObject([{ code: 'TIMEOUT' }, { code: 'TIMEOUT' }]);
  });

  it('doubles a repeated send at level 0 and not at level 1', async () => {
    const plain = await run(0, 'rest');
    expect(plain.backend.truth.conversations.get('c1')?.messages).toHaveLength(2);
    const { backend, answers } = await run(1, 'socket');
    expect(backend.truth.conversations.get('c1')?.messages).toHaveLength(1);
    expect(answers).toMatchObject([
      { ok: true, message: { client_id: 'k1' } },
      { ok: true, message: { client_id: 'k1' } },
    ]);
  });

  it('announces a REST send in both rooms with two increments, a socket send once without a time', async () => {
    const rest = await run(1, 'rest');
    const counts = rest.receiver.of('unread_count_updated');
    expect(counts).toHaveLength(2);
    expect(counts.every(({ action, unread_count }) => action === 'increment' && unread_count === 1)).toBe(
      true,
    );
    expect(new Set(counts.map(({ timestamp }) => timestamp)).size).toBe(2);
    expect(rest.receiver.of('new_message')).toEqual([]);
    expect(rest.sender.of('new_message')).toHaveLength(1);
    const socket = await run(1, 'socket');
    expect(socket.receiver.of('unread_count_updated')).toEqual([
      { conversation_id: 'c1', unread_count: 1, action: 'increment' },
    ]);
  });

  it('gives rows without seq and client_id, no unread, a total of 0, and marks what it shows', async () => {
    const world = await run(0, 'rest');
    const [d1, d2] = world.devices;
    const list = (await call(world, d2, 'GET', '/api/messages/conversations')).body;
    expect(list.pagination.total).toBe(0);
    expect(Object.keys(list.conversations[0])).not.toContain('unread_count');
    expect(Object.keys(list.conversations[0].last_message)).toEqual(['message', 'created_at', 'sender_id']);
    const rows = async (device: FakeDevice) =>
      (await call(world, device, 'GET', '/api/conversations/c1/messages')).body.messages;
    const first = await rows(d2);
    expect(Object.keys(first[0])).not.toContain('seq');
    expect(Object.keys(first[0])).not.toContain('client_id');
    expect(first.map(({ seen }: Json) => seen)).toEqual([false, false]);
    expect((await rows(d1)).map(({ seen }: Json) => seen)).toEqual([true, true]);
  });

  it('spells ids, times and texts as it is told to', async () => {
    const style = { numericIds: true, times: 'microseconds', textField: 'content' } as const;
    const world = setUp({
      level: 0,
      ...style,
      users: [{ id: '1' }, { id: '2' }],
      conversations: [{ id: '5', members: ['1', '2'] }],
    });
    const device = world.backend.device('1', 'd');
    const { body } = await call(world, device, 'POST', '/api/messages', { conversation_id: 5, message: 'x' });
    expect(body.message).toMatchObject({ id: 1001, conversation_id: 5, sender_id: 1, content: 'x' });
    expect(body.message.created_at).toMatch(/T[\d:]+\.\d{6}\+00:00$/);
  });

  it('refuses an unknown token with 403 and the words running backends use', async () => {
    const world = setUp({ level: 0 });
    const read = (token: string | null) =>
      call(world, world.devices[0], 'GET', '/api/conversations', undefined, token);
    expect(await read(null)).toMatchObject({ status: 401 });
    expect(await read('nonsense')).toMatchObject({ status: 403, body: { error: 'Invalid token' } });
  });
});

describe('the line', () => {
  const say = (world: { clock: Json; backend: FakeBackend }, device: FakeDevice) =>
    call(world, device, 'POST', '/api/messages', { conversation_id: 'c1', message: 'x' });
  const rowsOf = ({ truth }: FakeBackend) => truth.conversations.get('c1')?.messages.length;

  it('answers 500 before or after the commit, 429 with a header, cut JSON and lost answers', async () => {
    const world = setUp();
    const [device] = world.devices;
    const outcomes: string[] = [];
    for (const fault of ['serverError', 'tooMany', 'truncated', 'answerLost', 'requestLost'] as const) {
      device.line.faults = { ...calm, [fault]: 1 };
      const before = rowsOf(world.backend) ?? 0;
      const status = await say(world, device).then(
        (answer) => answer.status,
        (error: Error) => error.name,
      );
      outcomes.push(`${fault} ${String(status).slice(0, 1)} ${(rowsOf(world.backend) ?? 0) - before}`);
    }
    expect(outcomes.slice(1)).toEqual(['tooMany 4 0', 'truncated S 1', 'answerLost T 1', 'requestLost T 0']);
    expect(outcomes[0]).toMatch(/^serverError 5 [01]$/);
  });

  it('crashes before or after a commit, drops everyone, keeps the rows and comes back', async () => {
    const world = setUp();
    const [device] = world.devices;
    const listener = new Listener(world.devices[1]);
    await world.clock.advance(1_000);
    device.line.faults = { ...calm, crash: 1 };
    const fates = new Set<number>();
    for (let tries = 0; tries < 8; tries += 1) {
      const before = rowsOf(world.backend) ?? 0;
      await expect(say(world, device)).rejects.toThrow('Failed to fetch');
      fates.add((rowsOf(world.backend) ?? 0) - before);
    }
    expect([...fates].sort()).toEqual([0, 1]);
    expect(listener.states).toEqual(['open', 'transport close']);
    expect(listener.heard).toEqual([]);
    device.line.faults = calm;
    expect((await say(world, device)).status).toBe(201);
  });

  it('notices a half-open connection late on both sides, and no frame passes', async () => {
    const world = setUp();
    const [d1] = world.devices;
    const listener = new Listener(d1);
    await world.clock.advance(1_000);
    d1.line.cut('half-open');
    listener.port.emit(send('join', 'u1'));
    await world.clock.advance(10_000);
    expect(listener.states).toEqual(['open']);
    expect(world.backend.truth.connected.size).toBe(1);
    await world.clock.advance(45_000);
    expect(listener.states).toEqual(['open', 'ping timeout']);
    expect(world.backend.truth.connected.size).toBe(0);
    expect(listener.heard).toEqual([]);
  });

  it('refuses while it is offline, and an expired token', async () => {
    const world = setUp({ tokenMs: 60_000 });
    const [d1] = world.devices;
    d1.line.goOffline();
    await expect(say(world, d1)).rejects.toThrow('Failed to fetch');
    const offline = new Listener(d1);
    await world.clock.advance(1_000);
    expect(offline.states).toEqual(['unreachable']);
    d1.line.goOnline();
    const online = new Listener(d1);
    await world.clock.advance(60_000);
    expect(online.states).toEqual(['open', 'io server disconnect']);
    expect(await say(world, d1)).toMatchObject({ status: 401, body: { code: 'TOKEN_EXPIRED' } });
    const stranger = new Listener(d1, 'nonsense');
    await world.clock.advance(1_000);
    expect(stranger.states).toEqual(['unauthorized']);
  });

  it('loses, doubles and delays frames in the shares it is told to', async () => {
    const world = setUp();
    const [d1] = world.devices;
    d1.line.faults = { ...calm, frameLost: 0.2, commandDoubled: 0.2, frameReordered: 0.2 };
    const listener = new Listener(d1);
    await world.clock.advance(1_000);
    for (let count = 0; count < 1_000; count += 1)
      listener.port.emit(send('user_status', { status: 'away' }));
    await world.clock.advance(5_000);
    const fates = world.backend.journal.frames.filter(({ direction }) => direction === 'up');
    for (const [fate, share] of [
      ['lost', 0.2],
      ['late', 0.16],
      ['doubled', 0.128],
    ] as const) {
      const count = fates.filter((frame) => frame.fate === fate).length;
      expect(count / 1_000).toBeGreaterThan(share * 0.7);
      expect(count / 1_000).toBeLessThan(share * 1.3);
    }
  });

  it('replays exactly from a seed', async () => {
    const history = async (seed: number) => {
      const clock = createVirtualClock();
      const random = createRandom(seed);
      const backend = createFakeBackend({ clock, random, users, conversations });
      const device = backend.device('u1', 'd1');
      device.line.faults = { ...calm, serverError: 0.3, frameLost: 0.3, requestLost: 0.2 };
      const listener = new Listener(device);
      for (let count = 0; count < 20; count += 1) {
        await say({ clock, backend }, device).catch(() => {});
        listener.port.emit(send('join_conversation', 'c1'));
      }
      return JSON.stringify([backend.journal.requests, backend.journal.frames, listener.heard]);
    };
    const first = await history(3);
    expect(await history(3)).toBe(first);
    expect(await history(4)).not.toBe(first);
  });
});

describe('the clock', () => {
  it('runs timers in order of time, then of scheduling, and lets promises go on between', async () => {
    const clock = createVirtualClock();
    const ran: string[] = [];
    const note = (name: string) => () => void ran.push(name);
    clock.schedule(note('c'), 20);
    clock.schedule(() => {
      note('a')();
      void Promise.resolve().then(() => clock.schedule(note('b'), 5));
    }, 10);
    clock.schedule(note('d'), 20);
    clock.schedule(note('never'), 15)();
    clock.schedule(note('later'), 21);
    await clock.advance(20);
    expect(ran).toEqual(['a', 'b', 'c', 'd']);
    expect(clock.waiting).toBe(1);
  });
});
