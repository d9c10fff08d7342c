import { mutants } from './mutants.ts';
import { tally } from './report.ts';
import { type Case, type Failure, runCases } from './seeds.ts';

export interface MutationRow {
  readonly bug: string;
  readonly isCaught: boolean;
  readonly failing: number;
  readonly ran: number;
  readonly text: string;
}

/** Plants one bug after the other. Seeds that fail without any do not count. */
export async function runMutants(cases: readonly Case[]): Promise<MutationRow[]> {
  const broken = new Set((await runCases(cases)).map(nameOf));
  const rows: MutationRow[] = [];
  for (const { name, levels } of mutants) {
    const own = cases.filter(({ level }) => levels.includes(level));
    const caught = (await runCases(own, name)).filter((failure) => !broken.has(nameOf(failure)));
    const text =
      caught.length > 0
        ? `${caught.length} of ${own.length} seeds (${tally(caught)})`
        : `NOT CAUGHT in ${own.length} seeds`;
    rows.push({ bug: name, isCaught: caught.length > 0, failing: caught.length, ran: own.length, text });
  }
  return rows;
}

const nameOf = ({ seed, level }: Pick<Failure, 'seed' | 'level'>) => `${level} ${seed}`;
