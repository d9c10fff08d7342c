import { ResponseError, VisavisError } from '../errors.ts';
import { type Fact, isUserFact, StampRank, type UserFact } from '../facts.ts';
import { createEmitter, type Emitter } from '../lib/emitter.ts';
import type { Logger } from '../lib/logger.ts';
import type { Avatar, Origin } from '../models.ts';
import type { EventParser, ParseContext } from '../protocol/route.ts';
import { nameOf, type UserChange, type UserRecord, type UserTable } from '../store/users.ts';
import type { RealtimeEvents } from './events.ts';

/** Where facts come from; `history` is old news: shown, but not told. */
export type FactOrigin = Origin | 'history';
/** A fact that is not about a user's name or picture. */
export type OtherFact = Exclude<Fact, UserFact>;

export interface HubSettings {
  readonly logger: Logger;
  readonly events: Emitter<RealtimeEvents>;
  /** By wire name. */
  readonly parsers: Readonly<Record<string, EventParser>>;
  readonly users: UserTable;
  parseContext(): ParseContext;
  avatarOf(record: UserRecord): Avatar | null;
  onUserChanged(userId: string, field: UserChange['field']): void;
  /** A weaker statement disagrees with what is held. */
  onDoubt(userId: string): void;
  isWatched(userId: string): boolean;
  /** A read found out what no event had told. */
  onNews(facts: readonly UserFact[]): void;
  /** Everything that is taken in, before it is. */
  onFacts(facts: readonly Fact[], origin: FactOrigin): void;
  onOthers(facts: readonly OtherFact[], origin: FactOrigin): void;
}

/** A hostile backend must not fill the memory with names. */
const maxUnknown = 100;

/** Where statements come in: merged into the stores, told to listeners and views. There is no other way in. */
export interface Hub {
  apply(facts: readonly Fact[], origin: FactOrigin): void;
  /** A live event, unchecked. Never throws. */
  receive(name: string, payload: unknown): void;
  onRaw(name: string, listener: (payload: unknown) => void): () => void;
  unknownEvents(): Readonly<Record<string, number>>;
  /** Begins to count users of whom something is new; the result ends it. */
  countUsers(): () => number;
}

export function createHub(settings: HubSettings): Hub {
  const { events, users, logger } = settings;
  const raw = createEmitter<Record<string, unknown>>(logger);
  const parsers = new Map(Object.entries(settings.parsers));
  const unknown = new Map<string, number>();
  let isRawHeard = false;
  /** Since the count began. */
  let changedUsers = new Set<string>();

  function noteUnknown(name: string) {
    const count = unknown.get(name);
    if (count === undefined && unknown.size >= maxUnknown) return;
    unknown.set(name, (count ?? 0) + 1);
    if (count === undefined) logger.debug(`unknown event "${name}"`);
  }

  function apply(facts: readonly Fact[], origin: FactOrigin) {
    settings.onFacts(facts, origin);
    // Most events are about one of the two: nothing needs to be picked out of them.
    if (facts.every(isOtherFact)) return settings.onOthers(facts, origin);
    const others = facts.filter(isOtherFact);
    applyUsers(facts.filter(isUserFact), origin);
    if (others.length > 0) settings.onOthers(others, origin);
  }

  function applyUsers(facts: readonly UserFact[], origin: FactOrigin) {
    const { changes, doubts } = users.merge(facts);
    const heard = origin === 'history' ? 'sync' : origin;
    let renamed: Set<string> | undefined;
    let learnt: Set<string> | undefined;
    for (const { userId, field, previous, current } of changes) {
      settings.onUserChanged(userId, field);
      // A first read is no change of the picture, only the end of not knowing it.
      const isNews = origin === 'self' || origin === 'realtime' || previous[field] !== undefined;
      if (!isNews) continue;
      changedUsers.add(userId);
      if (origin === 'sync') learnt = (learnt ?? new Set()).add(userId);
      if (field !== 'avatar') {
        renamed = (renamed ?? new Set()).add(userId);
        continue;
      }
      events.emit('avatarUpdated', {
        userId,
        avatar: settings.avatarOf(current),
        previous: settings.avatarOf(previous),
        origin: heard,
      });
    }
    for (const userId of renamed ?? []) {
      const record = users.get(userId);
      const username = record?.username?.value ?? null;
      events.emit('profileUpdated', { userId, name: nameOf(record), username, origin: heard });
    }
    for (const userId of doubts) settings.onDoubt(userId);
    if (learnt) settings.onNews(facts.filter(({ userId }) => learnt?.has(userId)));
    if (origin !== 'realtime') return;
    // Nothing but the moment of arrival orders these: let the backend confirm them.
    for (const { stamp, userId } of facts) {
      if (stamp.rank === StampRank.arrival && settings.isWatched(userId)) settings.onDoubt(userId);
    }
  }

  return {
    apply,
    receive(name, payload) {
      if (isRawHeard) raw.emit(name, payload);
      const parser = parsers.get(name);
      if (!parser) return noteUnknown(name.slice(0, 100));
      try {
        apply(parser(payload, settings.parseContext()), 'realtime');
      } catch (error) {
        const typed =
          error instanceof VisavisError
            ? error
            : new ResponseError(`unable to read ${name}; its parser failed`, [], { cause: error });
        events.emit('protocolError', { event: name, error: typed });
      }
    },
    onRaw(name, listener) {
      isRawHeard = true;
      return raw.on(name, listener);
    },
    unknownEvents: () => Object.freeze(Object.fromEntries(unknown)),
    countUsers() {
      changedUsers = new Set();
      return () => changedUsers.size;
    },
  };
}

function isOtherFact(fact: Fact): fact is OtherFact {
  return !isUserFact(fact);
}
