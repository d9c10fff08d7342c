import { type Fact, isUserFact, StampRank } from './facts.ts';
import type { Logger } from './lib/logger.ts';
import type { Part } from './part.ts';
import { type DehydratedState, readState } from './protocol/dehydrated.ts';
import type { Hub } from './realtime/hub.ts';
import type { UserTable } from './store/users.ts';
import type { Directory } from './users/directory.ts';
import type { Loader } from './users/loader.ts';
import { version } from './version.ts';

export interface HydrationSettings {
  readonly userId: string;
  readonly logger: Logger;
  readonly users: UserTable;
  readonly loader: Pick<Loader, 'statuses' | 'restore'>;
  readonly directory: Pick<Directory, 'pin'>;
  readonly hub: Pick<Hub, 'apply'>;
  readonly part: Pick<Part, 'dehydrate' | 'hydrate'>;
  isSafeUrl(url: string): boolean;
}

/** Hands what a client holds to the next one of the same user: what was read once need not be read again. */
export function createHydration(settings: HydrationSettings) {
  const { userId, logger, users, loader, directory, hub, part } = settings;
  return {
    dehydrate(): DehydratedState {
      const { facts, chat } = part.dehydrate();
      return { version, userId, facts: [...users.facts(), ...facts], users: loader.statuses(), chat };
    },
    hydrate(given: unknown): void {
      const state = readState(given, userId, settings.isSafeUrl);
      if (!state) {
        logger.warn('unable to hydrate; the state is broken, or of another version or user');
        return;
      }
      const { facts, chat } = state;
      hub.apply(facts.map(asOld), 'history');
      for (const { id, status } of state.users) loader.restore(id, status);
      part.hydrate(chat);
      for (const { userId: id } of facts.filter(isUserFact)) directory.pin(id);
      for (const { id } of state.users) directory.pin(id);
    },
  };
}

/** More than any clock's time since 1970 in milliseconds, and little enough to keep fractions of one. */
const longAgo = 2 ** 42;

/** Said before anything that this client hears, whatever the clock was where it was heard; in the order it was said. */
function asOld<F extends Fact>(fact: F): F {
  if (!('stamp' in fact) || fact.stamp.rank !== StampRank.arrival) return fact;
  return { ...fact, stamp: { ...fact.stamp, value: fact.stamp.value - longAgo } };
}
