import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants.ts';

export interface MutationRow {
  readonly bug: string;
  readonly isCaught: boolean;
  readonly failing: number;
  readonly ran: number;
  readonly text: string;
}

/** Each bug in a process of its own, so that the product is loaded anew. */
export async function runMutants(
  flags: Readonly<Record<'seeds' | 'from' | 'level', string>>,
): Promise<MutationRow[]> {
  const sim = fileURLToPath(new URL('sim.ts', import.meta.url));
  return mutants.map(({ name }) => {
    const args = [
      sim,
      '--json',
      '--mutant',
      name,
      '--seeds',
      flags.seeds,
      '--from',
      flags.from,
      '--level',
      flags.level,
    ];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    const report = read(stdout);
    if (!report)
      return { bug: name, isCaught: false, failing: 0, ran: 0, text: `did not run: ${stderr.slice(0, 500)}` };
    const { ran, failed } = report;
    const broke = [...new Set(failed.flatMap(({ findings }) => findings.map(({ invariant }) => invariant)))];
    return {
      bug: name,
      isCaught: failed.length > 0,
      failing: failed.length,
      ran,
      text:
        failed.length > 0
          ? `${failed.length} of ${ran} seeds (${broke.sort().join(' ')})`
          : `NOT CAUGHT in ${ran} seeds`,
    };
  });
}

interface Report {
  readonly ran: number;
  readonly failed: readonly { readonly findings: readonly { readonly invariant: string }[] }[];
}

function read(stdout: string): Report | undefined {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
