// What the reference server carries: 1,000 sockets on two nodes over PostgreSQL and Redis, on one node over PGlite, and
// the same by bare Socket.IO, in one run. Servers, engines and the crowd share this machine. `--people 200` for a small one.

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Postgres } from '../test/support/services/postgres.ts';
import { Redis } from '../test/support/services/redis.ts';
import { quantile } from './end-to-end.ts';
import { report, target } from './report.ts';
import { gather, type Outcome } from './server/crowd.ts';
import { overEmbedded, overPostgres, overRelay, residentBytes, type Way } from './server/ways.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    people: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '5' },
  },
});
const people = Number(values.people);
const turnMs = Number(values.seconds) * 1_000;
const underWay = 64;
const parts = [0.25, 0.5, 0.75, 1];

interface Measured {
  readonly name: string;
  readonly knee: number;
  readonly turns: readonly { readonly part: number; readonly outcome: Outcome }[];
  readonly socketBytes: number;
  readonly stormMs: number;
  readonly answered: number;
  readonly lost: number;
  readonly doubled: number;
  readonly rows: number | undefined;
}

const engines = { postgres: await Postgres.start(), redis: await Redis.start() };
try {
  const bareTwo = await measure(await overRelay(people, 2));
  const postgres = await measure(await overPostgres(engines, people));
  const bareOne = await measure(await overRelay(people, 1));
  const embedded = await measure(await overEmbedded(people));
  const all = [bareTwo, postgres, bareOne, embedded];
  const sum = (pick: (one: Measured) => number) => all.reduce((total, one) => total + pick(one), 0);
  const half = postgres.turns.find(({ part }) => part === 0.5)?.outcome.heard ?? [];
  report({
    env: {
      node: process.version,
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      sockets: people,
      'messages under way at the knee': underWay,
      'seconds a turn': turnMs / 1_000,
      ...Object.fromEntries(all.map((one) => [`messages a second at the knee: ${one.name}`, one.knee])),
      ...Object.fromEntries(all.map((one) => [`KiB a socket: ${one.name}`, one.socketBytes / 1_024])),
      ...Object.fromEntries(
        all.map((one) => [`${people / 2} sockets back at once, ms: ${one.name}`, one.stormMs]),
      ),
      'rows kept, of messages answered': [postgres, embedded]
        .map(({ rows, answered }) => `${rows} of ${answered}`)
        .join(', '),
    },
    results: all.flatMap(({ name, knee, turns }) =>
      turns.map(({ part, outcome }) => ({
        name,
        load: `${part * 100} %`,
        'wanted a second': knee * part,
        'answered a second': outcome.perSecond,
        'answer p50 ms': quantile(outcome.answered, 0.5),
        'answer p99 ms': quantile(outcome.answered, 0.99),
        'heard p50 ms': quantile(outcome.heard, 0.5),
        'heard p99 ms': quantile(outcome.heard, 0.99),
        lost: outcome.answered.length - outcome.received,
      })),
    ),
    targets: [
      target('messages a second on PostgreSQL', postgres.knee, '≥', 1_500),
      target('… ÷ bare Socket.IO', postgres.knee / bareTwo.knee, '≥', 0.1),
      target('heard at half load on PostgreSQL, p50 ms', quantile(half, 0.5), '≤', 15),
      target(
        'messages lost',
        sum(({ lost }) => lost),
        '≤',
        0,
      ),
      target(
        'messages heard twice',
        sum(({ doubled }) => doubled),
        '≤',
        0,
      ),
      target(
        'rows missing or doubled',
        [postgres, embedded].reduce((total, one) => total + Math.abs((one.rows ?? 0) - one.answered), 0),
        '≤',
        0,
      ),
    ],
  });
} finally {
  await Promise.all([engines.postgres.stop(), engines.redis.stop()]);
}

async function measure(way: Way): Promise<Measured> {
  const outcomes: Outcome[] = [];
  const keep = (outcome: Outcome) => {
    outcomes.push(outcome);
    return outcome;
  };
  const sum = (pick: (outcome: Outcome) => number) => outcomes.reduce((total, one) => total + pick(one), 0);
  const resident = () => way.nodes.reduce((total, node) => total + residentBytes(node), 0);
  try {
    const before = resident();
    const crowd = await gather(way, people);
    const socketBytes = (resident() - before) / people;
    keep(await crowd.flood(underWay, 2_000));
    const knee = keep(await crowd.flood(underWay, turnMs)).perSecond;
    const turns = [];
    for (const part of parts) turns.push({ part, outcome: keep(await crowd.drip(knee * part, turnMs)) });
    const stormMs = await crowd.storm(people / 2);
    // Who came back hears as before.
    keep(await crowd.drip(knee / 4, 1_000));
    crowd.close();
    const answered = sum((outcome) => outcome.answered.length);
    return {
      name: way.name,
      knee,
      turns,
      socketBytes,
      stormMs,
      answered,
      lost: answered - sum(({ received }) => received),
      doubled: sum(({ doubled }) => doubled),
      rows: await way.rows(),
    };
  } finally {
    await way.stop();
  }
}
