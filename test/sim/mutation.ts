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

/** Each bug in a process of its own, so that the product is loaded anew; without any first, for comparison. */
export function runMutants(flags: Readonly<Record<'seeds' | 'from' | 'level', string>>): MutationRow[] {
  const clean = run(flags, []);
  if ('trouble' in clean) throw new Error(`the simulation did not run: ${clean.trouble}`);
  const broken = new Set(clean.failed.map(nameOf));
  return mutants.map(({ name }) => {
    const report = run(flags, ['--mutant', name]);
    if ('trouble' in report) return { bug: name, isCaught: false, failing: 0, ran: 0, text: report.trouble };
    const caught = report.failed.filter((failure) => !broken.has(nameOf(failure)));
    const names = new Set(caught.flatMap(({ findings }) => findings.map(({ invariant }) => invariant)));
    const text =
      caught.length > 0
        ? `${caught.length} of ${report.ran} seeds (${[...names].sort().join(' ')})`
        : `NOT CAUGHT in ${report.ran} seeds`;
    return { bug: name, isCaught: caught.length > 0, failing: caught.length, ran: report.ran, text };
  });
}

const sim = fileURLToPath(new URL('sim.ts', import.meta.url));

function run(
  { seeds, from, level }: Readonly<Record<'seeds' | 'from' | 'level', string>>,
  more: readonly string[],
): Report | { readonly trouble: string } {
  const args = [sim, '--json', '--seeds', seeds, '--from', from, '--level', level, '--fresh', ...more];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  try {
    return JSON.parse(stdout);
  } catch {
    return { trouble: `did not run: ${stderr.slice(0, 500)}` };
  }
}

const nameOf = ({ seed, level }: Report['failed'][number]) => `${level} ${seed}`;

interface Report {
  readonly ran: number;
  readonly failed: readonly {
    readonly seed: number;
    readonly level: number;
    readonly findings: readonly { readonly invariant: string }[];
  }[];
}
