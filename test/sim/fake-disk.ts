import type { OutboxStorage, StoredRecord } from '../../src/storage/storage.ts';
import type { SeededRandom, VirtualClock } from '../../src/testing/index.ts';

/** What a device keeps when its page is gone. */
export class FakeDisk {
  readonly records = new Map<string, StoredRecord>();
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  #last = 0;

  constructor(clock: VirtualClock, random: SeededRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The storage of one page; writes take time, and those of a page that crashed meanwhile never happen. */
  open(isAlive: () => boolean): OutboxStorage {
    const later = <T>(work: () => T) =>
      new Promise<T>((resolve) => {
        this.#last = Math.max(this.#last, this.#clock.now() + this.#random.between(0, 8));
        this.#clock.schedule(() => isAlive() && resolve(work()), this.#last - this.#clock.now());
      });
    return {
      durability: 'persistent',
      list: (ownerId) =>
        later(() => ({
          records: [...this.records.values()].filter((record) => record.ownerId === ownerId),
          complete: true,
        })),
      put: (record) => later(() => void this.records.set(record.clientId, structuredClone(record))),
      remove: (clientId) => later(() => void this.records.delete(clientId)),
      flush: async () => {},
      watch: () => () => {},
      close() {},
    };
  }
}
