import { describe, expect, it } from 'vitest';
import { afterLook, beforeTry, judge } from '../../src/chat/outbox-policy.ts';
import { HttpError, NetworkError, ResponseError, TimeoutError, VisavisError } from '../../src/errors.ts';

const fresh = { mayHaveArrived: false, closes: 0 };
const http = (status: number, serverCode?: string) => new HttpError('no', { status, serverCode });
const network = () => new NetworkError('no');

describe('outbox policy', () => {
  it.each([
    ['400', http(400), 'failed', false],
    ['403', http(403), 'failed', false],
    ['404', http(404), 'failed', false],
    ['413', http(413), 'failed', false],
    ['a refusal with status 200', http(200), 'failed', false],
    ['a refusing acknowledgement', new VisavisError('FORBIDDEN', 'no'), 'failed', false],
    ['what the backend cannot take', new VisavisError('UNSUPPORTED', 'no'), 'failed', false],
    ['401', http(401), 'again', false],
    ['403 for a token', new HttpError('no', { status: 403, code: 'UNAUTHORIZED' }), 'again', false],
    ['425', http(425), 'again', false],
    ['429', http(429), 'again', false],
    ['a refused token', new VisavisError('UNAUTHORIZED', 'no'), 'again', false],
    ['no token', new VisavisError('TOKEN_UNAVAILABLE', 'no', { retryable: true }), 'again', false],
    ['an acknowledged rate limit', new VisavisError('RATE_LIMITED', 'no'), 'again', false],
    ['408', http(408), 'again', true],
    ['500', http(500), 'again', true],
    ['503', http(503), 'again', true],
    ['a timeout', new TimeoutError('no', 1), 'again', true],
    ['a broken network', network(), 'again', true],
    ['a network that took nothing', Object.assign(network(), { bodyLeft: false }), 'again', false],
    ['an unreadable answer', new ResponseError('no', []), 'again', true],
    ['a fault of ours', new TypeError('no'), 'failed', true],
  ] as const)('[OB7] judges %s', (_, reason, next, mayHaveArrived) => {
    expect(judge(fresh, reason)).toMatchObject({ next, mayHaveArrived });
  });

  it('[OB8] never forgets that an earlier try may have arrived', () => {
    expect(judge({ ...fresh, mayHaveArrived: true }, http(429)).mayHaveArrived).toBe(true);
  });

  it('[OB7] believes a conflict to be a duplicate only after an earlier try', () => {
    const duplicate = http(409, 'DUPLICATE_MESSAGE');
    expect(judge(fresh, duplicate).next).toBe('failed');
    expect(judge({ ...fresh, mayHaveArrived: true }, duplicate).next).toBe('sent');
    expect(judge({ ...fresh, mayHaveArrived: true }, http(409, 'BODY_DIFFERS')).next).toBe('failed');
  });

  it('[OB13] parks an item with the third connection lost in a row', () => {
    const lost = Object.assign(network(), { connectionLost: true });
    expect(judge({ ...fresh, closes: 1 }, lost)).toMatchObject({ next: 'again', closes: 2 });
    expect(judge({ ...fresh, closes: 2 }, lost)).toMatchObject({
      next: 'failed',
      error: { code: 'NETWORK' },
    });
    expect(judge({ ...fresh, closes: 2 }, new TimeoutError('no', 1))).toMatchObject({
      next: 'again',
      closes: 0,
    });
  });

  it.each([
    [7_000, 7_000],
    [undefined, 0],
    [-5, 0],
    [Number.NaN, 0],
    [1e12, 300_000],
  ])('[OB6] makes %s ms of Retry-After a wait of %s ms', (retryAfterMs, holdMs) => {
    expect(judge(fresh, new HttpError('no', { status: 429, retryAfterMs })).holdMs).toBe(holdMs);
  });

  it('[OB9][OB10] looks for an item first only where repeating is not harmless', () => {
    const item = { mayHaveArrived: true, isCleared: false };
    expect(beforeTry(item, false)).toBe('look');
    expect(beforeTry(item, true)).toBe('send');
    expect(beforeTry({ ...item, isCleared: true }, false)).toBe('send');
    expect(beforeTry({ ...item, mayHaveArrived: false }, false)).toBe('send');
  });

  it.each([
    ['sent', false, 'sent'],
    ['sent', true, 'sent'],
    ['absent', false, 'resend'],
    ['absent', true, 'uncertain'],
    ['unknown', false, 'uncertain'],
    ['unknown', true, 'uncertain'],
  ] as const)('[OB10] makes of %s (resent: %s) %s', (found, wasResent, next) => {
    expect(afterLook(found, wasResent)).toBe(next);
  });
});
