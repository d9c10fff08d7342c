import { parentPort, workerData } from 'node:worker_threads';
import { plantByName } from './mutants.ts';
import type { Case, Failure } from './seeds.ts';

const { cases, mutant }: { readonly cases: readonly Case[]; readonly mutant: string | undefined } =
  workerData;
// Nobody reads the stacks, and taking them costs a tenth of the time.
Error.stackTraceLimit = 0;
if (mutant !== undefined) plantByName(mutant);
// Late, so that a planted bug is in place before the first file of the product is read.
const { createClient } = await import('../../src/client.ts');
const { runSeed } = await import('./run-seed.ts');

const failures: Failure[] = [];
for (const { seed, level } of cases) {
  const { findings } = await runSeed(createClient, seed, level);
  if (findings.length > 0) failures.push({ seed, level, findings });
}
parentPort?.postMessage(failures);
