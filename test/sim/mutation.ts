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
    rows.push(await runMutant(name, own, broken));
  }
  return rows;
}

async function runMutant(
  bug: string,
  cases: readonly Case[],
  broken: ReadonlySet<string>,
): Promise<MutationRow> {
  const ran = cases.length;
  try {
    const caught = (await runCases(cases, bug)).filter((failure) => !broken.has(nameOf(failure)));
    const failing = caught.length;
    const text = failing > 0 ? `${failing} of ${ran} seeds (${tally(caught)})` : `NOT CAUGHT in ${ran} seeds`;
    return { bug, isCaught: failing > 0, failing, ran, text };
  } catch (error) {
    // Some bugs eat all memory; a bug that cannot be planted any more is not caught.
    const isCaught = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    return { bug, isCaught, failing: ran, ran, text: String(error) };
  }
}

const nameOf = ({ seed, level }: Pick<Failure, 'seed' | 'level'>) => `${level} ${seed}`;
