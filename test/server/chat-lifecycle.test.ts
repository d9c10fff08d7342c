import { randomUUID } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { people } from '../../examples/server/src/people/people.ts';
import { ReferenceServer } from '../support/reference-server.ts';
import { serverFolder } from '../support/server-folder.ts';
import { chatSocket, conversation, history, meet, type Person, persons } from './chat-support.ts';
import { type Json, startServer } from './support.ts';

describe('kill -9', () => {
  let server: ReferenceServer;
  beforeEach(async () => {
    server = new ReferenceServer({ NODE_ENV: 'test', VISAVIS_MESSAGES_PER_10S: '100000' });
    await server.start();
  });
  afterEach(() => server.stop());

  test('after the commit and before the ack leaves one message, however often it is sent again', async () => {
    const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
    const conversationId = await meet(maya, jonas);
    const line = await oneWayLine(Number(new URL(server.url).port));
    const sender = await chatSocket({ url: line.url }, maya, { reconnection: false });
    const receiver = await chatSocket(server, jonas);
    await receiver.ask('join_conversation', conversationId);

    line.loseAnswers();
    const command = { conversationId, message: 'exactly once', clientId: randomUUID() };
    let acked = false;
    sender.socket.emit('send_message', command, () => {
      acked = true;
    });
    const [{ message }] = (await receiver.wait('new_message')) as [Json];
    await server.kill();
    expect(acked).toBe(false);

    await server.start();
    const again = await chatSocket(server, maya);
    const answer = await again.ask('send_message', command);
    expect(answer).toMatchObject({ ok: true, message: { id: message.id, seq: message.seq } });
    const { conversationId: conversation_id, message: text, clientId: client_id } = command;
    const rest = await maya.post('/api/messages/send', { conversation_id, message: text, client_id });
    expect([rest.status, rest.body.message.id]).toEqual([200, message.id]);
    expect(await history(jonas, conversationId)).toHaveLength(1);
    expect(await conversation(jonas, conversationId)).toMatchObject({ last_seq: 1, unread_count: 1 });
  }, 60_000);

  test('in a storm of sends and marks loses nothing that was answered and doubles nothing', async () => {
    const pair = (await persons(server, 'u1', 'u2')) as [Person, Person];
    const conversationId = await meet(...pair);
    const { cursor } = (await pair[1].get('/api/sync')).body;
    const acked = new Map<string, Json>();
    let mark = 0;
    const commands = Array.from({ length: 200 }, (_, index) => ({
      who: index % 2,
      command: { conversationId, message: `m${index}`, clientId: randomUUID() },
    }));
    const sockets = await Promise.all(pair.map((one) => chatSocket(server, one)));
    for (const [index, { who, command }] of commands.entries()) {
      sockets[who]?.socket.emit('send_message', command, ({ ok, message }: Json) => {
        if (ok) acked.set(command.clientId, message);
      });
      if (index % 10 !== 9) continue;
      sockets[1]?.socket.emit('mark_seen', { conversationId }, ({ ok, read_seq }: Json) => {
        if (ok) mark = Math.max(mark, read_seq);
      });
    }
    await expect.poll(() => acked.size, { timeout: 30_000, interval: 1 }).toBeGreaterThan(40);
    await server.kill();

    await server.start();
    const before = await history(pair[0], conversationId);
    expect(before.length).toBeGreaterThanOrEqual(acked.size);
    expect(before.map((row) => row.seq)).toEqual(before.map((_, at) => at + 1));
    for (const [clientId, { id, seq }] of acked) {
      expect(before.find((row) => row.client_id === clientId)).toMatchObject({ id, seq });
    }
    expect((await conversation(pair[1], conversationId)).read_seq).toBeGreaterThanOrEqual(mark);

    for (const { who, command } of commands) {
      await pair[who]?.send(conversationId, command.message, { client_id: command.clientId });
    }
    const rows = await history(pair[0], conversationId);
    expect(rows.map((row) => row.seq)).toEqual(commands.map((_, at) => at + 1));
    expect(new Set(rows.map((row) => row.client_id)).size).toBe(200);
    const { read_seq, unread_count } = await conversation(pair[1], conversationId);
    expect(unread_count).toBe(rows.filter((row) => row.seq > read_seq && row.sender_id === 'u1').length);

    const synced: Json[] = [];
    for (let since = cursor, more = true; more; ) {
      const { body } = await pair[1].get(`/api/sync?since=${since}&limit=50`);
      expect(body.reset).toBeUndefined();
      synced.push(...body.changes.filter((change: Json) => change.type === 'message'));
      since = body.cursor;
      more = body.has_more;
    }
    expect(synced.map((change) => change.message.seq)).toEqual(rows.map((row) => row.seq));
  }, 60_000);
});

test('a graceful stop finishes what sockets asked for', async () => {
  const dataDir = await serverFolder();
  const first = await startServer({ dataDir, limits: { shutdownMs: 20_000 } });
  const [maya, jonas] = (await persons(first, 'u1', 'u2')) as [Person, Person];
  const conversationId = await meet(maya, jonas);
  const socket = await chatSocket(first, maya);
  let answered = 0;
  for (let index = 0; index < 400; index += 1) {
    const command = { conversationId, message: String(index) };
    socket.socket.emit('send_message', command, () => {
      answered += 1;
    });
  }
  // Answered out of turn: all that came before it has arrived.
  await socket.flush();
  expect(answered).toBeLessThan(400);
  await first.stop();

  const second = await startServer({ dataDir });
  const [again] = (await persons(second, 'u1')) as [Person];
  const rows = await history(again, conversationId);
  expect(rows.map((row) => row.content)).toEqual(Array.from({ length: 400 }, (_, at) => String(at)));
  await second.stop();
}, 60_000);

describe('the demo', () => {
  const inbox = async (one: Person) => (await one.get('/api/conversations?limit=200')).body.conversations;

  test('has conversations of every kind, whose counts and marks are right', async () => {
    const server = await startServer({ demo: true });
    const everyone = await persons(server, ...people.map(({ id }) => id));
    const inboxes = await Promise.all(everyone.map(inbox));
    const all = inboxes.flat();
    expect(new Set(all.map((row) => row.conversation_type))).toEqual(new Set(['direct', 'bid', 'campaign']));
    expect(new Set(all.map((row) => row.flow_state)).size).toBeGreaterThan(4);
    expect(inboxes[0].length).toBeGreaterThan(3);
    expect(inboxes[1].length).toBeGreaterThan(2);
    for (const [index, one] of everyone.entries()) {
      for (const row of inboxes[index]) {
        const rows = await history(one, row.id);
        expect(rows.map((message) => message.seq)).toEqual(rows.map((_, at) => at + 1));
        expect(row).toMatchObject({ last_seq: rows.length, last_message: rows.at(-1) });
        const times = rows.map((message) => message.created_at);
        expect(times).toEqual([...times].sort());
        expect([times.at(-1), row.updated_at < new Date().toISOString()]).toEqual([row.updated_at, true]);
        const unread = rows.filter((message) => message.seq > row.read_seq && message.sender_id !== one.id);
        expect([row.id, row.unread_count]).toEqual([row.id, unread.length]);
        for (const message of rows) {
          const mark = message.sender_id === one.id ? row.other_read_seq : row.read_seq;
          expect([row.id, message.seq, message.seen]).toEqual([row.id, message.seq, message.seq <= mark]);
        }
      }
    }
    await server.stop();
  });

  test('is not made again by a restart, and goes on where it was', async () => {
    const dataDir = await serverFolder();
    const first = await startServer({ dataDir, demo: true });
    const [maya] = (await persons(first, 'u1')) as [Person];
    const [{ id }] = await inbox(maya);
    await maya.put(`/api/conversations/${id}/seen`);
    await maya.send(id, 'my own');
    const before = await inbox(maya);
    await first.stop();
    const second = await startServer({ dataDir, demo: true });
    const [again] = (await persons(second, 'u1')) as [Person];
    expect(await inbox(again)).toEqual(before);
    expect((await again.send(id, 'and on')).body.message.seq).toBe(before[0].last_seq + 1);
    await second.stop();
  });

  test('is left out elsewhere', async () => {
    const server = await startServer();
    const [maya] = (await persons(server, 'u1')) as [Person];
    expect(await inbox(maya)).toEqual([]);
    await server.stop();
  });
});

/** A line to the server on which everything arrives there, and from some moment on nothing comes back. */
async function oneWayLine(port: number): Promise<{ url: string; loseAnswers: () => void }> {
  let loses = false;
  const line: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => void (loses || near.write(bytes)));
    for (const end of [near, far]) end.on('error', () => {});
    near.on('close', () => far.destroy());
    far.on('close', () => void (loses || near.destroy()));
    onTestFinished(() => void near.destroy());
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void line.close());
  const address = line.address();
  const own = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${own}`,
    loseAnswers: () => {
      loses = true;
    },
  };
}
