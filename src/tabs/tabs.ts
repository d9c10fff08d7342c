import { type Fact, StampRank } from '../facts.ts';
import type { Clock } from '../lib/clock.ts';
import { newTabId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { type SharedFact, sharedFacts, type TabMessages } from '../protocol/tab-messages.ts';
import type { LinkFactory } from '../transport/link.ts';
import { createBus } from './bus.ts';
import type { TabPorts } from './ports.ts';
import { createSeat, type Seat, type SeatSettings } from './seat.ts';
import { shareLink } from './shared-link.ts';

/** What the user did in another tab, what that tab was told, and what it read. */
export type SharedOrigin = TabMessages['facts']['origin'];

type Outdated = TabMessages['facts']['outdated'];

export interface TabsSettings {
  /** The backend and the user: tabs with another scope are strangers. */
  readonly scope: string;
  /** `null`: every tab is by itself. */
  readonly ports: TabPorts | null;
  readonly clock: Clock;
  readonly logger: Logger;
  isSafeUrl(url: string): boolean;
  onFacts(facts: readonly SharedFact[], origin: SharedOrigin, outdated: Outdated): void;
  onStored(): void;
  onSignOut(): void;
}

/** The tabs of one browser that have the same backend and user. */
export interface Tabs {
  /** Begins to hear the others. */
  open(): void;
  share(facts: readonly Fact[], origin: SharedOrigin, outdated?: Outdated): void;
  /** What is stored for all tabs changed. */
  tellStored(): void;
  tellSignOut(): void;
  /** Something that one tab does for all. */
  seat(name: string, settings: Pick<SeatSettings, 'onTaken' | 'onLeft'>): Seat;
  /** One connection for all tabs. */
  shareLink(own: LinkFactory): LinkFactory;
  /** Does the work while no other tab does; `null` where nothing could see to that. */
  readonly exclusively: (<T>(work: () => Promise<T>) => Promise<T>) | null;
  close(): void;
}

/** A tab that froze during its work is not waited for any longer than this. */
const exclusiveMs = 10_000;

export function createTabs({ scope, ports, clock, logger, ...settings }: TabsSettings): Tabs {
  // The number is raised when tabs of an older version would not understand these any more.
  const group = `visavis 1 ${scope}`;
  const locks = ports?.locks ?? null;
  const seats: Seat[] = [];
  let unwatchSleep = () => {};
  let enrolled: Promise<void> | undefined;
  let retire = () => {};

  const bus = createBus({
    id: newTabId(),
    name: group,
    ports,
    logger,
    onOpen(opened) {
      unwatchSleep = opened.watchSleep({
        onSleep() {
          for (const each of seats) each.rest();
        },
        onWake() {
          for (const each of seats) each.wake();
        },
      });
    },
  });
  bus.on('facts', ({ facts, origin, outdated, now }) => {
    const late = clock.now() - now;
    settings.onFacts(
      facts.map((fact) => localise(fact, late, settings.isSafeUrl)),
      origin,
      outdated,
    );
  });
  bus.on('stored', settings.onStored);
  bus.on('signOut', settings.onSignOut);

  const lockOf = (tab: string) => `${group} tab ${tab}`;

  /** Holds a lock for as long as this tab lives. */
  function enrol(): Promise<void> {
    enrolled ??= new Promise((resolve) => {
      if (!locks) return resolve();
      const life = new Promise<void>((end) => {
        retire = end;
      });
      const held = () => {
        resolve();
        return life;
      };
      locks.request(lockOf(bus.id), {}, held).catch(() => resolve());
    });
    return enrolled;
  }

  function watchTab(tab: string, onGone: () => void): () => void {
    const watching = new AbortController();
    locks?.request(lockOf(tab), { signal: watching.signal }, async () => onGone()).catch(() => {});
    return () => watching.abort();
  }

  function seat(name: string, own: Pick<SeatSettings, 'onTaken' | 'onLeft'>): Seat {
    const made = createSeat({
      name: `${group} ${name}`,
      ports,
      bus,
      clock,
      ...own,
    });
    seats.push(made);
    return made;
  }

  return {
    open: bus.open,
    share(facts, origin, outdated) {
      const shared = ports ? sharedFacts(facts) : [];
      if (shared.length > 0) bus.post('facts', { facts: shared, origin, outdated, now: clock.now() });
    },
    tellStored: () => bus.post('stored', {}),
    tellSignOut: () => bus.post('signOut', {}),
    seat,
    shareLink: (own) =>
      shareLink({
        bus,
        clock,
        own,
        enrol,
        watchTab,
        createSeat: (seatSettings) => seat('link', seatSettings),
      }),
    exclusively:
      locks &&
      ((work) =>
        new Promise((resolve, reject) => {
          const patience = new AbortController();
          const cancel = clock.schedule(() => patience.abort(), exclusiveMs);
          const run = () => {
            cancel();
            return work().then(resolve, reject);
          };
          locks.request(`${group} alone`, { signal: patience.signal }, run).catch(run);
        })),
    close() {
      unwatchSleep();
      retire();
      bus.close();
    },
  };
}

/** As this tab would have learnt it: moments of arrival by this tab's clock, and nothing that is not safe to show. */
function localise(fact: SharedFact, late: number, isSafeUrl: (url: string) => boolean): SharedFact {
  if (fact.kind === 'message') {
    return fact.mediaUrl === null || isSafeUrl(fact.mediaUrl) ? fact : { ...fact, mediaUrl: null };
  }
  if (fact.kind === 'read' || fact.stamp.rank !== StampRank.arrival) return fact;
  return { ...fact, stamp: { ...fact.stamp, value: fact.stamp.value + late } };
}
