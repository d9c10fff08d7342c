// @ts-check
import { linked, mediaOf } from '../../shared/message-text.js';
import { clockTime, fullTime } from '../../shared/times.js';
import { statusText } from '../../shared/words.js';
import { copyTemplate, only, showFace } from '../dom.js';
import { troublePart } from './trouble.js';

/** @typedef {import('../../shared/thread-rows.js').MessageRow} MessageRow */
/** @typedef {import('../../../src/index.ts').MessageItem} MessageItem */

/**
 * A message of the thread. Its element stays the same from the first try to the seen mark.
 *
 * @param {object} options
 * @param {import('../../../src/index.ts').VisavisClient} options.client
 * @param {AbortSignal} options.signal
 * @param {(item: MessageItem) => void} options.onDelete
 * @param {MessageRow} first
 * @returns {import('../keyed-list.js').Part<MessageRow>}
 */
export function messagePart({ client, signal, onDelete }, first) {
  const life = new AbortController();
  const until = AbortSignal.any([signal, life.signal]);
  const element = only(copyTemplate('message-template'), '.message', HTMLElement);
  /** @param {string} name */
  const slot = (name) => only(element, `[data-slot=${name}]`, HTMLElement);
  const time = only(element, 'time', HTMLTimeElement);
  const remove = only(element, '.message-delete', HTMLButtonElement);
  const [by, text, media, mark] = ['by', 'text', 'media', 'mark'].map(slot);
  const face = only(element, 'visavis-avatar', HTMLElement);
  const trouble = troublePart(element, client);
  let { item } = first;
  /** @type {MessageItem | undefined} */
  let shown;

  element.dataset.key = item.key;
  remove.addEventListener('click', () => onDelete(item), { signal: until });
  element.addEventListener(
    'keydown',
    ({ key }) => {
      if (key === 'Delete' && !remove.hidden) onDelete(item);
    },
    { signal: until },
  );

  // Its own button is a tab stop only while it has the focus, and on a screen without a pointer after a tap.
  for (const [event, isPicked] of /** @type {const} */ ([
    ['focusin', true],
    ['focusout', false],
  ])) {
    element.addEventListener(
      event,
      () => {
        remove.tabIndex = isPicked ? 0 : -1;
        element.classList.toggle('is-picked', isPicked);
      },
      { signal: until },
    );
  }

  function showContent() {
    const { isDeleted, type } = item;
    const file = mediaOf(item);
    element.classList.toggle('is-deleted', isDeleted);
    element.classList.toggle('is-system', type === 'system');
    text?.replaceChildren(...(isDeleted ? ['Message deleted'] : linked(item.text).map(textNode)));
    media?.replaceChildren(...(file ? ['src' in file ? photo(file) : textNode(file)] : []));
  }

  function showStatus() {
    const { status, isOwn, id, type, isDeleted } = item;
    element.dataset.status = status;
    element.dataset.own = String(isOwn);
    const marked = isOwn && type !== 'system' && !isDeleted;
    if (mark) {
      mark.hidden = !marked;
      mark.ariaLabel = marked ? statusText[status] : null;
      mark.title = marked ? statusText[status] : '';
    }
    remove.hidden = !marked || id === null || !client.capabilities.deleteMessage;
    trouble.show(item);
  }

  /** @param {MessageRow} row */
  function show(row) {
    item = row.item;
    element.classList.toggle('is-first', row.isFirst);
    element.classList.toggle('is-last', row.isLast);
    face.hidden = !row.isFirst || item.type === 'system';
    showFace(element, 'visavis-avatar', face.hidden ? null : item.sender.id);
    if (
      shown?.text !== item.text ||
      shown.mediaUrl !== item.mediaUrl ||
      shown.type !== item.type ||
      shown.isDeleted !== item.isDeleted
    )
      showContent();
    if (shown?.createdAt !== item.createdAt) {
      time.dateTime = new Date(item.createdAt).toISOString();
      time.textContent = clockTime(item.createdAt);
      time.title = fullTime(item.createdAt);
    }
    if (by) by.textContent = item.type === 'system' ? '' : `${item.isOwn ? 'You' : item.sender.name}: `;
    showStatus();
    shown = item;
  }

  show(first);
  return { element, update: show, end: () => life.abort() };
}

/** @param {string | import('../../shared/message-text.js').Link} part */
function textNode(part) {
  if (typeof part === 'string') return part;
  const element = document.createElement('a');
  element.href = part.href;
  element.target = '_blank';
  element.rel = 'noopener noreferrer';
  element.textContent = part.text;
  return element;
}

/** @param {{ readonly src: string, readonly alt: string }} file */
function photo({ src, alt }) {
  const element = document.createElement('img');
  element.src = src;
  element.alt = alt;
  element.loading = 'lazy';
  element.draggable = false;
  return element;
}
