// How soon the other side has a message, and how many a second: messages sent by socket with an ack → `new_message` at
// another client, over the reference server with its embedded database, beside a bare Socket.IO round trip in the same run.

import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { ReferenceServer } from '../test/support/reference-server.ts';
import { report, target } from './report.ts';

const rounds = 500;
const warmUp = 50;
const sustainedMs = 10_000;
const pairs = [
  ['u1', 'u2'],
  ['u3', 'u4'],
  ['u5', 'u6'],
  ['u7', 'u8'],
] as const;
/** How many of a sender's messages are under way at once while measuring throughput. */
const inFlight = 4;

interface Member {
  userId: string;
  token: string;
  socket: Socket;
}

if (process.argv[2] === 'bare-server') await serveBare();
else await measure();

async function measure() {
  const server = new ReferenceServer({ NODE_ENV: 'test', VISAVIS_MESSAGES_PER_10S: '10000000' });
  await server.start();
  const bare = fork(fileURLToPath(import.meta.url), ['bare-server']);
  const sockets: Socket[] = [];
  try {
    const [port] = await once(bare, 'message');
    const echo = await open(`http://127.0.0.1:${port}`);
    sockets.push(echo);
    const talks = await Promise.all(
      pairs.map(async ([from, to]) => {
        const members = [await connect(server, from), await connect(server, to)] as const;
        sockets.push(...members.map((member) => member.socket));
        return { members, conversationId: await meet(server, members) };
      }),
    );
    const [talk] = talks;
    if (!talk) throw new Error('unable to start; nobody talks');

    const rows = { heard: [] as number[], acked: [] as number[], bare: [] as number[] };
    for (let round = -warmUp; round < rounds; round += 1) {
      const [alice, bob] = talk.members;
      const heard = new Promise<number>((resolve) => {
        bob.socket.once('new_message', () => resolve(performance.now()));
      });
      const started = performance.now();
      await send(alice, talk.conversationId, `round ${round}`);
      const acked = performance.now();
      const at = await heard;
      const pinged = performance.now();
      await echo.emitWithAck('ping');
      if (round < 0) continue;
      rows.heard.push(at - started);
      rows.acked.push(acked - started);
      rows.bare.push(performance.now() - pinged);
    }

    const sustained = await sustain(talks);
    const stored = await countRows(server, talks);
    const lost = sustained.sent - sustained.received;
    const row = (name: string, values: number[]) => ({
      name,
      'p50 ms': quantile(values, 0.5),
      'p99 ms': quantile(values, 0.99),
      'max ms': quantile(values, 1),
    });
    report({
      env: {
        node: process.version,
        cpu: cpus()[0]?.model,
        cores: cpus().length,
        rounds,
        server: 'PGlite',
        sustained: `${pairs.length} senders × ${inFlight} in flight, ${sustainedMs / 1000} s`,
        'messages sent': sustained.sent,
        'received by the other side': sustained.received,
        'rows stored': stored - rounds - warmUp,
      },
      results: [
        row('message sent → new_message at another client', rows.heard),
        row('message sent → ack', rows.acked),
        row('bare Socket.IO round trip with ack', rows.bare),
      ],
      targets: [
        target('message sent → new_message, p50 ms', quantile(rows.heard, 0.5), '≤', 15),
        target('messages a second', sustained.perSecond, '≥', 100),
        target('messages lost', lost, '≤', 0),
        target('messages received twice', sustained.doubled, '≤', 0),
        target('rows missing', sustained.sent + rounds + warmUp - stored, '≤', 0),
      ],
    });
  } finally {
    for (const socket of sockets) socket.disconnect();
    bare.kill();
    await server.stop();
  }
}

/** The one place a message leaves from; the SDK's own `messages.send` belongs here. */
async function send({ userId, socket }: Member, conversationId: string, message: string): Promise<void> {
  const command = { conversationId, senderId: userId, message, clientId: randomUUID() };
  const answer = await socket.timeout(30_000).emitWithAck('send_message', command);
  if (answer.ok !== true) throw new Error(`unable to send; ${answer.code} ${answer.error}`);
}

interface Talk {
  members: readonly [Member, Member];
  conversationId: string;
}

async function sustain(
  talks: readonly Talk[],
): Promise<{ sent: number; received: number; doubled: number; perSecond: number }> {
  const received = new Set<string>();
  let receipts = 0;
  const removals = talks.map(({ members: [, receiver] }) => {
    const hear = ({ message }: { message: { id: string } }) => {
      receipts += 1;
      received.add(message.id);
    };
    receiver.socket.on('new_message', hear);
    return () => receiver.socket.off('new_message', hear);
  });
  let sent = 0;
  const started = performance.now();
  const until = started + sustainedMs;
  const keepSending = async ({ members: [sender], conversationId }: Talk) => {
    while (performance.now() < until) {
      await send(sender, conversationId, `message ${sent}`);
      sent += 1;
    }
  };
  await Promise.all(talks.flatMap((talk) => Array.from({ length: inFlight }, () => keepSending(talk))));
  const perSecond = sent / ((performance.now() - started) / 1000);
  const patience = performance.now() + 10_000;
  while (received.size < sent && performance.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const remove of removals) remove();
  return { sent, received: received.size, doubled: receipts - received.size, perSecond };
}

/** Counts what the server keeps, row by row. */
async function countRows(server: ReferenceServer, talks: readonly Talk[]): Promise<number> {
  let rows = 0;
  for (const {
    members: [reader],
    conversationId,
  } of talks) {
    for (let after = 0; ; ) {
      const path = `/api/conversations/${conversationId}/messages?after_seq=${after}&limit=200`;
      const { messages } = await request(server, reader.token, path);
      if (messages.length === 0) break;
      for (const { seq } of messages) {
        after += 1;
        if (seq !== after) throw new Error(`message ${after} is missing`);
      }
      rows += messages.length;
    }
  }
  return rows;
}

async function connect(server: ReferenceServer, userId: string): Promise<Member> {
  const token = await server.login(userId);
  return { userId, token, socket: await open(server.url, token) };
}

async function open(url: string, token?: string): Promise<Socket> {
  const socket = io(url, { transports: ['websocket'], auth: { token } });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

/** Opens the direct conversation of two people and joins both of them to it. */
async function meet(server: ReferenceServer, [one, other]: readonly [Member, Member]): Promise<string> {
  const body = { receiver_id: other.userId };
  const { conversation } = await request(server, one.token, '/api/conversations', body);
  for (const { socket } of [one, other]) await socket.emitWithAck('join_conversation', conversation.id);
  return conversation.id;
}

async function request(server: ReferenceServer, token: string, path: string, body?: unknown) {
  const response = await fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`unable to ask for ${path}; HTTP ${response.status}`);
  return response.json();
}

async function serveBare() {
  const http = createServer();
  new Server(http).on('connection', (socket) => socket.on('ping', (ack: () => void) => ack()));
  http.listen(0, '127.0.0.1', () => {
    const address = http.address();
    process.send?.(typeof address === 'object' ? address?.port : null);
  });
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
