/** Work nobody waits for: a failure is reported, and a shutdown waits a while for what is running. */
export interface Background {
  run(work: () => Promise<unknown>): void;
  /** Resolves when all is done, or after this many milliseconds. */
  settle(patienceMs: number): Promise<void>;
}

export function createBackground(report: (error: unknown) => void): Background {
  const running = new Set<Promise<unknown>>();
  return {
    run(work) {
      const task = work().catch(report);
      running.add(task);
      void task.finally(() => running.delete(task));
    },
    async settle(patienceMs) {
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, patienceMs);
      });
      const done = async () => {
        while (running.size > 0) await Promise.all(running);
      };
      await Promise.race([done(), tooLong]);
      clearTimeout(timer);
    },
  };
}
