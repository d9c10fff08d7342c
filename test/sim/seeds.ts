import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { WireLevel } from '../../src/testing/index.ts';
import type { Finding } from './findings.ts';

export interface Case {
  readonly seed: number;
  readonly level: WireLevel;
}

export interface Failure extends Case {
  readonly findings: readonly Finding[];
}

/** Runs seeds on every processor and returns those that failed, in order. `mutant` names a bug to plant first. */
export async function runCases(cases: readonly Case[], mutant?: string): Promise<Failure[]> {
  const count = Math.min(availableParallelism(), Math.ceil(cases.length / 20));
  const shares = Array.from({ length: count }, (_, at) => cases.filter((__, index) => index % count === at));
  const failures = await Promise.all(shares.map((share) => runShare(share, mutant)));
  return failures.flat().sort((a, b) => b.level - a.level || a.seed - b.seed);
}

function runShare(cases: readonly Case[], mutant: string | undefined): Promise<Failure[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('seeds-worker.ts', import.meta.url), {
      workerData: { cases, mutant },
      resourceLimits: { maxOldGenerationSizeMb: 1_000 },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a worker of the simulation ended with ${code}`)));
  });
}
