import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import { connectSocket } from '../end-to-end.ts';
import type { Way } from './ways.ts';

export interface Outcome {
  readonly sent: number;
  readonly refused: number;
  readonly received: number;
  readonly doubled: number;
  readonly perSecond: number;
  /** Milliseconds from a send until its answer. */
  readonly answered: number[];
  /** Milliseconds from a send until the other side has the message. */
  readonly heard: number[];
}

/** Connected people, two to a conversation. */
export interface Crowd {
  /** As many messages as go with so many on their way. */
  flood(atOnce: number, ms: number): Promise<Outcome>;
  /** So many messages a second, whatever becomes of them. */
  drip(perSecond: number, ms: number): Promise<Outcome>;
  /** Cuts so many connections at once; resolves with the milliseconds until all are back in their rooms. */
  storm(count: number): Promise<number>;
  close(): void;
}

interface Seat {
  readonly userId: string;
  readonly conversationId: string;
  readonly url: string;
  readonly token: string | undefined;
  socket: Socket;
}

/** How many connect, or sign in, at the same time. */
const BATCH = 25;
const ANSWER_MS = 30_000;

export async function gather(way: Way, people: number): Promise<Crowd> {
  const { nodes, conversations, isSpread } = way;
  const seats: Seat[] = [];
  /** Messages that the other side has not heard yet: when they were sent. */
  let pending = new Map<string, number>();
  let known = new Set<string>();
  let received = 0;
  let doubled = 0;
  let heard: number[] = [];

  async function open({ userId, conversationId, url, token }: Omit<Seat, 'socket'>): Promise<Socket> {
    const socket = await connectSocket(url, token);
    socket.on('new_message', ({ message }: { message: { client_id: string; sender_id: string } }) => {
      const { client_id: id, sender_id: sender } = message;
      if (sender === userId) return;
      const at = pending.get(id);
      if (at === undefined) {
        if (known.has(id)) doubled += 1;
        return;
      }
      pending.delete(id);
      received += 1;
      heard.push(performance.now() - at);
    });
    await Promise.all([
      socket.emitWithAck('join', userId),
      socket.emitWithAck('join_global_updates', userId),
      socket.emitWithAck('join_conversation', conversationId),
    ]);
    return socket;
  }

  async function sit(at: number): Promise<Seat> {
    const pair = Math.floor(at / 2);
    const userId = `p${at + 1}`;
    const node = nodes[(isSpread ? at : pair) % nodes.length];
    const conversationId = conversations[pair] ?? '';
    const seat = { userId, conversationId, url: node?.url ?? '', token: await way.token(userId) };
    return { ...seat, socket: await open(seat) };
  }

  for (let at = 0; at < people; at += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, people - at) }, (_, index) => sit(at + index));
    seats.push(...(await Promise.all(batch)));
  }

  let turn = 0;

  /** Sends one message from the next seat; resolves with how long its answer took, or nothing when it was refused. */
  async function send(): Promise<number | undefined> {
    turn += 1;
    const seat = seats[turn % seats.length] as Seat;
    const clientId = randomUUID();
    const { userId: senderId, conversationId } = seat;
    const command = { conversationId, senderId, clientId, message: `message ${turn}` };
    const started = performance.now();
    pending.set(clientId, started);
    known.add(clientId);
    const answer = await seat.socket
      .timeout(ANSWER_MS)
      .emitWithAck('send_message', command)
      .catch(() => ({ ok: false }));
    if (answer.ok === true) return performance.now() - started;
    pending.delete(clientId);
    return undefined;
  }

  /** What comes of the sends that `run` starts, once all of it has arrived. */
  async function observe(run: (begin: () => Promise<void>) => Promise<void>): Promise<Outcome> {
    pending = new Map();
    known = new Set();
    heard = [];
    received = doubled = 0;
    let sent = 0;
    let refused = 0;
    const answered: number[] = [];
    const started = performance.now();
    await run(async () => {
      sent += 1;
      const took = await send();
      if (took === undefined) refused += 1;
      else answered.push(took);
    });
    const ms = performance.now() - started;
    const patience = performance.now() + ANSWER_MS;
    while (pending.size > 0 && performance.now() < patience) await sleep(20);
    return { sent, refused, received, doubled, perSecond: answered.length / (ms / 1_000), answered, heard };
  }

  return {
    flood: (atOnce, ms) =>
      observe(async (begin) => {
        const end = performance.now() + ms;
        const keepSending = async () => {
          while (performance.now() < end) await begin();
        };
        await Promise.all(Array.from({ length: atOnce }, keepSending));
      }),

    drip: (perSecond, ms) =>
      observe(async (begin) => {
        const started = performance.now();
        const all = new Set<Promise<void>>();
        for (let count = 0; performance.now() < started + ms; ) {
          const due = ((performance.now() - started) / 1_000) * perSecond;
          for (; count < due; count += 1) {
            const one = begin().finally(() => all.delete(one));
            all.add(one);
          }
          await sleep(2);
        }
        await Promise.all(all);
      }),

    async storm(count) {
      const started = performance.now();
      await Promise.all(
        seats.slice(0, count).map(async (seat) => {
          seat.socket.disconnect();
          seat.socket = await open(seat);
        }),
      );
      return performance.now() - started;
    },

    close() {
      for (const { socket } of seats) socket.disconnect();
    },
  };
}
