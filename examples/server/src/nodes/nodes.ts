import { randomUUID } from 'node:crypto';
import type { PresenceStatus } from '../chat/chat-events.ts';
import type { ChatServer } from '../realtime.ts';
import type { RedisLink } from './redis-link.ts';

/** What a node says of its users. */
export interface NodeNews {
  node: string;
  /** Counts what this node has told. */
  version: number;
  /** Whether this is all of them, or only those for whom something changed. */
  isWhole: boolean;
  users: readonly (readonly [userId: string, status: PresenceStatus, sockets: number])[];
}

/** The other nodes of this server. What is told reaches all of them in order, or not at all. */
export interface Nodes {
  readonly self: string;
  tell(news: NodeNews): void;
  /** Has a node tell all it knows. */
  ask(node: string): void;
  onNews(listener: (news: NodeNews) => void): void;
  onAsk(listener: () => void): void;
  /** Whether others can be heard at the moment. */
  canHear(): boolean;
}

export interface NodeEvents {
  'roster:news': (news: NodeNews) => void;
  'roster:ask': (node: string) => void;
}

export function nodesOver(io: ChatServer, redis: RedisLink): Nodes {
  const self = randomUUID();
  return {
    self,
    tell: (news) => void io.serverSideEmit('roster:news', news),
    ask: (node) => void io.serverSideEmit('roster:ask', node),
    onNews: (listener) => void io.on('roster:news', listener),
    onAsk: (listener) => void io.on('roster:ask', (node) => void (node === self && listener())),
    canHear: () => redis.isThere(),
  };
}
