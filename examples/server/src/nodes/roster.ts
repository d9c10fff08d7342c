import type { PresenceStatus } from '../chat/chat-events.ts';
import type { NodeNews, Nodes } from './nodes.ts';

/** Who is here, over all sockets of all nodes. */
export interface Roster {
  /** What a socket says of its user. */
  set(userId: string, socketId: string, status: PresenceStatus): void;
  forget(userId: string, socketId: string): void;
  /** Online while one of their sockets is, offline when the last is gone. */
  of(userId: string): PresenceStatus;
  socketsOf(userId: string): number;
  onChange(listener: (userId: string) => void): void;
  /** Says that nobody is here any more. */
  close(): void;
}

/** How a user is here on one node. */
interface Standing {
  status: PresenceStatus;
  sockets: number;
}

/** What another node has said so far. */
interface OtherNode {
  version: number;
  heardAt: number;
  users: Map<string, Standing>;
}

/**
 * Each node tells the others what changes on it, numbered, and repeats the number with every beat. Who has missed one
 * asks for the whole. A node that is silent for long is gone; while nobody can be heard, nobody is taken for gone.
 */
export function createRoster(
  nodes: Nodes | undefined,
  { beatMs = 5_000, silentMs = 15_000 }: { beatMs?: number; silentMs?: number } = {},
): Roster {
  const here = new Map<string, Map<string, PresenceStatus>>();
  const others = new Map<string, OtherNode>();
  const listeners: ((userId: string) => void)[] = [];
  const untold = new Set<string>();
  let version = 0;

  function standingHere(userId: string): Standing {
    const said = [...(here.get(userId)?.values() ?? [])];
    return { status: best(said), sockets: said.length };
  }

  function standings(userId: string): Standing[] {
    const elsewhere = [...others.values()].flatMap(({ users }) => users.get(userId) ?? []);
    return [standingHere(userId), ...elsewhere];
  }

  function notify(userIds: Iterable<string>): void {
    for (const userId of userIds) for (const listener of listeners) listener(userId);
  }

  function tell(userIds: Iterable<string>, isWhole: boolean): void {
    const users = [...userIds].map((userId) => {
      const { status, sockets } = standingHere(userId);
      return [userId, status, sockets] as const;
    });
    nodes?.tell({ node: nodes.self, version, isWhole, users });
  }

  function changed(userId: string): void {
    notify([userId]);
    if (!nodes) return;
    // What changes together is told together.
    if (untold.size === 0) {
      setImmediate(() => {
        version += 1;
        tell(untold, false);
        untold.clear();
      });
    }
    untold.add(userId);
  }

  function hear({ node, version: theirs, isWhole, users }: NodeNews): void {
    const known = others.get(node);
    if (!known) tell(here.keys(), true);
    const other = known ?? { version: 0, heardAt: 0, users: new Map<string, Standing>() };
    others.set(node, other);
    other.heardAt = performance.now();
    const isNext = theirs === other.version + (users.length > 0 ? 1 : 0);
    if (!isWhole && !isNext) {
      nodes?.ask(node);
      return;
    }
    const touched = new Set(users.map(([userId]) => userId));
    if (isWhole) {
      for (const userId of other.users.keys()) touched.add(userId);
      other.users.clear();
    }
    other.version = theirs;
    for (const [userId, status, sockets] of users) {
      if (sockets === 0) other.users.delete(userId);
      else other.users.set(userId, { status, sockets });
    }
    notify(touched);
  }

  function beat(): void {
    const now = performance.now();
    const canHear = nodes?.canHear() ?? false;
    for (const [node, other] of others) {
      if (!canHear) other.heardAt = now;
      if (now - other.heardAt <= silentMs) continue;
      others.delete(node);
      notify(other.users.keys());
    }
    tell([], false);
  }

  nodes?.onNews(hear);
  nodes?.onAsk(() => tell(here.keys(), true));
  const timer = nodes && setInterval(beat, beatMs);
  timer?.unref();
  beat();

  return {
    set(userId, socketId, status) {
      const mine = here.get(userId) ?? new Map<string, PresenceStatus>();
      here.set(userId, mine.set(socketId, status));
      changed(userId);
    },
    forget(userId, socketId) {
      const mine = here.get(userId);
      if (!mine?.delete(socketId)) return;
      if (mine.size === 0) here.delete(userId);
      changed(userId);
    },
    of: (userId) => best(standings(userId).map(({ status }) => status)),
    socketsOf: (userId) => standings(userId).reduce((sum, { sockets }) => sum + sockets, 0),
    onChange: (listener) => void listeners.push(listener),
    close() {
      clearInterval(timer);
      here.clear();
      version += 1;
      tell([], true);
    },
  };
}

function best(said: readonly PresenceStatus[]): PresenceStatus {
  return said.includes('online') ? 'online' : said.includes('away') ? 'away' : 'offline';
}
