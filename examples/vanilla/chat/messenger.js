// @ts-check
import { byId, showFace } from '../dom.js';
import { createRouter } from '../router.js';
import { showInbox } from './inbox.js';
import { openThread } from './thread.js';

/** @typedef {import('../router.js').View} View */

/** Where there is room for one pane only. */
const onePane = matchMedia('(width < 46rem)');
/** Where the own picture is always beside the conversations. */
const allPanes = matchMedia('(width >= 75rem)');
const byTouch = matchMedia('(pointer: coarse)');

/**
 * Inbox, thread and own picture, and the ways between them.
 *
 * @param {import('../session.js').Session} session
 * @param {readonly import('../people-api.js').Person[]} people
 */
export function showMessenger(session, people) {
  const { signal } = session;
  const hero = byId('hero', HTMLElement);
  const chat = byId('chat', HTMLElement);
  const profile = byId('profile-pane', HTMLElement);
  const inbox = showInbox(session);
  const mine = people.findIndex(({ id }) => id === session.userId);
  showFace(document, '#hero-other', people[(mine + 1) % people.length]?.id ?? null);
  /** @type {AbortController | undefined} */
  let open;
  signal.addEventListener('abort', () => open?.abort(), { once: true });

  /**
   * @param {View} view
   * @param {View | null} before
   */
  function onView(view, before) {
    const { id } = view;
    if (id !== (before?.id ?? null)) {
      open?.abort();
      open = undefined;
      hero.hidden = id !== null;
      chat.hidden = id === null;
      inbox.setOpen(id);
      if (id !== null) {
        open = new AbortController();
        openThread({ session, id, find: inbox.find, signal: open.signal });
      }
    }
    // The first view is not a move: the focus stays where the browser puts it.
    if (before) moveFocus(view, before);
  }

  /**
   * @param {View} view
   * @param {View} before
   */
  function moveFocus(view, before) {
    if (view.name === 'profile') profile.focus();
    else if (view.name === 'inbox') inbox.focus(before.id);
    else if (byTouch.matches || onePane.matches) byId('chat-name', HTMLElement).focus();
    else byId('composer', HTMLTextAreaElement).focus();
  }

  hero.hidden = false;
  chat.hidden = true;
  const router = createRouter({ signal, onView });

  byId('back', HTMLButtonElement).addEventListener('click', router.back, { signal });
  byId('profile-back', HTMLButtonElement).addEventListener('click', router.back, { signal });
  chat.addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Escape' && !event.isComposing) router.back();
    },
    { signal },
  );
  byId('skip', HTMLAnchorElement).addEventListener(
    'click',
    (event) => {
      event.preventDefault();
      inbox.focus(null);
    },
    { signal },
  );
  byId('open-profile', HTMLAnchorElement).addEventListener(
    'click',
    (event) => {
      if (!allPanes.matches) return;
      event.preventDefault();
      profile.focus();
    },
    { signal },
  );
}
