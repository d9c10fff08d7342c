import type { Announce } from './announce.ts';
import type { AvatarStore } from './avatar-store.ts';
import type { ChatStore } from './chat-store.ts';
import type { Records } from './records.ts';
import type { SyncLog } from './sync-log.ts';
import type { WireLevel, WireRows } from './wire-rows.ts';
import type { WirePayload } from './wire-value.ts';

/** A request with its caller known. */
export interface Call {
  readonly userId: string;
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Reply {
  readonly status?: number;
  readonly body: WirePayload;
  announce?(): void;
}

export interface RestSettings {
  readonly level: WireLevel;
  /** Which spelling of the plain wire is there: the document's, what backends run, or both. */
  readonly routes: 'document' | 'running' | 'both';
  readonly records: Records;
  readonly chat: ChatStore;
  readonly avatars: AvatarStore;
  readonly syncLog: SyncLog;
  readonly rows: WireRows;
  readonly announce: Announce;
  /** Throws when the user sends, or uploads, too often. */
  limit(kind: 'message' | 'upload', userId: string): void;
  newMediaUrl(): string;
  /** Address of a put. */
  putUrl(key: string): string;
  readonly uploadSeconds: number;
}

export type Handler = (call: Call) => Reply;
export type RouteTable = readonly (readonly [method: string, path: RegExp, handler: Handler])[];
