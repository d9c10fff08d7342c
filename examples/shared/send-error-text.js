// @ts-check
import { isVisavisError } from './visavis-error.js';

/**
 * Why a message was not sent, for the person who wrote it.
 *
 * @param {unknown} error
 */
export function explainSend(error) {
  if (!isVisavisError(error)) return 'Not sent.';
  switch (error.code) {
    case 'TOO_LARGE':
      return error.retryable
        ? 'Not sent: too many messages are waiting already.'
        : 'Not sent: it is too long.';
    case 'UNSUPPORTED':
      return 'Not sent: files cannot be sent here.';
    case 'RATE_LIMITED':
      return 'Not sent: too many messages in a short time.';
    case 'NOT_FOUND':
      return 'Not sent: this conversation does not exist.';
    case 'FORBIDDEN':
    case 'BAD_REQUEST':
      return 'Not sent: the server did not accept it.';
    case 'UNAUTHORIZED':
    case 'REALTIME_UNAUTHORIZED':
      return 'Not sent: you are signed out.';
    case 'NETWORK':
    case 'TIMEOUT':
      return 'Not sent: the connection kept breaking.';
    default:
      return 'Not sent: the server has a problem.';
  }
}
