import * as z from 'zod/mini';
import type { NetworkError } from '../errors.ts';
import type { AvatarFact, Fact, MessageFact, NameFact, ReadFact, UnreadFact } from '../facts.ts';
import type { SocketEvent } from '../lib/socket-port.ts';
import { text, toldFacts } from './fact-schemas.ts';
import { count } from './schemas.ts';

interface RoomPair {
  readonly enter: SocketEvent;
  readonly leave: SocketEvent;
}

/** As a `NetworkError` says it. */
export type RelayFault = Pick<NetworkError, 'bodyLeft' | 'connectionLost'>;

/** What one tab may state to the others. */
export type SharedFact = AvatarFact | NameFact | MessageFact | ReadFact | UnreadFact;

/** What the tabs of one browser tell each other, by kind. No message ever carries a token. */
export interface TabMessages {
  /** The sender wants to use the connection of another tab. */
  readonly hello: Sender;
  /** It does so no more; or the connection was its own, and is not any more. */
  readonly bye: Sender;
  /** From now on the sender makes the connection for all. */
  readonly lead: Sender;
  /** Whether the sender's connection is there. */
  readonly line: Sender & { readonly isOpen: boolean; readonly reason: string };
  /** An event from the backend. */
  readonly event: Sender & { readonly name: string; readonly payload: unknown };
  /** The backend refused a fresh token too. */
  readonly refused: Sender;
  /** Commands to the tab that has the connection. */
  readonly emit: Sender & { readonly event: SocketEvent };
  readonly enter: Sender & { readonly room: RoomPair };
  readonly leave: Sender & { readonly room: RoomPair };
  readonly hurry: Sender;
  readonly request: Sender & { readonly id: number; readonly event: SocketEvent; readonly timeoutMs: number };
  /** To a request of tab `to`. */
  readonly answer: Sender & {
    readonly to: string;
    readonly id: number;
    readonly answer: unknown;
    /** Why none came. */
    readonly fault: RelayFault | null;
  };
  /** Whether the tab that does something for all is alive. */
  readonly ping: Sender & { readonly seat: string };
  readonly pong: Sender & { readonly seat: string };
  readonly facts: Sender & {
    readonly origin: 'self' | 'realtime' | 'history';
    readonly facts: readonly SharedFact[];
    /** Addresses that are older than the own picture in them, on backends that forget it. */
    readonly outdated?: readonly (string | null)[] | undefined;
    /** By the sender's clock, which may differ from the receiver's. */
    readonly now: number;
  };
  /** What is stored for all tabs changed. */
  readonly stored: Sender;
  readonly signOut: Sender;
}

interface Sender {
  readonly from: string;
}

const sender = { from: text };
const emit = z.object({ name: text, args: z.array(z.unknown()) });
const room = z.object({ ...sender, room: z.object({ enter: emit, leave: emit }) });
const seat = z.object({ ...sender, seat: text });
const bare = z.object(sender);

const fact: z.ZodMiniType<SharedFact> = z.union(toldFacts);

const messages: { readonly [Kind in keyof TabMessages]: z.ZodMiniType<TabMessages[Kind]> } = {
  hello: bare,
  bye: bare,
  lead: bare,
  line: z.object({ ...sender, isOpen: z.boolean(), reason: text }),
  event: z.object({ ...sender, name: text, payload: z.unknown() }),
  refused: bare,
  emit: z.object({ ...sender, event: emit }),
  enter: room,
  leave: room,
  hurry: bare,
  request: z.object({ ...sender, id: count, event: emit, timeoutMs: z.number() }),
  answer: z.object({
    ...sender,
    to: text,
    id: count,
    answer: z.unknown(),
    fault: z.nullable(z.object({ bodyLeft: z.boolean(), connectionLost: z.boolean() })),
  }),
  ping: seat,
  pong: seat,
  facts: z.object({
    ...sender,
    origin: z.literal(['self', 'realtime', 'history']),
    facts: z.array(fact).check(z.maxLength(1_000)),
    outdated: z.optional(z.array(z.nullable(text))),
    now: z.number(),
  }),
  stored: bare,
  signOut: bare,
};

/** The kind of another tab's message; `null` when it is none, or one of a newer version. */
export function tabMessageKind(value: unknown): keyof TabMessages | null {
  const kind: unknown = typeof value === 'object' && value !== null && Reflect.get(value, 'kind');
  return typeof kind === 'string' && isKind(kind) ? kind : null;
}

/** The message, or `null` when it is not what its kind says. */
export function readTabMessage<Kind extends keyof TabMessages>(
  kind: Kind,
  value: unknown,
): TabMessages[Kind] | null {
  return messages[kind].safeParse(value).data ?? null;
}

/** The facts that other tabs take in. */
export function sharedFacts(facts: readonly Fact[]): readonly SharedFact[] {
  return facts.flatMap((value) => fact.safeParse(value).data ?? []);
}

function isKind(kind: string): kind is keyof TabMessages {
  return Object.hasOwn(messages, kind);
}
