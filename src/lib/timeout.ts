import type { Clock } from './clock.ts';

/** An end that comes unless something moves. */
export interface Timeout {
  /** Aborts when nothing has moved for the whole time. */
  readonly signal: AbortSignal;
  /** Something moved: the time begins anew. */
  restart(): void;
  cancel(): void;
}

export function startTimeout(clock: Clock, ms: number): Timeout {
  const controller = new AbortController();
  let cancel = () => {};
  const restart = () => {
    cancel();
    cancel = clock.schedule(() => controller.abort(), ms);
  };
  restart();
  return { signal: controller.signal, restart, cancel: () => cancel() };
}
