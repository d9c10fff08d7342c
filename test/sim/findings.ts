/** What the promises are called in the reliability contract. */
export type Invariant =
  | 'I1'
  | 'I2'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I7'
  | 'I8'
  | 'I9'
  | 'I10'
  | 'I11'
  | 'I12'
  | 'I13'
  | 'I14'
  | 'I15';

export interface Finding {
  readonly invariant: Invariant;
  readonly text: string;
  /** Virtual time. */
  readonly at: number;
}

/** Broken promises of one run; the same one is told once. */
export class Findings {
  readonly list: Finding[] = [];
  readonly #told = new Set<string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get any(): boolean {
    return this.list.length > 0;
  }

  add(invariant: Invariant, text: string): void {
    if (this.#told.has(invariant)) return;
    this.#told.add(invariant);
    this.list.push({ invariant, text, at: this.#now() });
  }

  expect(holds: boolean, invariant: Invariant, text: () => string): void {
    if (!holds) this.add(invariant, text());
  }
}
