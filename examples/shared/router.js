// @ts-check

/**
 * Where the page is, which its address says: `#c=<id>` a conversation, `#profile` the own picture, else the inbox.
 *
 * @typedef {{ readonly name: 'inbox' | 'thread' | 'profile', readonly id: string | null }} View
 */
/** @typedef {{ readonly view: View, readonly before: View | null }} Place `before` is `null` where nobody moved */

/** @param {string} id */
export const threadHash = (id) => `#c=${encodeURIComponent(id)}`;

/**
 * @param {string} hash
 * @returns {View}
 */
export function viewOf(hash) {
  if (hash === '#profile') return { name: 'profile', id: null };
  try {
    const id = decodeURIComponent(/^#c=(.+)$/.exec(hash)?.[1] ?? '');
    if (id !== '') return { name: 'thread', id };
  } catch {
    // A broken address is no conversation.
  }
  return { name: 'inbox', id: null };
}

/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {Place} */
let place = { view: viewOf(location.hash), before: null };

/** @param {View | null} before */
function move(before) {
  place = { view: viewOf(location.hash), before };
  for (const listener of [...listeners]) listener();
}

window.addEventListener('hashchange', () => {
  // Only an entry that is new has no state: it learns where it was reached from.
  if (history.state === null) history.replaceState({ from: place.view.name }, '');
  move(place.view);
});

/** The page's place. Links and the browser's own buttons need no help: a hash makes an entry of the history. */
export const router = {
  getSnapshot: () => place,
  /** @param {() => void} listener */
  subscribe(listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  /** To the inbox: back, where that is what is behind, so that the history does not grow. */
  back() {
    if (history.state?.from === 'inbox') return history.back();
    history.replaceState(null, '', location.pathname + location.search);
    move(place.view);
  },
  /**
   * Another person is at the page, who has other conversations.
   *
   * @param {string} userId
   */
  become(userId) {
    const search = `?as=${encodeURIComponent(userId)}`;
    const isOther = ![search, ''].includes(location.search);
    sessionStorage.setItem('as', userId);
    history.replaceState(history.state, '', search + (isOther ? '' : location.hash));
    move(null);
  },
};
