// @ts-check
import { personAfter } from '../shared/people-api.js';
import { byId, showFace } from './dom.js';

/**
 * The same faces in the kinds of places an app has: all of them follow one change.
 *
 * @param {import('./session.js').Session} session
 * @param {readonly import('../shared/people-api.js').Person[]} people
 */
export function showPlaces({ client, userId, signal }, people) {
  const list = byId('places', HTMLUListElement);
  byId('everyone', HTMLElement).replaceChildren(
    ...people.map(({ id }) =>
      Object.assign(document.createElement('visavis-avatar'), { className: 'face', userId: id, size: 36 }),
    ),
  );
  castAs(list, 'me', userId, signal);

  /** @type {string | undefined} */
  let other;
  let part = new AbortController();

  /** @param {string | undefined} id */
  function setOther(id) {
    if (id === undefined || id === userId || id === other) return;
    other = id;
    part.abort();
    part = new AbortController();
    castAs(list, 'other', id, part.signal);
  }

  /**
   * @param {ParentNode} root
   * @param {string} role
   * @param {string} id
   * @param {AbortSignal} until
   */
  function castAs(root, role, id, until) {
    const live = client.users.live(id);
    showFace(root, `[data-face=${role}]`, id);
    const show = () => {
      for (const place of root.querySelectorAll(`[data-name=${role}]`)) {
        place.textContent = live.getSnapshot().name || '\u00a0';
      }
    };
    until.addEventListener('abort', live.subscribe(show), { once: true });
    show();
  }

  setOther(personAfter(people, userId)?.id);
  // Whoever changed last faces you.
  const undo = client.realtime.on('avatarUpdated', ({ userId: id }) => setOther(id));
  signal.addEventListener(
    'abort',
    () => {
      undo();
      part.abort();
    },
    { once: true },
  );
}
