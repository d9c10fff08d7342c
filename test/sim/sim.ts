import { parseArgs } from 'node:util';
import { createClient } from '../../src/client.ts';
import type { WireLevel } from '../../src/testing/index.ts';
import { knownFailures, remember } from './failing-seeds.ts';
import { runMutants } from './mutation.ts';
import { describeFailure, replayCommand, tally } from './report.ts';
import { runSeed } from './run-seed.ts';
import { type Case, runCases } from './seeds.ts';
import { runStorm } from './storm.ts';

const { values: flags } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    level: { type: 'string', default: 'all' },
    mutate: { type: 'boolean', default: false },
    // Neither runs nor remembers the seeds that failed before.
    fresh: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    lines: { type: 'string', default: '120' },
  },
});

const all: readonly WireLevel[] = [2, 1, 0];
const levels = flags.level === 'all' ? all : all.filter((level) => String(level) === flags.level);
const cases = levels.flatMap((level) =>
  Array.from(
    { length: Number(flags.seeds) },
    (_, index): Case => ({ seed: Number(flags.from) + index, level }),
  ),
);

async function simulate() {
  const known = flags.fresh ? [] : knownFailures().filter(({ level }) => levels.includes(level));
  const start = performance.now();
  const failures = await runCases([...known, ...cases]);
  const storm = levels.includes(2) ? await runStorm(createClient) : null;
  const ran = known.length + cases.length;
  const perSecond = Math.round(ran / ((performance.now() - start) / 1000));
  if (!flags.fresh) remember(failures);
  process.exitCode = failures.length > 0 || (storm?.length ?? 0) > 0 ? 1 : 0;
  if (flags.json) return console.log(JSON.stringify({ ran, failed: failures, perSecond, storm }));
  for (const { seed, level } of failures.slice(0, 3)) {
    console.log(`${describeFailure(await runSeed(createClient, seed, level), Number(flags.lines))}\n`);
  }
  for (const failure of failures.slice(3, 30)) console.log(`also: ${replayCommand(failure)}`);
  if (storm) console.log(`storm: ${storm.map(({ text }) => text).join('; ') || 'fine'}`);
  const broken = failures.length > 0 ? ` (${tally(failures)})` : '';
  console.log(`${ran} seeds, ${failures.length} failed${broken}, ${perSecond} seeds/s`);
}

async function mutate() {
  const table = await runMutants(cases);
  if (flags.json) console.log(JSON.stringify(table));
  else for (const { bug, text } of table) console.log(`${bug.padEnd(24)} ${text}`);
  process.exitCode = table.every(({ isCaught }) => isCaught) ? 0 : 1;
}

await (flags.mutate ? mutate() : simulate());
