import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { WireLevel } from '../../src/testing/index.ts';
import { mutants, plant } from './mutants.ts';
import { describeFailure, replayCommand } from './report.ts';
import type { SeedResult } from './run-seed.ts';

const { values: flags } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    level: { type: 'string', default: 'all' },
    mutate: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    // Neither runs nor remembers the seeds that failed before.
    fresh: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    lines: { type: 'string', default: '120' },
  },
});
const known = fileURLToPath(new URL('failing-seeds.json', import.meta.url));
const levels: readonly WireLevel[] =
  flags.level === 'all' ? [2, 1, 0] : [2, 1, 0].filter((level) => String(level) === flags.level).map(levelOf);

function levelOf(level: number): WireLevel {
  return level === 2 ? 2 : level === 1 ? 1 : 0;
}

interface Run {
  readonly ran: number;
  readonly failures: readonly SeedResult[];
  readonly ms: number;
}

async function run(): Promise<Run> {
  // Late, so that a planted bug is in place before the first file of the product is read.
  const { createClient } = await import('../../src/client.ts');
  const { runSeed } = await import('./run-seed.ts');
  const first = Number(flags.from);
  const fresh = levels.flatMap((level) =>
    Array.from({ length: Number(flags.seeds) }, (_, index) => ({ seed: first + index, level })),
  );
  const again = !flags.fresh ? readKnown().filter(({ level }) => levels.includes(level)) : [];
  const cases = [...again, ...fresh];
  const failures: SeedResult[] = [];
  const start = performance.now();
  for (const { seed, level } of cases) {
    const result = await runSeed(createClient, seed, level);
    if (result.findings.length > 0) failures.push(result);
  }
  return { ran: cases.length, failures, ms: performance.now() - start };
}

function readKnown(): { readonly seed: number; readonly level: WireLevel }[] {
  return JSON.parse(readFileSync(known, 'utf8'));
}

/** A seed that failed once is run for ever. */
function remember(failures: readonly SeedResult[]) {
  const all = new Map(readKnown().map((entry) => [`${entry.level} ${entry.seed}`, entry]));
  for (const { seed, level, findings } of failures.slice(0, 20)) {
    const key = `${level} ${seed}`;
    if (!all.has(key)) all.set(key, { seed, level, ...{ broke: findings.map((one) => one.invariant) } });
  }
  writeFileSync(known, `${JSON.stringify([...all.values()], null, 2)}\n`);
}

function tally(failures: readonly SeedResult[]): string {
  const counts = new Map<string, number>();
  for (const { findings } of failures) {
    for (const { invariant } of findings) counts.set(invariant, (counts.get(invariant) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${name} × ${count}`).join(', ');
}

if (flags.mutate) {
  const { runMutants } = await import('./mutation.ts');
  const table = runMutants({ seeds: flags.seeds, from: flags.from, level: flags.level });
  if (flags.json) console.log(JSON.stringify(table));
  else for (const row of table) console.log(`${row.bug.padEnd(24)} ${row.text}`);
  process.exitCode = table.some(({ isCaught }) => !isCaught) ? 1 : 0;
} else {
  const mutant = mutants.find(({ name }) => name === flags.mutant);
  if (flags.mutant !== undefined && !mutant) throw new Error(`there is no mutant "${flags.mutant}"`);
  if (mutant) plant(mutant);
  const { ran, failures, ms } = await run();
  const perSecond = Math.round(ran / (ms / 1000));
  if (!flags.fresh && !mutant) remember(failures);
  if (flags.json) {
    const failed = failures.map(({ seed, level, findings }) => ({ seed, level, findings }));
    console.log(JSON.stringify({ ran, failed, perSecond }));
  } else {
    for (const failure of failures.slice(0, 3)) {
      console.log(`${describeFailure(failure, Number(flags.lines))}\n`);
    }
    for (const failure of failures.slice(3)) console.log(`also: ${replayCommand(failure)}`);
    console.log(
      `${ran} seeds, ${failures.length} failed${failures.length > 0 ? ` (${tally(failures)})` : ''}, ${perSecond} seeds/s`,
    );
  }
  process.exitCode = failures.length > 0 ? 1 : 0;
}
