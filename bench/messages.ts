// How soon the other side has a message, and how many a second: `messages.send()` of one client → `message` at another,
// over the reference server with its embedded database or, where DATABASE_URL is set, a PostgreSQL; beside the same by
// plain socket.io-client, and a bare Socket.IO round trip, in the same run.

import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import type { Socket } from 'socket.io-client';
import type { VisavisClient } from '../src/index.ts';
import { ReferenceServer } from '../test/support/reference-server.ts';
import { connectClient, connectSocket, quantile, startBare, timesRow } from './end-to-end.ts';
import { report, target } from './report.ts';

const rounds = 500;
const warmUp = 50;
/** Sustained in turns, so that whatever else the machine does meets both ways. */
const turns = 5;
const turnMs = 2_000;
const senders = ['u1', 'u2', 'u3', 'u4'];
const receivers = ['u5', 'u6', 'u7', 'u8'];
const isEmbedded = !process.env.DATABASE_URL;

/** Somebody who can send and hear, by whatever. */
interface Member {
  /** Resolves when the backend has it. */
  send(conversationId: string, text: string): Promise<void>;
  /** Calls back with every message of others, as often as it comes. */
  hear(listener: (messageId: string, text: string) => void): () => void;
  open(conversationId: string): Promise<void>;
  close(): void;
}

interface Way {
  readonly name: string;
  join(userId: string): Promise<Member>;
}

const server = new ReferenceServer({ VISAVIS_MESSAGES_PER_10S: '10000000' });
const tokens = new Map<string, string>();

const sdk: Way = {
  name: 'visavis',
  async join(userId) {
    const client = await connectClient(server, userId);
    const confirmed = new Map<string, () => void>();
    client.realtime.on('message', ({ isOwn, clientId }) => {
      if (isOwn && clientId !== null) confirmed.get(clientId)?.();
    });
    return {
      async send(conversationId, text) {
        const { clientId } = await client.messages.send(conversationId, { text });
        await new Promise<void>((resolve) => confirmed.set(clientId ?? '', resolve));
        confirmed.delete(clientId ?? '');
      },
      hear: (listener) =>
        client.realtime.on('message', ({ isOwn, messageId, text }) => {
          if (!isOwn) listener(messageId, text);
        }),
      open: (conversationId) => openThread(client, conversationId),
      close: () => client.dispose(),
    };
  },
};

const plain: Way = {
  name: 'socket.io-client',
  async join(userId) {
    const socket: Socket = await connectSocket(server.url, tokens.get(userId));
    return {
      async send(conversationId, message) {
        const command = { conversationId, senderId: userId, message, clientId: randomUUID() };
        const answer = await socket.timeout(30_000).emitWithAck('send_message', command);
        if (answer.ok !== true) throw new Error(`unable to send; ${answer.code} ${answer.error}`);
      },
      hear(listener) {
        const onMessage = ({ message }: { message: { id: string; sender_id: string; content: string } }) => {
          if (message.sender_id !== userId) listener(message.id, message.content);
        };
        socket.on('new_message', onMessage);
        return () => void socket.off('new_message', onMessage);
      },
      open: async (conversationId) => void (await socket.emitWithAck('join_conversation', conversationId)),
      close: () => void socket.close(),
    };
  },
};

await server.start();
const bare = await startBare();
try {
  for (const userId of [...senders, ...receivers]) tokens.set(userId, await server.login(userId));
  const conversations = new Map<string, string>();
  for (const from of senders) {
    for (const to of receivers) conversations.set(`${from} ${to}`, await meet(from, to));
  }
  const before = await countRows(conversations);
  const once = await measureOneByOne([sdk, plain], conversations.get('u1 u5') ?? '');
  const runs = [newRun(sdk), newRun(plain)] as const;
  for (let turn = 0; turn < turns; turn += 1) for (const run of runs) await sustain(run, conversations);
  const stored = (await countRows(conversations)) - before;
  const [ours, theirs] = runs;
  const sum = (pick: (run: Run) => number) => pick(ours) + pick(theirs);
  const issued = sum(({ times }) => times.length) + 2 * (rounds + warmUp);
  const perSecond = ({ times, ms }: Run) => times.length / (ms / 1_000);

  report({
    env: {
      node: process.version,
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      rounds,
      server: isEmbedded ? 'PGlite' : 'PostgreSQL',
      sustained: `${senders.length} senders to ${receivers.length} receivers, ${conversations.size} under way, ${turns} × ${turnMs / 1_000} s each`,
      'messages a second, visavis': perSecond(ours),
      'messages a second, socket.io-client': perSecond(theirs),
      'messages sent in all': issued,
      'rows stored': stored,
    },
    results: [
      ...once.map(({ name, heard }) => timesRow(`${name}: send → message at another client`, heard)),
      ...once.map(({ name, acked }) => timesRow(`${name}: send → the backend has it`, acked)),
      timesRow(
        'bare Socket.IO round trip with ack',
        once.flatMap(({ trips }) => trips),
      ),
      ...runs.map(({ way, times }) => timesRow(`${way.name}, sustained: send → the backend has it`, times)),
    ],
    targets: [
      target('send() → message, p50 ms', quantile(once[0]?.heard ?? [], 0.5), '≤', 15),
      target('messages a second', perSecond(ours), '≥', isEmbedded ? 100 : 1_500),
      target('… ÷ those of socket.io-client', perSecond(ours) / perSecond(theirs), '≥', 0.8),
      target(
        'messages lost',
        sum(({ times, received }) => times.length - received),
        '≤',
        0,
      ),
      target(
        'messages received twice',
        sum(({ doubled }) => doubled),
        '≤',
        0,
      ),
      target('rows missing or doubled', Math.abs(issued - stored), '≤', 0),
    ],
  });
} finally {
  bare.stop();
  await server.stop();
}

/** One message at a time; the ways take turns. */
async function measureOneByOne(ways: readonly Way[], conversationId: string) {
  const talks = await Promise.all(
    ways.map(async ({ name, join }) => {
      const [from, to] = [await join('u1'), await join('u5')];
      for (const member of [from, to]) await member.open(conversationId);
      return { name, from, to, heard: [] as number[], acked: [] as number[], trips: [] as number[] };
    }),
  );
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const { name, from, to, heard, acked, trips } of talks) {
      const text = `round ${round} by ${name}`;
      let stop = () => {};
      const hearing = new Promise<number>((resolve) => {
        stop = to.hear((_, told) => told === text && resolve(performance.now()));
      });
      const started = performance.now();
      await from.send(conversationId, text);
      const ackedAt = performance.now();
      const heardAt = await hearing;
      stop();
      const trip = await bare.roundTrip();
      if (round < 0) continue;
      heard.push(heardAt - started);
      acked.push(ackedAt - started);
      trips.push(trip);
    }
  }
  for (const { from, to } of talks) for (const member of [from, to]) member.close();
  return talks;
}

interface Run {
  readonly way: Way;
  /** Milliseconds from each send until the backend had it. */
  readonly times: number[];
  ms: number;
  received: number;
  doubled: number;
}

function newRun(way: Way): Run {
  return { way, times: [], ms: 0, received: 0, doubled: 0 };
}

/** As many as go, for one turn: in every conversation one after the other, all conversations at once. */
async function sustain(run: Run, conversations: ReadonlyMap<string, string>): Promise<void> {
  const members = new Map<string, Member>();
  for (const userId of [...senders, ...receivers]) members.set(userId, await run.way.join(userId));
  const received = new Set<string>();
  for (const userId of receivers) {
    members.get(userId)?.hear((messageId) => {
      if (received.has(messageId)) run.doubled += 1;
      received.add(messageId);
    });
  }
  for (const [pair, conversationId] of conversations) {
    for (const userId of pair.split(' ')) await members.get(userId)?.open(conversationId);
  }
  let sent = 0;
  const started = performance.now();
  const keepSending = async ([pair, conversationId]: [string, string]) => {
    const sender = members.get(pair.split(' ')[0] ?? '');
    while (sender && performance.now() < started + turnMs) {
      const at = performance.now();
      await sender.send(conversationId, `message ${sent}`);
      run.times.push(performance.now() - at);
      sent += 1;
    }
  };
  await Promise.all([...conversations].map(keepSending));
  run.ms += performance.now() - started;
  const patience = performance.now() + 10_000;
  while (received.size < sent && performance.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  run.received += received.size;
  for (const member of members.values()) member.close();
}

async function openThread(client: VisavisClient, conversationId: string): Promise<void> {
  const thread = client.messages.live(conversationId);
  await new Promise<void>((resolve) => {
    const look = () => thread.getSnapshot().status === 'ready' && resolve();
    thread.subscribe(look);
    look();
  });
}

/** Counts what the server keeps, row by row: numbers without a hole. */
async function countRows(conversations: ReadonlyMap<string, string>): Promise<number> {
  let rows = 0;
  for (const [pair, conversationId] of conversations) {
    for (let after = 0; ; ) {
      const path = `/api/conversations/${conversationId}/messages?after_seq=${after}&limit=200`;
      const { messages } = await request(pair.split(' ')[0], path);
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

/** Opens the direct conversation of two people. */
async function meet(from: string, to: string): Promise<string> {
  const { conversation } = await request(from, '/api/conversations', { receiver_id: to });
  return conversation.id;
}

async function request(userId: string | undefined, path: string, body?: unknown) {
  const response = await fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${tokens.get(userId ?? '')}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`unable to ask for ${path}; HTTP ${response.status}`);
  return response.json();
}
