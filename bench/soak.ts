// Two nodes over PostgreSQL and Redis at half of what they can carry, for long: memory stays flat and nothing is lost.
// `--minutes 20`, `--people 200`; `--rate 100` for so many messages a second instead of half of what goes now.

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Postgres } from '../test/support/services/postgres.ts';
import { Redis } from '../test/support/services/redis.ts';
import { quantile } from './end-to-end.ts';
import { report, target } from './report.ts';
import { gather, type Outcome } from './server/crowd.ts';
import { overPostgres, residentBytes } from './server/ways.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    minutes: { type: 'string', default: '20' },
    people: { type: 'string', default: '200' },
    rate: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const people = Number(values.people);
/** In a quarter of the time caches fill and code is compiled. */
const warmUp = Math.ceil(minutes / 4);
const SAMPLES = 6;

interface Minute {
  readonly outcome: Outcome;
  /** The least that each node held in this minute, in bytes: what is left after a collection, about. */
  readonly heaps: readonly number[];
  readonly resident: number;
}

const engines = { postgres: await Postgres.start(), redis: await Redis.start() };
const way = await overPostgres(engines, people);
try {
  const crowd = await gather(way, people);
  await crowd.flood(64, 3_000);
  const knee = (await crowd.flood(64, 5_000)).perSecond;
  const before = (await way.rows()) ?? 0;
  const rate = Number(values.rate ?? knee / 2);
  const run: Minute[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const [outcome, heaps] = await Promise.all([crowd.drip(rate, 60_000), leastHeaps()]);
    const resident = way.nodes.reduce((total, node) => total + residentBytes(node), 0);
    run.push({ outcome, heaps, resident });
    const [mine, theirs] = heaps.map(megabytes);
    process.stderr.write(
      `minute ${minute + 1}: ${outcome.answered.length} sent, ${mine} and ${theirs} MB of heap, ${megabytes(resident)} MB resident\n`,
    );
  }
  crowd.close();
  const rows = ((await way.rows()) ?? 0) - before;
  const sum = (pick: (outcome: Outcome) => number) =>
    run.reduce((total, { outcome }) => total + pick(outcome), 0);
  const answered = sum((outcome) => outcome.answered.length);
  const steady = run.slice(warmUp);
  const heapOf = (some: readonly Minute[]) =>
    quantile(
      some.map(({ heaps }) => heaps.reduce((total, heap) => total + heap, 0)),
      0.5,
    );
  const growth =
    heapOf(steady.slice(-Math.ceil(steady.length / 3))) /
    heapOf(steady.slice(0, Math.ceil(steady.length / 3)));
  report({
    env: {
      node: process.version,
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      minutes,
      sockets: people,
      'messages a second at the knee': knee,
      'messages a second': rate,
      'messages answered': answered,
      'rows kept': rows,
    },
    results: run.map(({ outcome, heaps, resident }, minute) => ({
      minute: minute + 1,
      answered: outcome.answered.length,
      'heard p50 ms': quantile(outcome.heard, 0.5),
      'heard p99 ms': quantile(outcome.heard, 0.99),
      'heap MB, node 1': megabytes(heaps[0] ?? 0),
      'heap MB, node 2': megabytes(heaps[1] ?? 0),
      'resident MB, both': megabytes(resident),
    })),
    targets: [
      target('heap, last third ÷ first third after the warm-up', growth, '≤', 1.1),
      target(
        'messages refused',
        sum(({ refused }) => refused),
        '≤',
        0,
      ),
      target('messages lost', answered - sum(({ received }) => received), '≤', 0),
      target(
        'messages heard twice',
        sum(({ doubled }) => doubled),
        '≤',
        0,
      ),
      target('rows missing or doubled', Math.abs(rows - answered), '≤', 0),
    ],
  });
} finally {
  await way.stop();
  await Promise.all([engines.postgres.stop(), engines.redis.stop()]);
}

async function leastHeaps(): Promise<number[]> {
  const least = way.nodes.map(() => Number.POSITIVE_INFINITY);
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await new Promise((resolve) => setTimeout(resolve, 58_000 / SAMPLES));
    for (const [at, node] of way.nodes.entries())
      least[at] = Math.min(least[at] ?? 0, (await node.heap()) ?? 0);
  }
  return least;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
