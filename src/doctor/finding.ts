/** `degrades` costs the user something, `broken` keeps the preset from doing its work. */
export type Verdict = 'works' | 'degrades' | 'broken' | 'skipped';

/** What one check has found. */
export interface Finding {
  /** Name of the preset, or `backend` for what concerns all. */
  readonly of: string;
  readonly check: string;
  readonly verdict: Verdict;
  /** What was seen. */
  readonly says: string;
  /** What the user loses by it. */
  readonly loses?: string;
  readonly mend?: string;
}

/** Makes the findings of one preset. */
export function findingsOf(of: string) {
  return {
    works: (check: string, says: string): Finding => ({ of, check, verdict: 'works', says }),
    skipped: (check: string, says: string): Finding => ({ of, check, verdict: 'skipped', says }),
    degrades: (check: string, says: string, loses: string, mend: string): Finding => ({
      of,
      check,
      verdict: 'degrades',
      says,
      loses,
      mend,
    }),
    broken: (check: string, says: string, mend: string): Finding => ({
      of,
      check,
      verdict: 'broken',
      says,
      mend,
    }),
  };
}

export type FindingsOf = ReturnType<typeof findingsOf>;
