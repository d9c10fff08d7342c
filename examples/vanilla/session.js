// @ts-check
import { tokensOf } from '../shared/people-api.js';

/**
 * One person at this window: their client, and a signal that ends everything that was made for it.
 *
 * @typedef {object} Session
 * @property {string} userId
 * @property {import('../../src/index.ts').VisavisClient} client
 * @property {AbortSignal} signal
 * @property {() => void} end
 */

/**
 * @param {string} userId
 * @returns {Session}
 */
export function startSession(userId) {
  const life = new AbortController();
  const client = Visavis.createClient({ baseUrl: '/', userId, getToken: tokensOf(userId) });
  const disconnect = Visavis.connectVisavis(client);

  return {
    userId,
    client,
    signal: life.signal,
    end() {
      life.abort();
      disconnect();
      client.dispose();
    },
  };
}
