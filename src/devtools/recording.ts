import type { Fact, FactOrigin, RealtimeEvents } from '../index.ts';

/** Facts that a client took in, or an event that it told, at a moment in milliseconds since 1970. */
export type RecordingEntry =
  | {
      readonly at: number;
      readonly kind: 'facts';
      readonly origin: FactOrigin;
      readonly facts: readonly Fact[];
    }
  | {
      readonly at: number;
      readonly kind: 'event';
      readonly name: keyof RealtimeEvents;
      readonly event: unknown;
    };

/** What happened to a client, as plain JSON: to send with a bug report, and to begin a test with. */
export interface Recording {
  /** Version of the SDK. */
  readonly version: string;
  readonly userId: string;
  /** Oldest first; the first holds what the client knew when the recording began. */
  readonly entries: readonly RecordingEntry[];
  /** How many entries were let go of to stay within the limit. */
  readonly dropped: number;
}
