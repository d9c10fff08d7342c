import {
  type Contender,
  conversationIdOf,
  type Message,
  message,
  pictureOf,
  type Session,
  type Told,
} from './contender.ts';
import { asParsed, feed, type Round, shuffled } from './measure.ts';

/** Prepares a row of the table for one contender; every call of the result is one round. */
export type Row = (contender: Contender) => Promise<() => Promise<Round>>;

const roundUs = 200_000;
const warmUpMs = 1_000;
/** More conversations than rounds. */
const spare = 50;

const sequence = (length: number, from = 1, conversation = 0): Message[] =>
  Array.from({ length }, (_, index) => message(conversation, from + index));
const ids = (length: number) => Array.from({ length }, (_, index) => conversationIdOf(index));

/** A session, and conversations for its rounds: one after the other is opened, filled and measured. */
async function start(contender: Contender, conversations: number) {
  const session = await contender.open(ids(conversations));
  let shown = 0;
  await session.show(conversationIdOf(0));
  await warmUp(contender, session);
  return {
    session,
    /** Opens the next conversation; gives its number. */
    async next(messages = 0): Promise<number> {
      shown += 1;
      await session.show(conversationIdOf(shown));
      if (messages > 0) await fill(contender, session, sequence(messages, 1, shown));
      return shown;
    },
  };
}

/** What runs once per event and what runs once per frame, until the compiler has done what it can or time is up. */
async function warmUp(contender: Contender, session: Session) {
  const end = performance.now() + warmUpMs;
  for (let seq = 1; seq <= 20_000 && performance.now() < end; seq += 1) {
    const [event] = asParsed([contender.message(message(0, seq, 'user-2'))]);
    await session.feed(event);
    if (seq % 25 === 0) await session.settle();
  }
  await session.settle();
}

async function fill(contender: Contender, session: Session, messages: readonly Message[]) {
  if (session.fill) return session.fill(asParsed(messages.map(contender.message)));
  for (const one of messages) await session.feed(JSON.parse(JSON.stringify(contender.message(one))));
  await session.settle();
}

function expect(what: string, value: number, wanted: number) {
  if (value !== wanted) throw new Error(`unable to measure; ${what}: ${value}, not ${wanted}`);
}

/** One more message of the open conversation, in order. */
const newMessage =
  (held: number): Row =>
  async (contender) => {
    const { session, next } = await start(contender, spare);
    let here = await next(held);
    let seq = held;
    let length = 10;
    return async () => {
      // Never more than a half above what the row says.
      if (seq + length > held * 1.5) {
        here = await next(held);
        seq = held;
      }
      const before = session.held();
      const us = await feed(session, asParsed(sequence(length, seq + 1, here).map(contender.message)));
      expect('new messages held', session.held() - before, length);
      seq += length;
      length = Math.min(500, Math.max(10, Math.floor(roundUs / us)));
      return { us };
    };
  };

const randomOrder: Row = async (contender) => {
  const { session, next } = await start(contender, spare);
  return async () => {
    const here = await next();
    const before = session.held();
    const events = shuffled(10_000).map((index) => contender.message(message(here, index + 1)));
    const us = await feed(session, asParsed(events));
    expect('new messages held', session.held() - before, 10_000);
    return { us };
  };
};

/** The second delivery of every message. */
const duplicates: Row = async (contender) => {
  const { session, next } = await start(contender, spare);
  return async () => {
    const here = await next();
    const unread = session.unread();
    const events = sequence(10_000, 1, here).map(contender.message);
    for (const event of asParsed(events)) await session.feed(event);
    await session.settle();
    const { messages } = session.told();
    const us = await feed(session, asParsed(events));
    return {
      us,
      facts: { unread: session.unread() - unread, events: session.told().messages - messages },
    };
  };
};

/** Each into another of 1,000 conversations, which moves to the top. */
const sortedList: Row = async (contender) => {
  const { session, next } = await start(contender, 1_000);
  await next();
  const order = shuffled(1_000);
  let seq = 0;
  return async () => {
    seq += 1;
    const us = await feed(session, asParsed(order.map((index) => contender.message(message(index, seq)))));
    return { us };
  };
};

/** Somebody else reads on, message by message. */
const seen: Row = async (contender) => {
  const { session, next } = await start(contender, spare);
  await next(10_000);
  let seq = 1;
  let length = 20;
  return async () => {
    const us = await feed(
      session,
      asParsed(sequence(length, seq).map((one) => contender.seen(one, 'user-2'))),
    );
    seq += length;
    length = Math.min(500, Math.max(20, Math.floor(roundUs / us)));
    return { us };
  };
};

const typing: Row = async (contender) => {
  const { session, next } = await start(contender, spare);
  await next(10_000);
  const conversationId = conversationIdOf(0);
  return async () => {
    const events = Array.from({ length: 500 }, (_, index) =>
      contender.typing(conversationId, 'user-2', index % 2 === 0),
    );
    return { us: await feed(session, asParsed(events)) };
  };
};

/** The picture of one who wrote 10,000 of 100,000 messages in 100 conversations. */
const avatar: Row = async (contender) => {
  const { session, next } = await start(contender, 101);
  for (let conversation = 1; conversation <= 100; conversation += 1) {
    const messages = Array.from({ length: 1_000 }, (_, index) =>
      message(conversation, index + 1, index % 10 === 0 ? 'user-1' : 'user-2'),
    );
    await fill(contender, session, messages);
  }
  await next();
  let version = 1;
  let length = 1;
  const change = () => {
    version += 1;
    return contender.avatar('user-1', pictureOf('user-1', version), version);
  };
  return async () => {
    const us = await feed(session, asParsed(Array.from({ length }, change)));
    length = Math.min(500, Math.max(1, Math.floor(roundUs / us)));
    const before = { ...session.told() };
    const [event] = asParsed([change()]);
    const alone = await feed(session, [event]);
    return {
      us,
      facts: {
        alone,
        showing: session.showing('user-1', pictureOf('user-1', version)),
        ...toldSince(before, session),
      },
    };
  };
};

/** What becomes of 10,000 messages in one go. */
const burst: Row = async (contender) => {
  const { session, next } = await start(contender, spare);
  return async () => {
    const here = await next();
    const before = { ...session.told() };
    const us = await feed(session, asParsed(sequence(10_000, 1, here).map(contender.message)));
    return { us, facts: toldSince(before, session) };
  };
};

function toldSince(before: Told, session: Session) {
  const { inbox, thread } = session.told();
  return {
    inbox: inbox === null ? null : inbox - (before.inbox ?? 0),
    thread: thread === null ? null : thread - (before.thread ?? 0),
  };
}

/** One message that comes alone, with the new snapshots of the thread and of a list of 1,000 conversations. */
const alone: Row = async (contender) => {
  const { session, next } = await start(contender, 1_000);
  const here = await next(1_000);
  let seq = 1_000;
  return async () => {
    let us = 0;
    for (let time = 0; time < 20; time += 1) {
      seq += 1;
      us += await feed(session, asParsed([contender.message(message(here, seq))]));
    }
    return { us: us / 20 };
  };
};

/** Bytes of heap per message, of 50,000 in 10 conversations. */
const heap: Row = async (contender) => async () => {
  const session = await contender.open(ids(10));
  // What a first message makes once.
  await fill(contender, session, sequence(1, 5_001));
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let conversation = 0; conversation < 10; conversation += 1)
    await fill(contender, session, sequence(5_000, 1, conversation));
  await session.settle();
  globalThis.gc?.();
  const bytes = (process.memoryUsage().heapUsed - before) / 50_000;
  expect('messages held', session.held(), 50_001);
  return { us: Number.NaN, facts: { bytes } };
};

export const rows = {
  'new message, 1,000 held': newMessage(1_000),
  'new message, 10,000 held': newMessage(10_000),
  'new message, 100,000 held': newMessage(100_000),
  '10,000 in random order': randomOrder,
  '10,000 delivered twice': duplicates,
  'message into a list of 1,000': sortedList,
  'read receipt, 10,000 held': seen,
  'typing, 10,000 held': typing,
  'avatar changes, 100,000 held': avatar,
  'burst of 10,000': burst,
  'message alone, list of 1,000': alone,
  'heap per message': heap,
} satisfies Readonly<Record<string, Row>>;

export type RowName = keyof typeof rows;
