import type { VisavisError } from '../errors.ts';

/** What the user wrote, before the backend has it. */
export interface Draft {
  /** Absent when only a person is known: the backend opens the conversation. */
  readonly conversationId: string;
  readonly receiverId: string | null;
  readonly text: string;
  readonly mediaUrl: string | null;
  /** A file that is put up before the message is sent; then its address takes its place. */
  readonly media: Blob | null;
}

/** A message on its way. Stored before the first try, so that a reload or a crash loses nothing. */
export interface OutboxItem extends Draft {
  /** UUIDv4, made once; the same through every retry, reload and way of sending. */
  readonly clientId: string;
  /** Whose message it is: never sent with another user's token. */
  readonly ownerId: string;
  /** Milliseconds since 1970, by this device's clock. */
  readonly createdAt: number;
  /** Order within the outbox, across reloads. */
  readonly position: number;
  readonly state: 'queued' | 'sending' | 'failed' | 'uncertain';
  /** How often it was tried. */
  readonly tries: number;
  /** Whether a try may have reached the backend without our knowing: its body had left. */
  readonly mayHaveArrived: boolean;
  /** How much of the media is put up, from 0 to 1; kept in memory only. */
  readonly progress: number | null;
  /** Why it failed; kept in memory only, except for its code. */
  readonly error: VisavisError | null;
}
