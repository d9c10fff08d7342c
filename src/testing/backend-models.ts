import type { Clock } from '../lib/clock.ts';
import type { FakeDevice } from './fake-device.ts';
import type { FakePerson } from './fake-person.ts';
import type { Journal } from './journal.ts';
import type { SeededRandom } from './random.ts';
import type { Quota } from './rate-limit.ts';
import type { ConversationRecord, MessageRecord, Records, UserRecord } from './records.ts';
import type { Broadcast, Member } from './rooms.ts';
import type { WireLevel, WireStyle } from './wire-rows.ts';

/** Options of `createFakeBackend()`. */
export interface FakeBackendOptions {
  /** Default: real time. `createVirtualClock()` makes a test of minutes take milliseconds. */
  readonly clock?: Clock;
  /** Where every fault and id is drawn from. Default: a generator with the seed 1. */
  readonly random?: SeededRandom;
  /** 0 the plain wire · 1 idempotent sends and acks too · 2 everything. Default 2. */
  readonly level?: WireLevel;
  readonly users: readonly { readonly id: string; readonly name?: string; readonly role?: string }[];
  readonly conversations?: readonly {
    readonly id: string;
    readonly members: readonly [string, string];
    readonly type?: string;
  }[];
  /** Milliseconds between two `sync_state` of a conversation room; `false` for none. Default 25,000; level 2 only. */
  readonly heartbeatMs?: number | false;
  /** Numbers for ids of digits, as some databases have. */
  readonly numericIds?: boolean;
  readonly times?: WireStyle['times'];
  readonly textField?: WireStyle['textField'];
  /** Which paths of the plain wire are there. Default `both`. */
  readonly routes?: 'document' | 'running' | 'both';
  readonly messageQuota?: Quota;
  readonly uploadQuota?: Quota;
  readonly socketsPerUser?: number;
  /** Life of a token, in milliseconds. Default an hour. */
  readonly tokenMs?: number;
  /** Life of a presigned address, in seconds. Default 300. */
  readonly uploadSeconds?: number;
  /** How many changes per user `/api/sync` remembers. Default 500. */
  readonly syncKeep?: number;
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
}

/** What is true, for assertions. */
export interface Truth {
  readonly users: ReadonlyMap<string, Readonly<UserRecord>>;
  /** Rows by `seq`, and each member's mark. */
  readonly conversations: ReadonlyMap<string, ConversationRecord>;
  readonly messages: ReadonlyMap<string, MessageRecord>;
  /** Per user: the key of every picture ever shown by its version, `null` for a delete. */
  readonly pictures: Records['pictures'];
  readonly media: Records['media'];
  readonly broadcasts: readonly Broadcast[];
  /** Devices with an open connection, as the backend sees it. */
  readonly connected: ReadonlySet<Member>;
}

/** A backend in memory that clients reach by `fetch` and `socket` of a device. */
export interface FakeBackend {
  readonly baseUrl: string;
  readonly storageUrl: string;
  readonly level: WireLevel;
  readonly truth: Truth;
  readonly journal: Journal;
  readonly isDown: boolean;
  /** A device with a line of its own, signed in as `userId`; its `options` go into `createClient`. */
  device(userId: string, deviceId?: string): FakeDevice;
  /** Somebody who acts on the backend itself, past every line. */
  person(userId: string): FakePerson;
  /** Tells everybody in a room (`bid_7`, `user_u1`, …) of something, by an event of any name. */
  announce(room: string, name: string, payload: object): void;
  /** Goes down for `downMs`: connections drop, rooms and limits are forgotten, rows are kept. */
  crash(downMs?: number): void;
  token(userId: string, lifeMs?: number): string;
  revokeTokens(userId: string): void;
}
