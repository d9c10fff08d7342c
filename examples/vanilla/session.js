// @ts-check
import { signIn } from './people-api.js';

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
  /** @type {Promise<string> | undefined} */
  let token;

  const client = Visavis.createClient({
    baseUrl: '/',
    userId,
    // Asked for every request, so those that come together share one sign-in.
    getToken({ refresh }) {
      if (refresh) token = undefined;
      token ??= signIn(userId).catch((error) => {
        token = undefined;
        throw error;
      });
      return token;
    },
  });

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
