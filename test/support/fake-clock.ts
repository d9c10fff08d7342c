import type { Clock } from '../../src/lib/clock.ts';

/** Time that moves only when told. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000;
  #nextId = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly callback: () => void }>();

  now = () => this.#now;

  schedule = (callback: () => void, ms: number) => {
    const id = this.#nextId++;
    this.#timers.set(id, { at: this.#now + ms, callback });
    return () => void this.#timers.delete(id);
  };

  get waiting(): number {
    return this.#timers.size;
  }

  /** Runs what is due within `ms`, in order, with promises settled between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const due = [...this.#timers]
        .filter(([, { at }]) => at <= end)
        .sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
      if (!due) break;
      const [id, { at, callback }] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      callback();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets promises and I/O of this process that are already due go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
