import type { Session } from './contender.ts';

/** What one round gave: microseconds of CPU per event, and what was told meanwhile. */
export interface Round {
  readonly us: number;
  readonly facts?: Readonly<Record<string, number | null>>;
}

/** As it comes out of the socket: its own strings, shapes as the parser makes them. */
export const asParsed = (events: readonly unknown[]): unknown[] =>
  events.map((event) => JSON.parse(JSON.stringify(event)));

/** Feeds all of them in one go, lets the views be told, and counts the CPU time of both. */
export async function feed(session: Session, events: readonly unknown[]): Promise<number> {
  const us = await cpuOf(async () => {
    for (const event of events) {
      const taken = session.feed(event);
      if (taken) await taken;
    }
    await session.settle();
  });
  return us / events.length;
}

/** The same numbers in the same shuffled order every time. */
export function shuffled(length: number): number[] {
  const order = Array.from({ length }, (_, index) => index);
  let state = 0x2545f491;
  for (let index = length - 1; index > 0; index -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (index + 1);
    const held = order[index] ?? 0;
    order[index] = order[other] ?? 0;
    order[other] = held;
  }
  return order;
}

/** Microseconds of CPU, of all threads, that something takes: the thread's own count moves in milliseconds. */
export async function cpuOf(run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
