import { type ClientOptions, createClient as create, type VisavisClient } from '../index.ts';
import { pageLogger } from './page-logger.ts';

/** The package's `createClient()`, which tells the console what it does while debugging is switched on. */
export function createClient(options: ClientOptions): VisavisClient {
  const client = create({ logger: pageLogger, ...options });
  const { on } = client.realtime;
  // Who and why, never an address: it may be signed.
  on('avatarUpdated', ({ userId, origin }) => pageLogger.debug(`picture of ${userId} changed (${origin})`));
  on('profileUpdated', ({ userId, origin }) => pageLogger.debug(`name of ${userId} changed (${origin})`));
  on('statusChanged', ({ status, reason }) => pageLogger.debug(`connection is ${status} (${reason})`));
  on('protocolError', ({ event, error }) => pageLogger.warn(`dropped a live event ${event}`, error));
  on('signedOut', () => pageLogger.warn('the backend refuses the token'));
  return client;
}
