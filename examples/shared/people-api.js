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
async function signIn(userId) {
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

/**
 * A person's tokens for a client. It asks for every request, so those that come together share one sign-in.
 *
 * @param {string} userId
 * @returns {import('../../src/index.ts').GetToken}
 */
export function tokensOf(userId) {
  /** @type {Promise<string> | undefined} */
  let token;
  return ({ refresh }) => {
    if (refresh) token = undefined;
    token ??= signIn(userId).catch((error) => {
      token = undefined;
      throw error;
    });
    return token;
  };
}

/**
 * Who is at this window: the address wins, so that a link can say it; then what this tab chose before.
 *
 * @param {readonly Person[]} people
 */
export function rememberedPerson(people) {
  const wanted = new URLSearchParams(location.search).get('as') ?? sessionStorage.getItem('as');
  return people.find(({ id }) => id === wanted) ?? people[0];
}

/**
 * The person after this one, to talk with.
 *
 * @param {readonly Person[]} people
 * @param {string} userId
 */
export const personAfter = (people, userId) =>
  people[(people.findIndex(({ id }) => id === userId) + 1) % people.length];

/** A window of another person. @param {string} userId */
export const windowOf = (userId) => `?as=${encodeURIComponent(userId)}`;
