import { createOutbox, type Outbox, type OutboxSettings } from '../../src/chat/outbox.ts';
import type { Draft, OutboxItem } from '../../src/chat/outbox-item.ts';
import type { Logger } from '../../src/lib/logger.ts';
import type { Durability } from '../../src/storage/storage.ts';
import { type FakeClock, settle } from './fake-clock.ts';
import { MemoryDisk, type MemoryStorage } from './memory-storage.ts';

/** A try as the backend sees it; the test says how it ends. */
export interface Attempt {
  readonly item: OutboxItem;
  readonly signal: AbortSignal;
  arrive(): Promise<void>;
  fail(reason: unknown): Promise<void>;
}

export type Found = 'sent' | 'absent' | 'unknown';

/** One page with an outbox, whose backend is the test. */
export interface Page {
  readonly outbox: Outbox;
  readonly storage: MemoryStorage;
  /** Every try so far. */
  readonly tries: Attempt[];
  /** Texts in the order in which they were tried. */
  tried(): string[];
  /** The latest try of a text. */
  last(text: string): Attempt;
  readonly looks: OutboxItem[];
  readonly changes: string[];
  readonly durabilities: Durability[];
  readonly warnings: string[];
  states(conversation?: string): string[];
  item(text: string): OutboxItem | undefined;
  /** Adds and waits until it is stored and, where possible, tried. */
  say(text: string, conversation?: string): Promise<OutboxItem>;
  /** The page ends without a word. */
  crash(): void;
}

export interface PageOptions extends Partial<OutboxSettings> {
  readonly disk?: MemoryDisk;
  readonly latencyMs?: number;
  readonly level?: 0 | 1;
  /** What looking on the backend tells, in turn; an `Error` is thrown. The last one stays. */
  readonly found?: (Found | Error)[];
  readonly start?: boolean;
}

let ids = 0;

export function draft(text: string, conversationId = 'c1'): Draft {
  return { conversationId, receiverId: 'u2', text, mediaUrl: null, media: null };
}

export async function openPage(clock: FakeClock, options: PageOptions = {}): Promise<Page> {
  const { disk = new MemoryDisk(), latencyMs = 0, level = 1, found = ['unknown'], start = true } = options;
  const storage = disk.page(clock, latencyMs);
  const tries: Attempt[] = [];
  const looks: OutboxItem[] = [];
  const changes: string[] = [];
  const durabilities: Durability[] = [];
  const warnings: string[] = [];
  const logger: Logger = {
    debug() {},
    warn: (text) => warnings.push(text),
    error: (text) => warnings.push(text),
  };
  let alive = true;

  const outbox = createOutbox({
    ownerId: 'me',
    storage,
    clock,
    random: () => 1,
    logger,
    backoff: { baseMs: 1_000, maxMs: 60_000 },
    newId: () => `id-${String(ids++).padStart(6, '0')}`,
    deliver: (item, signal) =>
      new Promise((resolve, reject) => {
        if (!alive) return;
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        tries.push({
          item,
          signal,
          arrive() {
            resolve();
            return settle();
          },
          fail(reason) {
            reject(reason);
            return settle();
          },
        });
      }),
    upload: () => Promise.reject(new Error('this test puts nothing up')),
    async findSent(item) {
      looks.push(item);
      const answer = (found.length > 1 ? found.shift() : found[0]) ?? 'unknown';
      if (answer instanceof Error) throw answer;
      return answer;
    },
    twinsOf: () => [],
    canRepeat: () => level > 0,
    onChange: (conversation) => changes.push(conversation),
    onDurability: (durability) => durabilities.push(durability),
    onStored() {},
    ...options,
  });

  const page: Page = {
    outbox,
    storage,
    tries,
    tried: () => tries.map(({ item }) => item.text),
    last(text) {
      const attempt = tries.findLast(({ item }) => item.text === text);
      if (!attempt) throw new Error(`"${text}" was not tried`);
      return attempt;
    },
    looks,
    changes,
    durabilities,
    warnings,
    states: (conversation = 'c1') => outbox.items(conversation).map(({ text, state }) => `${text} ${state}`),
    item: (text) =>
      outbox
        .conversations()
        .flatMap((conversation) => outbox.items(conversation))
        .find((item) => item.text === text),
    async say(text, conversation) {
      const { item, stored } = outbox.add(draft(text, conversation));
      if (latencyMs === 0) await stored;
      await settle();
      return item;
    },
    crash() {
      alive = false;
      storage.crash();
      outbox.dispose();
    },
  };
  if (start) void outbox.start();
  await settle();
  return page;
}
