// @ts-check
import { windowOf } from '../shared/people-api.js';
import { byId, copyTemplate, only, showFace } from './dom.js';

/** Milliseconds that a row says its picture is new. */
const newsMs = 20_000;

/**
 * Everyone, each with their live picture and a word when it changes.
 *
 * @param {import('./session.js').Session} session
 * @param {readonly import('../shared/people-api.js').Person[]} people
 */
export function showPeople({ client, userId, signal }, people) {
  const list = byId('people', HTMLUListElement);
  const news = byId('news', HTMLElement);
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();
  for (const person of people) rows.set(person.id, personRow(person));
  list.replaceChildren(...rows.values());
  news.textContent = '';

  /** @param {import('../shared/people-api.js').Person} person */
  function personRow({ id, display_name: displayName, username }) {
    const fragment = copyTemplate('person-template');
    const row = only(fragment, '.person', HTMLLIElement);
    const live = client.users.live(id);
    row.dataset.userId = id;
    showFace(row, 'visavis-avatar', id);
    only(row, '[data-slot=username]', HTMLElement).textContent = `@${username}`;
    only(row, '.person-you', HTMLElement).hidden = id !== userId;

    const open = only(row, '.person-open', HTMLAnchorElement);
    open.href = windowOf(id);
    open.hidden = id === userId;

    const name = only(row, '[data-slot=name]', HTMLElement);
    const show = () => {
      name.textContent = live.getSnapshot().name || displayName;
      open.ariaLabel = `Open a window as ${name.textContent}`;
    };
    signal.addEventListener('abort', live.subscribe(show), { once: true });
    show();
    return row;
  }

  /** @type {Map<string, number>} */
  const timers = new Map();

  const undo = client.realtime.on('avatarUpdated', ({ userId: id, avatar }) => {
    const row = rows.get(id);
    if (!row) return;
    const { name } = client.users.live(id).getSnapshot();
    only(row, '[data-slot=news]', HTMLElement).textContent = avatar
      ? 'New picture just now'
      : 'Picture removed just now';
    if (id !== userId)
      news.textContent = avatar ? `${name} has a new picture.` : `${name} removed their picture.`;
    // Taken away and put back, so that a second change within the time is seen too.
    row.classList.remove('is-news');
    void row.offsetWidth;
    row.classList.add('is-news');
    clearTimeout(timers.get(id));
    timers.set(
      id,
      window.setTimeout(() => row.classList.remove('is-news'), newsMs),
    );
  });
  signal.addEventListener('abort', undo, { once: true });
}
