// @ts-check

/** @typedef {{ readonly id: string, readonly display_name: string, readonly username: string }} Person */

/**
 * Everyone the reference server knows, in its order.
 *
 * @returns {Promise<readonly Person[]>}
 */
export async function readPeople() {
  return read(await fetch('/dev/people'));
}

/**
 * Signs in without a password, which only a server in development allows.
 *
 * @param {string} userId
 * @returns {Promise<string>} the bearer token
 */
export async function signIn(userId) {
  const { token } = await read(
    await fetch('/dev/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userId }),
    }),
  );
  return token;
}

/** @param {Response} response */
async function read(response) {
  if (!response.ok) throw new Error(`unable to reach the demo's people; HTTP ${response.status}`);
  return response.json();
}
