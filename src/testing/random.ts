/** Draws from one seed: the same seed gives the same draws, on every machine. */
export interface SeededRandom {
  /** From 0 up to 1; fits `ClientOptions.random`. */
  next(): number;
  /** `true` in `share` of the cases, from 0 to 1. */
  chance(share: number): boolean;
  /** A number from `from` up to `to`. */
  between(from: number, to: number): number;
  /** A whole number from 0 to `count - 1`. */
  below(count: number): number;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** A version 4 UUID. */
  uuid(): string;
  /** A generator of its own, so that draws of one part do not shift those of another. */
  fork(): SeededRandom;
}

/** The sfc32 generator (Practically Random, C. Doty-Humphrey), seeded by splitmix32. */
export function createRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const mix = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
  let [a, b, c, count] = [mix(), mix(), mix(), 1];

  function word(): number {
    const sum = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  const next = () => word() / 0x1_0000_0000;
  const below = (limit: number) => Math.floor(next() * limit);
  const hex = () => word().toString(16).padStart(8, '0');

  return {
    next,
    below,
    chance: (share) => next() < share,
    between: (from, to) => from + next() * (to - from),
    pick: (list) => list[below(list.length)] ?? list[0],
    uuid() {
      const digits = hex() + hex() + hex() + hex();
      const variant = '89ab'[below(4)] ?? '8';
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
    },
    fork: () => createRandom(word()),
  };
}
