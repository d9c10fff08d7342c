import type { Clock } from '../../src/lib/clock.ts';
import type { Durability, OutboxStorage, RecordList, StoredRecord } from '../../src/storage/storage.ts';

/** What several pages, one after the other or at once, store on one disk. */
export class MemoryDisk {
  readonly records = new Map<string, StoredRecord>();

  /** Storage of one page; a write reaches the disk after `latencyMs`. */
  page(clock: Clock, latencyMs = 0): MemoryStorage {
    return new MemoryStorage(this.records, clock, latencyMs);
  }
}

/** Storage without a browser. `crash()` ends the page: what has not reached the disk never will. */
export class MemoryStorage implements OutboxStorage {
  durability: Durability = 'persistent';
  readonly #disk: Map<string, StoredRecord>;
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #pending = new Map<string, StoredRecord | null>();
  readonly #listeners = new Set<(durability: Durability) => void>();
  #crashed = false;

  constructor(disk: Map<string, StoredRecord>, clock: Clock, latencyMs: number) {
    this.#disk = disk;
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  async list(ownerId: string): Promise<RecordList> {
    await this.#turn();
    const all = new Map(this.#disk);
    for (const [id, record] of this.#pending) {
      if (record) all.set(id, record);
      else all.delete(id);
    }
    const records = [...all.values()].filter((record) => record.ownerId === ownerId);
    return { records, complete: this.durability === 'persistent' };
  }

  put(record: StoredRecord): Promise<void> {
    return this.#write(record.clientId, structuredClone(record));
  }

  remove(clientId: string): Promise<void> {
    return this.#write(clientId, null);
  }

  async flush(): Promise<void> {
    if (this.durability === 'memory') return;
    for (const [id, record] of this.#pending) this.#commit(id, record);
  }

  watch(listener: (durability: Durability) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Lets the disk fail or work again, as the real storage would tell it. */
  async degrade(durability: Durability): Promise<void> {
    this.durability = durability;
    await this.flush();
    for (const listener of [...this.#listeners]) listener(durability);
  }

  crash(): void {
    this.#crashed = true;
  }

  close(): void {}

  async #write(id: string, record: StoredRecord | null): Promise<void> {
    this.#pending.set(id, record);
    await this.#turn();
    if (this.durability === 'persistent') this.#commit(id, record);
  }

  #commit(id: string, record: StoredRecord | null): void {
    if (this.#crashed) return;
    if (record) this.#disk.set(id, record);
    else this.#disk.delete(id);
    if (this.#pending.get(id) === record) this.#pending.delete(id);
  }

  async #turn(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#latencyMs === 0) resolve();
      else this.#clock.schedule(resolve, this.#latencyMs);
    });
    // A page that crashed never hears of its disk again.
    if (this.#crashed) await new Promise(() => {});
  }
}
