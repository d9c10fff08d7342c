import type { Clock } from '../../src/lib/clock.ts';
import type { TabPorts } from '../../src/tabs/ports.ts';
import type { FakeBackendOptions } from '../../src/testing/index.ts';
import { type ChatWorld, createChatWorld, type Seat, type SeatOptions } from './chat-world.ts';
import { FakeBrowser, type FakeTab } from './fake-browser.ts';
import { MemoryDisk, type MemoryStorage } from './memory-storage.ts';

/** A client in one of the tabs. */
export interface TabSeat extends Seat {
  readonly tab: FakeTab;
  readonly storage: MemoryStorage;
  /** The tab ends without a word, and its connection with it. */
  crash(): void;
}

export interface TabOptions extends SeatOptions {
  readonly user?: string;
  /** How far the tab's clock is ahead, in milliseconds. */
  readonly clockMs?: number;
  /** Instead of Web Locks and a channel. */
  readonly ports?: (tab: FakeTab, clock: Clock) => TabPorts | null;
}

export interface TabWorld extends ChatWorld {
  readonly browser: FakeBrowser;
  readonly disk: MemoryDisk;
  /** Opens a tab with a client, by default Maya's. */
  open(options?: TabOptions): Promise<TabSeat>;
  /** How many connections of the user the backend sees. */
  connections(userId?: string): number;
}

/** A backend, people, and one browser with any number of tabs. */
export function createTabWorld(options: Partial<FakeBackendOptions> = {}): TabWorld {
  const world = createChatWorld(options);
  const browser = new FakeBrowser();
  const disk = new MemoryDisk();
  const { clock } = world;

  return {
    ...world,
    browser,
    disk,
    async open({ user = 'u1', clockMs = 0, ports, ...rest } = {}) {
      const tab = browser.tab();
      const tabClock: Clock = {
        now: () => clock.now() + clockMs,
        schedule: (callback, ms) => clock.schedule(() => tab.run(callback), ms),
      };
      const storage = disk.page(tabClock);
      const seat = await world.seat(user, {
        clock: tabClock,
        storage,
        tabPorts: ports ? ports(tab, tabClock) : tab.ports(),
        ...rest,
      });
      return {
        ...seat,
        tab,
        storage,
        crash() {
          tab.crash();
          storage.crash();
          seat.device.line.goOffline('noticed');
        },
      };
    },
    connections: (userId = 'u1') =>
      [...world.backend.truth.connected].filter((member) => member.userId === userId).length,
  };
}
