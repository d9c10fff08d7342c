const chunkSize = 512;

/**
 * A list kept in order. Appending at the end is O(1), inserting and removing anywhere O(log n + 512); items must be
 * different to `compare` and keep their place while they are in the list.
 */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  /** Never empty chunks, but for the first of an empty list. */
  #chunks: T[][] = [[]];
  #length = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#length;
  }

  first(): T | undefined {
    return this.#chunks[0]?.[0];
  }

  last(): T | undefined {
    return this.#chunks.at(-1)?.at(-1);
  }

  add(item: T): void {
    this.#length += 1;
    const last = this.last();
    if (last === undefined || this.#compare(last, item) < 0) {
      this.#append(item);
      return;
    }
    const at = this.#chunkOf(item);
    const chunk = this.#chunks[at] ?? [];
    chunk.splice(lowerBound(chunk, item, this.#compare), 0, item);
    if (chunk.length > chunkSize) this.#chunks.splice(at + 1, 0, chunk.splice(chunkSize / 2));
  }

  /** Takes out the item that compares as equal; tells whether there was one. */
  remove(item: T): boolean {
    const at = this.#chunkOf(item);
    const chunk = this.#chunks[at] ?? [];
    const index = lowerBound(chunk, item, this.#compare);
    const found = chunk[index];
    if (found === undefined || this.#compare(found, item) !== 0) return false;
    chunk.splice(index, 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
    this.#length -= 1;
    return true;
  }

  /** Puts `next` in the place of the equal item. */
  replace(item: T, next: T): void {
    const chunk = this.#chunks[this.#chunkOf(item)] ?? [];
    const index = lowerBound(chunk, item, this.#compare);
    if (chunk[index] === item) chunk[index] = next;
  }

  /** The nearest item before `item`, which need not be in the list. */
  before(item: T): T | undefined {
    const at = this.#chunkOf(item);
    const chunk = this.#chunks[at] ?? [];
    const index = lowerBound(chunk, item, this.#compare);
    return index > 0 ? chunk[index - 1] : this.#chunks[at - 1]?.at(-1);
  }

  /** The nearest item after `item`. */
  after(item: T): T | undefined {
    const at = this.#chunkOf(item);
    const chunk = this.#chunks[at] ?? [];
    let index = lowerBound(chunk, item, this.#compare);
    const found = chunk[index];
    if (found !== undefined && this.#compare(found, item) === 0) index += 1;
    return index < chunk.length ? chunk[index] : this.#chunks[at + 1]?.[0];
  }

  /** From the newest to the oldest. */
  backwards(): IterableIterator<T> {
    return this.#down(this.#chunks.length - 1);
  }

  /** From `item`, which is in the list, to the oldest. */
  backwardsFrom(item: T): IterableIterator<T> {
    const at = this.#chunkOf(item);
    return this.#down(at, lowerBound(this.#chunks[at] ?? [], item, this.#compare) + 1);
  }

  *[Symbol.iterator](): Generator<T> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** Not a generator: it runs with every event. */
  #down(at: number, end?: number): IterableIterator<T> {
    let chunk = this.#chunks[at] ?? [];
    let index = end ?? chunk.length;
    return {
      next: () => {
        if (index === 0 && at > 0) {
          at -= 1;
          chunk = this.#chunks[at] ?? [];
          index = chunk.length;
        }
        index -= 1;
        return index < 0 ? { done: true, value: undefined } : { done: false, value: chunk[index] as T };
      },
      [Symbol.iterator]() {
        return this;
      },
    };
  }

  #append(item: T) {
    const chunk = this.#chunks.at(-1) ?? [];
    if (chunk.length < chunkSize) chunk.push(item);
    else this.#chunks.push([item]);
  }

  /** Index of the chunk that holds, or would hold, the item. */
  #chunkOf(item: T): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = this.#chunks[middle]?.at(-1);
      if (last !== undefined && this.#compare(last, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Index of the first element that does not come before `item`. */
function lowerBound<T>(sorted: readonly T[], item: T, compare: (a: T, b: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle] as T, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
