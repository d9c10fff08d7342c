import { VisavisError } from '../errors.ts';
import type { Draft } from './outbox-item.ts';

/** Bytes are counted as they go on the wire: UTF-8, escaped as JSON. */
export interface OutboxLimits {
  /** Items of one owner, whatever their state. */
  readonly maxItems: number;
  /** All items together, without their files. */
  readonly maxBytes: number;
  /** All files together. */
  readonly maxMediaBytes: number;
  /** One message; a larger one may close the connection instead of being refused. */
  readonly maxMessageBytes: number;
}

export const defaultLimits: OutboxLimits = {
  maxItems: 1_000,
  maxBytes: 5_000_000,
  maxMediaBytes: 50_000_000,
  maxMessageBytes: 60_000,
};

/** Bytes of a draft; throws `TOO_LARGE` when it can never be sent, or (retryable) when there is no room for it now. */
export function draftBytes(
  draft: Draft,
  held: { readonly size: number; readonly bytes: number; readonly mediaBytes: number },
  limits: OutboxLimits,
): number {
  // What is too long as it is need not be encoded to know it.
  const bytes = draft.text.length > limits.maxMessageBytes ? Number.POSITIVE_INFINITY : bytesOf(draft);
  if (bytes > limits.maxMessageBytes) throw tooLarge(`it is larger than ${limits.maxMessageBytes} bytes`);
  if (held.size >= limits.maxItems) throw tooLarge(`${held.size} messages wait already`, true);
  if (held.bytes + bytes > limits.maxBytes) throw tooLarge(`${held.bytes} bytes wait already`, true);
  if (draft.media && held.mediaBytes + draft.media.size > limits.maxMediaBytes)
    throw tooLarge(`files of ${held.mediaBytes} bytes wait already`, true);
  return bytes;
}

export function bytesOf({ text, mediaUrl }: Draft): number {
  return new TextEncoder().encode(JSON.stringify([text, mediaUrl])).length;
}

export function tooLarge(why: string, retryable = false): VisavisError {
  return new VisavisError('TOO_LARGE', `unable to send the message; ${why}`, { retryable });
}
