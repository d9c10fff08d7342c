// @ts-check

/**
 * Where the page is, which its address says: `#c=<id>` a conversation, `#profile` the own picture, else the inbox.
 *
 * @typedef {{ readonly name: 'inbox' | 'thread' | 'profile', readonly id: string | null }} View
 */

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

/**
 * Tells of every move. Links and the browser's own buttons need no help: a hash makes an entry of the history.
 *
 * @param {{ readonly signal: AbortSignal, readonly onView: (view: View, before: View | null) => void }} options
 */
export function createRouter({ signal, onView }) {
  /** @type {View | null} */
  let view = null;

  function show() {
    const before = view;
    view = viewOf(location.hash);
    document.body.dataset.view = view.name;
    onView(view, before);
  }

  window.addEventListener(
    'hashchange',
    () => {
      // Only an entry that is new has no state: it learns where it was reached from.
      if (history.state === null) history.replaceState({ from: view?.name ?? null }, '');
      show();
    },
    { signal },
  );
  show();

  return {
    /** To the inbox: back, where that is what is behind, so that the history does not grow. */
    back() {
      if (history.state?.from === 'inbox') return history.back();
      history.replaceState(null, '', location.pathname + location.search);
      show();
    },
  };
}
