import type { VisavisClient } from '../../src/client.ts';
import type { ClientOptions } from '../../src/options.ts';
import {
  calm,
  createFakeBackend,
  createRandom,
  createVirtualClock,
  type FakeBackend,
  type FakeDevice,
  type Faults,
  rough,
  type SeededRandom,
  type VirtualClock,
  type WireLevel,
} from '../../src/testing/index.ts';
import { FakeBrowser } from '../support/fake-browser.ts';
import { FakeDisk } from './fake-disk.ts';
import { Findings } from './findings.ts';
import { Page } from './page.ts';
import { Robot } from './robot.ts';
import { bidEvent, bidId } from './room-watch.ts';

export type CreateClient = (options: ClientOptions) => VisavisClient;

export const userIds = ['1', '2', '3'] as const;
export const conversations = [
  { id: '10', members: ['1', '2'] as const },
  { id: '20', members: ['1', '3'] as const },
];
/** Three users on four devices. */
const devices = [
  ['laptop-1', '1'],
  ['phone-1', '1'],
  ['laptop-2', '2'],
  ['phone-3', '3'],
] as const;

/** A tab of a device, what the device keeps, and the page that is open in it now. */
export interface Place {
  readonly name: string;
  readonly device: FakeDevice;
  readonly disk: FakeDisk;
  /** Of places that are tabs of one browser; `null` for one that has its device for itself. */
  readonly browser: FakeBrowser | null;
  readonly typingHeard: Map<string, number>;
  page: Page | null;
  loads: number;
}

/** One run's world: everything in it follows from the seed and the level. */
export class World {
  readonly level: WireLevel;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly backend: FakeBackend;
  readonly places: readonly Place[];
  readonly robots: ReadonlyMap<string, Robot>;
  readonly findings: Findings;
  readonly trace: { readonly at: number; readonly text: string }[] = [];
  readonly hasHeartbeat: boolean;
  readonly #createClient: CreateClient;
  #isHealed = false;
  #announced = 0;
  readonly #pages: Page[] = [];

  constructor(createClient: CreateClient, seed: number, level: WireLevel) {
    this.level = level;
    this.#createClient = createClient;
    this.clock = createVirtualClock();
    this.findings = new Findings(this.clock.now);
    this.random = createRandom(seed * 3 + level);
    this.hasHeartbeat = level === 2 && this.random.chance(0.5);
    this.backend = createFakeBackend({
      clock: this.clock,
      random: this.random.fork(),
      level,
      users: userIds.map((id) => ({ id })),
      conversations,
      heartbeatMs: this.hasHeartbeat ? 25_000 : false,
      numericIds: level < 2 && this.random.chance(0.5),
      times: level < 2 ? this.random.pick(['milliseconds', 'microseconds', 'zoneless']) : 'milliseconds',
      textField: this.random.pick(['message', 'content']),
      syncKeep: this.random.pick([500, 20]),
      messageQuota: { count: 20, windowMs: 10_000 },
    });
    this.robots = new Map(userIds.map((id) => [id, new Robot(this.backend, id)]));
    const faults = this.#faults();
    const places = devices.map(([name, userId]): Place => {
      const device = this.backend.device(userId, name);
      device.line.faults = faults;
      const disk = new FakeDisk(this.clock, this.random.fork());
      return { name, device, disk, browser: null, typingHeard: new Map(), page: null, loads: 0 };
    });
    const [first] = places;
    if (first && seed % 2 === 1) {
      const tab = { ...first, browser: new FakeBrowser() };
      places.splice(0, 1, tab);
      places.push({ ...tab, name: `${tab.name}, second tab` });
    }
    this.places = places;
  }

  /** Some seeds are rough, some have one kind of fault only: then its effects are not hidden by another's. */
  #faults(): Faults {
    // The plain wire has nothing against a doubled command, and no real connection doubles one.
    const all = { ...rough, ...(this.level === 2 ? {} : { commandDoubled: 0 }) };
    switch (this.random.below(4)) {
      case 0:
        return { ...calm, latencyMs: [5, 400], frameLost: 0.1 };
      case 1:
        return { ...calm, latencyMs: [5, 400], serverError: 0.2, answerLost: 0.1, ackLost: 0.2, crash: 0.02 };
      default:
        return all;
    }
  }

  /** Something happens in the room of the bid; its number. */
  announceBid(): number {
    this.#announced += 1;
    this.backend.announce(`bid_${bidId}`, bidEvent, { number: this.#announced });
    return this.#announced;
  }

  get isHealed(): boolean {
    return this.#isHealed;
  }

  note(text: string): void {
    this.trace.push({ at: this.clock.now(), text });
  }

  /** Opens a page, which connects at once. */
  load(place: Place): Page {
    place.loads += 1;
    const page = new Page({
      name: `${place.name}#${place.loads}`,
      tab: place.browser?.tab() ?? null,
      typingHeard: place.typingHeard,
      siblings: () => this.pages().filter(({ device }) => device === place.device),
      createClient: this.#createClient,
      backend: this.backend,
      device: place.device,
      disk: place.disk,
      clock: this.clock,
      random: this.random.fork(),
      findings: this.findings,
      userIds,
      trouble: () => (this.#isHealed ? 0 : 0.05),
    });
    place.page = page;
    this.#pages.push(page);
    page.client.realtime.connect();
    return page;
  }

  /** The last fault ends. */
  heal(): void {
    this.#isHealed = true;
    this.note('healed');
    for (const place of this.places) {
      place.device.line.faults = calm;
      place.device.line.goOnline();
      if (!place.page) this.load(place);
      place.page?.client.realtime.connect();
    }
  }

  conversationsOf(userId: string): string[] {
    return conversations.filter(({ members }) => members.some((id) => id === userId)).map(({ id }) => id);
  }

  partnersOf(userId: string): ReadonlySet<string> {
    const own = conversations.filter(({ members }) => members.some((id) => id === userId));
    return new Set(own.flatMap(({ members }) => members.filter((id) => id !== userId)));
  }

  /** Those that are gone too. */
  allPages(): readonly Page[] {
    return this.#pages;
  }

  pages(): Page[] {
    return this.places.flatMap(({ page }) => (page ? [page] : []));
  }
}
