// The cost of one event that is already parsed JSON: visavis beside what others keep their state with, and a floor
// written by hand. CPU time of the main thread, validation and typed events included, a list and a conversation on
// screen. Every row has a fresh process for each; their rounds take turns. `--json` is for machines.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { report, type Target, target } from './report.ts';
import type { Round } from './state/measure.ts';
import type { RowName } from './state/rows.ts';

const contenders = {
  floor: 'hand-written floor',
  naive: 'naive immutable store',
  stream: 'Stream',
  matrix: 'Matrix',
  visavis: 'visavis',
} as const;
type Name = keyof typeof contenders;

interface Outcome {
  readonly us: number;
  readonly facts: Readonly<Record<string, number | null>>;
}
type Outcomes = Readonly<Partial<Record<Name, Outcome>>>;

const maxRounds = 41;
/** So many rounds at least; the first quarter is left out. */
const minRounds = 3;
/** Milliseconds that one contender may take for its rounds of one row. */
const patienceMs = 1_800;
const everybody = Object.keys(contenders) as Name[];
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);

/** Each round of each in turn, so that whatever else the machine does meets all of them. */
async function measure(row: RowName, names: readonly Name[] = everybody): Promise<Outcomes> {
  const wanted = names.filter((name) => !only || only.split(',').includes(name));
  const subjects = await Promise.all(wanted.map((name) => start(name, row)));
  try {
    const rounds = subjects.map((): Round[] => []);
    const spent = subjects.map(() => 0);
    for (let round = 0; round < maxRounds; round += 1) {
      for (const [index, subject] of subjects.entries()) {
        if ((spent[index] ?? 0) > patienceMs && round >= minRounds) continue;
        const started = performance.now();
        rounds[index]?.push(await play(subject));
        spent[index] = (spent[index] ?? 0) + performance.now() - started;
      }
    }
    return Object.fromEntries(wanted.map((name, index) => [name, outcomeOf(rounds[index] ?? [])]));
  } finally {
    for (const subject of subjects) subject.kill();
  }
}

/** In a process that did nothing before. */
async function measureOnce(row: RowName): Promise<Outcomes> {
  const outcomes: Partial<Record<Name, Outcome>> = {};
  for (const name of everybody) {
    if (only && !only.split(',').includes(name)) continue;
    const subject = await start(name, row);
    try {
      outcomes[name] = outcomeOf([await play(subject)]);
    } finally {
      subject.kill();
    }
  }
  return outcomes;
}

async function start(name: Name, row: RowName): Promise<ChildProcess> {
  const path = fileURLToPath(new URL('./state/subject.ts', import.meta.url));
  const subject = fork(path, [name, row], {
    execArgv: ['--expose-gc', '--max-old-space-size=2048', ...process.execArgv],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await answerOf(subject);
  return subject;
}

function play(subject: ChildProcess): Promise<Round> {
  subject.send('round');
  return answerOf(subject) as Promise<Round>;
}

async function answerOf(subject: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(subject, 'message', { signal }).then(([answer]) => answer),
      once(subject, 'exit', { signal }).then(([code]) => {
        throw new Error(`unable to measure ${subject.spawnargs.slice(-2).join(', ')}; it ended with ${code}`);
      }),
    ]);
  } finally {
    over.abort();
  }
}

function outcomeOf(rounds: readonly Round[]): Outcome {
  const warm = rounds.slice(Math.floor(rounds.length / 4));
  const facts = warm.map((round) => round.facts ?? {});
  return {
    us: median(warm.map(({ us }) => us)),
    facts: Object.fromEntries(
      Object.keys(facts[0] ?? {}).map((name) => {
        const values = facts.flatMap((fact) => (typeof fact[name] === 'number' ? [fact[name]] : []));
        return [name, values.length > 0 ? median(values) : null];
      }),
    ),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

const withoutMatrix = everybody.filter((name) => name !== 'matrix');
const outcomes = {
  k1: await measure('new message, 1,000 held'),
  k10: await measure('new message, 10,000 held'),
  k100: await measure('new message, 100,000 held', withoutMatrix),
  random: await measure('10,000 in random order'),
  twice: await measure('10,000 delivered twice'),
  list: await measure('message into a list of 1,000'),
  seen: await measure('read receipt, 10,000 held'),
  typing: await measure('typing, 10,000 held'),
  avatar: await measure('avatar changes, 100,000 held'),
  burst: await measure('burst of 10,000', ['floor', 'visavis']),
  alone: await measure('message alone, list of 1,000', ['floor', 'visavis']),
  heap: await measureOnce('heap per message'),
};

const row = (name: string, pick: (outcome: Outcome) => number | null | undefined, from: Outcomes) => ({
  name,
  ...Object.fromEntries(
    everybody.map((contender) => {
      const outcome = from[contender];
      return [contenders[contender], outcome ? (pick(outcome) ?? null) : null];
    }),
  ),
});
const us = (outcome: Outcome) => outcome.us;
const fact = (name: string) => (outcome: Outcome) => outcome.facts[name];

const { visavis, stream } = contendersOf(outcomes);
report({
  env: {
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    rounds: `${minRounds} to ${maxRounds}`,
  },
  results: [
    row('new message, 1,000 held, µs', us, outcomes.k1),
    row('new message, 10,000 held, µs', us, outcomes.k10),
    row('new message, 100,000 held, µs', us, outcomes.k100),
    row('10,000 messages in random order, µs each', us, outcomes.random),
    row('a message for the second time, µs', us, outcomes.twice),
    row('10,000 delivered twice: unread says', fact('unread'), outcomes.twice),
    row('10,000 delivered twice: events for the second', fact('events'), outcomes.twice),
    row('message into a sorted list of 1,000 conversations, µs', us, outcomes.list),
    row('read receipt, 10,000 held, µs', us, outcomes.seen),
    row('typing, 10,000 held, µs', us, outcomes.typing),
    row('avatar of 10,000 among 100,000 messages changes, µs', us, outcomes.avatar),
    row('… alone, with the snapshots of all views, µs', fact('alone'), outcomes.avatar),
    row('… messages rewritten for it', fact('showing'), outcomes.avatar),
    row('… notifications of the list', fact('inbox'), outcomes.avatar),
    row('… notifications of the conversation', fact('thread'), outcomes.avatar),
    row('burst of 10,000 messages: notifications of the list', fact('inbox'), outcomes.burst),
    row('burst of 10,000 messages: notifications of the conversation', fact('thread'), outcomes.burst),
    row('message alone, with the snapshots of a list of 1,000 and a thread, µs', us, outcomes.alone),
    row('heap per message held, B', fact('bytes'), outcomes.heap),
  ],
  targets: [
    ...targets('new message at 10,000 held, µs', visavis.k10?.us, '≤', 2.5, 4),
    target('new message at 100,000 ÷ at 1,000 held', ratio(visavis.k100?.us, visavis.k1?.us), '≤', 1.5),
    ...targets('random order, µs', visavis.random?.us, '≤', 3.5, 5),
    target('duplicate, µs', visavis.twice?.us ?? null, '≤', 1.5),
    target('duplicate, events', visavis.twice?.facts.events ?? null, '≤', 0),
    target('duplicate, unread above 10,000', above(visavis.twice?.facts.unread, 10_000), '≤', 0),
    ...targets('heap per message, B', visavis.heap?.facts.bytes, '≤', 450, 600),
    ...targets('avatar change, µs', visavis.avatar?.us, '≤', 5, 10),
    target('avatar change, notifications of the list', visavis.avatar?.facts.inbox ?? null, '≤', 1),
    target('avatar change, notifications of the conversation', visavis.avatar?.facts.thread ?? null, '≤', 1),
    target('burst, notifications of the list', visavis.burst?.facts.inbox ?? null, '≤', 1),
    target('burst, notifications of the conversation', visavis.burst?.facts.thread ?? null, '≤', 1),
    target('times ahead of Stream at 10,000 held', ratio(stream.k10?.us, visavis.k10?.us), '≥', 60),
    target('times ahead of Stream at 100,000 held', ratio(stream.k100?.us, visavis.k100?.us), '≥', 2_000),
  ],
});

type RowKey = keyof typeof outcomes;
function contendersOf(all: Readonly<Record<RowKey, Outcomes>>) {
  const of = (name: Name) =>
    Object.fromEntries(Object.entries(all).map(([key, row]) => [key, row[name]])) as Partial<
      Record<RowKey, Outcome>
    >;
  return { visavis: of('visavis'), stream: of('stream') };
}

function targets(
  name: string,
  value: number | undefined | null,
  sign: '≤' | '≥',
  wanted: number,
  limit: number,
): Target[] {
  return [
    target(`${name}, target`, value ?? null, sign, wanted),
    target(`${name}, limit`, value ?? null, sign, limit),
  ];
}

function ratio(a: number | undefined, b: number | undefined): number | null {
  return a === undefined || b === undefined ? null : a / b;
}

function above(value: number | null | undefined, wanted: number): number | null {
  return typeof value === 'number' ? Math.abs(value - wanted) : null;
}
