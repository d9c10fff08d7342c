import { HttpError, VisavisError } from '../errors.ts';

/** What a rejected try may say beside its code; read from the error itself. */
export interface TryFault {
  /** `false`: nothing left this device. Without it, a try that was not answered counts as one that may have arrived. */
  readonly bodyLeft?: boolean;
  /** The connection closed while this message was on it. */
  readonly connectionLost?: boolean;
}

/** What the policy knows of an item. */
export interface TryFacts {
  readonly mayHaveArrived: boolean;
  /** Connections lost in a row while this item was on them. */
  readonly closes: number;
}

/** What a rejected try means: the backend has it after all, it is tried again, or it is refused for good. */
export interface Verdict extends TryFacts {
  readonly next: 'sent' | 'again' | 'failed';
  readonly error: VisavisError;
  /** Milliseconds for which the backend asked to be left alone. */
  readonly holdMs: number;
}

/** From here on an item is tried as the only suspect, so that no other is blamed for its closes. */
export const suspectCloses = 2;
const maxCloses = 3;
const maxHoldMs = 300_000;

const later = new Set(['UNAUTHORIZED', 'TOKEN_UNAVAILABLE', 'REALTIME_UNAUTHORIZED', 'RATE_LIMITED']);
const unclear = new Set(['BAD_RESPONSE', 'DISPOSED']);

/** Judges a rejected try. A closed connection is the item's fault only when it happens three times in a row. */
export function judge(item: TryFacts, reason: unknown): Verdict {
  const error = typed(reason);
  const fault = faultOf(reason);
  const closes = fault.connectionLost ? item.closes + 1 : 0;
  const answer = read(item, error);
  const left = answer === 'unclear' || error !== reason;
  const verdict = {
    mayHaveArrived: item.mayHaveArrived || (left && fault.bodyLeft !== false),
    closes,
    holdMs: holdMs(error),
  };
  if (closes >= maxCloses) return { ...verdict, next: 'failed', error: poison(error) };
  return { ...verdict, next: answer === 'unclear' ? 'again' : answer, error };
}

/** Whether the message can be sent, or must first be looked for, since it may be there already. */
export function beforeTry(
  item: { readonly mayHaveArrived: boolean; readonly isCleared: boolean },
  canRepeat: boolean,
): 'send' | 'look' {
  return canRepeat || item.isCleared || !item.mayHaveArrived ? 'send' : 'look';
}

/** What looking for it means. Sent again by itself only once: a slow backend may store it after it was looked for. */
export function afterLook(
  found: 'sent' | 'absent' | 'unknown',
  wasResent: boolean,
): 'sent' | 'resend' | 'uncertain' {
  if (found === 'absent') return wasResent ? 'uncertain' : 'resend';
  return found === 'sent' ? 'sent' : 'uncertain';
}

function read(item: TryFacts, error: VisavisError): 'sent' | 'again' | 'failed' | 'unclear' {
  if (later.has(error.code)) return 'again';
  if (error instanceof HttpError) {
    const { status, serverCode = '' } = error;
    if (status === 425) return 'again';
    if (status === 408 || status >= 500) return 'unclear';
    // Without an earlier try it cannot be a duplicate of this message, whatever the backend calls it.
    if (status === 409 && item.mayHaveArrived && /duplicate|already/i.test(serverCode)) return 'sent';
    return 'failed';
  }
  return error.retryable || unclear.has(error.code) ? 'unclear' : 'failed';
}

function typed(reason: unknown): VisavisError {
  if (reason instanceof VisavisError) return reason;
  return new VisavisError('BAD_REQUEST', 'unable to send the message; it cannot be put on the wire', {
    cause: reason,
  });
}

function poison(cause: VisavisError): VisavisError {
  const why = `the connection closed ${maxCloses} times while it was sent`;
  return new VisavisError(cause.code, `unable to send the message; ${why}`, { cause });
}

function holdMs(error: VisavisError): number {
  const asked: unknown = Reflect.get(error, 'retryAfterMs');
  return typeof asked === 'number' && asked > 0 ? Math.min(asked, maxHoldMs) : 0;
}

function faultOf(reason: unknown): TryFault {
  return typeof reason === 'object' && reason !== null ? reason : {};
}
