// @ts-check
import { focusInbox, followFocus, showProfile } from '../../shared/focus.js';
import { personAfter } from '../../shared/people-api.js';
import { router } from '../../shared/router.js';
import { byId, showFace } from '../dom.js';
import { showInbox } from './inbox.js';
import { openThread } from './thread.js';

/**
 * Inbox, thread and own picture, and the ways between them.
 *
 * @param {import('../session.js').Session} session
 * @param {readonly import('../../shared/people-api.js').Person[]} people
 */
export function showMessenger(session, people) {
  const { signal } = session;
  const hero = byId('hero', HTMLElement);
  const chat = byId('chat', HTMLElement);
  const inbox = showInbox(session);
  showFace(document, '#hero-other', personAfter(people, session.userId)?.id ?? null);
  /** @type {string | null} */
  let openId = null;
  /** @type {AbortController | undefined} */
  let open;

  function show() {
    const place = router.getSnapshot();
    const { name, id } = place.view;
    document.body.dataset.view = name;
    if (id !== openId) {
      openId = id;
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
    followFocus(place);
  }

  hero.hidden = false;
  chat.hidden = true;
  const undo = router.subscribe(show);
  signal.addEventListener('abort', () => {
    undo();
    open?.abort();
  });
  show();

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
      focusInbox(null);
    },
    { signal },
  );
  byId('open-profile', HTMLAnchorElement).addEventListener('click', showProfile, { signal });
}
