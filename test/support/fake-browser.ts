import type { SleepEvents } from '../../src/lib/page.ts';
import type { TabLocks, TabPorts } from '../../src/tabs/ports.ts';
import type { SharedStorage } from '../../src/tabs/shared-storage.ts';

interface LockRequest {
  readonly tab: FakeTab;
  grant(): void;
  rob(): void;
}

/** What the tabs of one browser share, without a browser: channels, locks and a local storage. */
export class FakeBrowser {
  readonly tabs = new Set<FakeTab>();
  readonly storage = new Map<string, string>();
  /** Holder first, then those who wait. */
  readonly locks = new Map<string, LockRequest[]>();
  /** Everything that was posted, as JSON. */
  readonly posted: string[] = [];

  tab(): FakeTab {
    const tab = new FakeTab(this);
    this.tabs.add(tab);
    return tab;
  }
}

/** One tab: its ends of the browser, which a crash or a freeze cuts. */
export class FakeTab {
  readonly #browser: FakeBrowser;
  readonly #channels = new Set<{ readonly name: string; hear(message: unknown): void }>();
  readonly #watchers = new Set<{ readonly key: string; hear(value: string | null): void }>();
  readonly #sleepers = new Set<SleepEvents>();
  /** What came in while frozen; `null` while it runs. */
  #missed: (() => void)[] | null = null;
  isAlive = true;
  isVisible = true;

  constructor(browser: FakeBrowser) {
    this.#browser = browser;
  }

  get isFrozen(): boolean {
    return this.#missed !== null;
  }

  readonly locks: TabLocks = {
    request: (name, { steal = false, signal }, work) =>
      new Promise((resolve, reject) => {
        const queue = this.#browser.locks.get(name) ?? [];
        this.#browser.locks.set(name, queue);
        const own: LockRequest = {
          tab: this,
          grant: () => {
            signal?.removeEventListener('abort', give);
            this.run(() => void work().then(() => leave(() => resolve(undefined))));
          },
          rob: () => this.run(() => reject(abortError())),
        };
        const leave = (finish: () => void) => {
          const at = queue.indexOf(own);
          if (at >= 0) queue.splice(at, 1);
          finish();
          if (at === 0) queue[0]?.grant();
        };
        const give = () => leave(() => reject(abortError()));
        if (signal?.aborted) return reject(abortError());
        signal?.addEventListener('abort', give, { once: true });
        if (steal) queue.shift()?.rob();
        queue.splice(steal ? 0 : queue.length, 0, own);
        if (queue[0] === own) own.grant();
      }),
  };

  readonly storage: SharedStorage = {
    area: {
      getItem: (key) => this.#browser.storage.get(key) ?? null,
      setItem: (key, value) => this.#write(key, value),
      removeItem: (key) => this.#write(key, null),
    },
    watch: (key, hear) => {
      const watcher = { key, hear };
      this.#watchers.add(watcher);
      return () => void this.#watchers.delete(watcher);
    },
  };

  ports(other: Partial<TabPorts> = {}): TabPorts {
    return {
      openChannel: (name, onMessage) => {
        const channel = { name, hear: onMessage };
        this.#channels.add(channel);
        return {
          post: (message) => this.#post(name, structuredClone(message)),
          close: () => void this.#channels.delete(channel),
        };
      },
      locks: this.locks,
      lease: null,
      isVisible: () => this.isVisible,
      watchSleep: (events) => {
        this.#sleepers.add(events);
        return () => void this.#sleepers.delete(events);
      },
      ...other,
    };
  }

  /** Gone from one moment to the next; the browser gives its locks to others. */
  crash(): void {
    this.isAlive = false;
    this.#browser.tabs.delete(this);
    for (const queue of this.#browser.locks.values()) {
      const wasHeld = queue[0]?.tab === this;
      queue.splice(0, queue.length, ...queue.filter(({ tab }) => tab !== this));
      if (wasHeld) queue[0]?.grant();
    }
  }

  /** Nothing of it runs any more, and nobody is told. */
  freeze({ isTold = false } = {}): void {
    if (isTold) this.sleep();
    this.#missed = [];
  }

  thaw({ isTold = false } = {}): void {
    const missed = this.#missed ?? [];
    this.#missed = null;
    for (const work of missed) work();
    if (isTold) this.wake();
  }

  sleep(): void {
    for (const { onSleep } of this.#sleepers) onSleep();
  }

  wake(): void {
    for (const { onWake } of this.#sleepers) onWake();
  }

  /** Does the work when this tab can: soon, after it was thawed, or never. */
  run(work: () => void): void {
    queueMicrotask(() => {
      if (!this.isAlive) return;
      if (this.#missed) this.#missed.push(work);
      else work();
    });
  }

  #post(name: string, message: unknown) {
    if (!this.isAlive) return;
    this.#browser.posted.push(JSON.stringify(message));
    for (const tab of this.#browser.tabs) {
      for (const channel of tab === this ? [] : tab.#channels) {
        if (channel.name === name) tab.run(() => tab.#channels.has(channel) && channel.hear(message));
      }
    }
  }

  #write(key: string, value: string | null) {
    if (!this.isAlive) return;
    const { storage, tabs } = this.#browser;
    if ((storage.get(key) ?? null) === value) return;
    if (value === null) storage.delete(key);
    else storage.set(key, value);
    for (const tab of tabs) {
      for (const watcher of tab === this ? [] : tab.#watchers) {
        if (watcher.key === key) tab.run(() => tab.#watchers.has(watcher) && watcher.hear(value));
      }
    }
  }
}

const abortError = () => new DOMException('given up or taken', 'AbortError');
