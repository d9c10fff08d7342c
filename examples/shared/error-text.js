// @ts-check
import { isVisavisError } from './visavis-error.js';

/**
 * What went wrong, in words for the person at the screen.
 *
 * @typedef {object} ErrorText
 * @property {string} title
 * @property {string} hint
 * @property {boolean} retryable
 * @property {number} waitMs milliseconds until trying again is of use
 */

/** @typedef {import('../../src/index.ts').VisavisError} VisavisError */

const number = new Intl.NumberFormat();
const megabytes = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/**
 * @param {unknown} error
 * @returns {ErrorText}
 */
export function explain(error) {
  if (!isVisavisError(error)) {
    // Not a refusal but a fault: somebody has to read it.
    reportError(error);
    return {
      title: 'Something broke on this page.',
      hint: 'Try again, or reload it.',
      retryable: true,
      waitMs: 0,
    };
  }
  const reason = rootOf(error);
  const [title, hint] = words(error, reason);
  const waitMs = 'retryAfterMs' in reason ? Number(reason.retryAfterMs ?? 0) : 0;
  return { title, hint, retryable: error.retryable, waitMs };
}

/**
 * An upload's error tells the step; its cause tells what happened there.
 *
 * @param {VisavisError} error
 * @returns {VisavisError}
 */
function rootOf(error) {
  const { cause } = error;
  return error.code === 'UPLOAD_FAILED' && isVisavisError(cause) ? rootOf(cause) : error;
}

/**
 * @param {VisavisError} error
 * @param {VisavisError} reason
 * @returns {readonly [title: string, hint: string]}
 */
function words(error, reason) {
  /** @type {Readonly<Record<string, unknown>>} */
  const details = 'details' in reason ? Object(reason.details) : {};
  switch (reason.code) {
    case 'FILE_EMPTY':
      return ['This file is empty.', 'Please choose another one.'];
    case 'FILE_TYPE':
      return ['This is not a picture we can use.', 'Please choose a JPEG, PNG, WebP or GIF.'];
    case 'FILE_TOO_LARGE':
      return [
        'This file is too large.',
        `It has ${megabytes.format(Number(details.bytes) / 1e6)} MB, and ${megabytes.format(Number(details.maxBytes) / 1e6)} MB is the most.`,
      ];
    case 'FILE_TOO_MANY_PIXELS':
      return [
        'This picture is too large to open.',
        `It is ${number.format(Number(details.width))} × ${number.format(Number(details.height))} pixels. A smaller copy will do.`,
      ];
    case 'FILE_CORRUPT':
      return ['This picture is damaged.', 'Please choose another one.'];
    case 'ENCODER_UNAVAILABLE':
      return ['The picture tools did not load.', 'Check your connection and try again.'];
    case 'NETWORK':
      return navigator.onLine
        ? ['The server cannot be reached.', `${unchanged(error)} Try again in a moment.`]
        : ['You are offline.', `${unchanged(error)} Try again when you are back.`];
    case 'TIMEOUT':
    case 'UPLOAD_STALLED':
      return ['The connection is too slow right now.', `${unchanged(error)} Try again in a moment.`];
    case 'RATE_LIMITED':
      return ['Too many changes in a short time.', unchanged(error)];
    case 'UNAUTHORIZED':
    case 'REALTIME_UNAUTHORIZED':
      return reason.retryable
        ? ['Signing in did not work.', `${unchanged(error)} Try again in a moment.`]
        : ['You are signed out.', 'Choose who you are at the top of the page to sign in again.'];
    case 'FORBIDDEN':
      return ['You may not change this picture.', unchanged(error)];
    case 'TOO_LARGE':
      return ['The server finds this picture too large.', 'Please choose another one.'];
    case 'BAD_REQUEST':
      return ['The server did not accept this picture.', 'Please choose another one.'];
    case 'SERVER_ERROR':
      return ['The server has a problem.', `${unchanged(error)} Try again in a moment.`];
    default:
      return ['That did not work.', unchanged(error)];
  }
}

/** @param {VisavisError} error */
function unchanged(error) {
  return 'stage' in error && error.stage === 'complete'
    ? 'Your picture was sent, but not published.'
    : 'Your picture has not changed.';
}
