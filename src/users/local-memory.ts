import type { RememberedPicture, RememberedUser, UserMemory } from '../lib/user-memory.ts';
import { rememberIn } from './recall.ts';

/** More than a page shows; the ones that changed last stay. */
const mostUsers = 100;

/** Remembers users in the page's local storage, by backend; without one it remembers nothing. */
export const localMemory = /* @__PURE__ */ rememberIn(openLocalMemory);

function openLocalMemory(baseUrl: string): UserMemory {
  const key = `visavis:users:${baseUrl}`;
  return {
    get: (userId) => read(key).get(userId) ?? null,
    set(userId, user) {
      const users = read(key);
      if (JSON.stringify(users.get(userId)) === JSON.stringify(user)) return;
      users.delete(userId);
      users.set(userId, user);
      write(key, [...users].slice(-mostUsers));
    },
    clear: () => write(key, []),
  };
}

/** Everything in it may come from somebody else, or from another version. */
function read(key: string): Map<string, RememberedUser> {
  const users = new Map<string, RememberedUser>();
  try {
    const entries: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    for (const entry of Array.isArray(entries) ? entries : []) {
      const [id, user]: unknown[] = Array.isArray(entry) ? entry : [];
      if (typeof id === 'string' && isUser(user)) users.set(id, user);
    }
  } catch {
    // There is no such storage here, or it is closed to this page, or broken.
  }
  return users;
}

function write(key: string, entries: readonly (readonly [string, RememberedUser])[]) {
  try {
    localStorage.setItem(key, JSON.stringify(entries));
  } catch {
    // No storage, or no room: the next page waits for the network.
  }
}

function isUser(value: unknown): value is RememberedUser {
  if (!isObject(value)) return false;
  const { name, username, picture, outdated = [] } = value;
  const isKnown = isTextOrNull(name) && isTextOrNull(username);
  const isShown = picture === null || isPicture(picture);
  return isKnown && isShown && Array.isArray(outdated) && outdated.every(isTextOrNull);
}

function isPicture(value: unknown): value is RememberedPicture {
  if (!isObject(value)) return false;
  const { url, thumbUrl, bust } = value;
  return (
    typeof url === 'string' && typeof thumbUrl === 'string' && (bust === null || typeof bust === 'number')
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
