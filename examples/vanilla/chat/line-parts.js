// @ts-check
import { dayName } from '../../shared/times.js';
import { gapText } from '../../shared/words.js';
import { copyTemplate, only } from '../dom.js';

/** @typedef {import('../../shared/thread-rows.js').DayRow} DayRow */
/** @typedef {import('../../shared/thread-rows.js').GapRow} GapRow */

/**
 * The line between two days, and above what is new.
 *
 * @param {DayRow} first
 * @returns {import('../keyed-list.js').Part<DayRow>}
 */
export function dayPart(first) {
  const element = document.createElement('div');
  element.className = 'day';
  element.dataset.testid = 'day';
  /** @param {DayRow} row */
  const show = ({ at, isNew }) => {
    element.textContent = isNew ? `New · ${dayName(at)}` : dayName(at);
    element.classList.toggle('is-new', isNew);
  };
  show(first);
  return { element, update: show };
}

/**
 * Messages that are not loaded.
 *
 * @param {(key: string) => Promise<void>} fill
 * @param {GapRow} first
 * @returns {import('../keyed-list.js').Part<GapRow>}
 */
export function gapPart(fill, first) {
  const element = only(copyTemplate('gap-template'), '.gap', HTMLElement);
  const text = only(element, '[data-slot=text]', HTMLElement);
  const button = only(element, '[data-slot=load]', HTMLButtonElement);
  /** @param {GapRow} row */
  const show = ({ item }) => {
    text.textContent = gapText(item);
  };
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await fill(first.key);
    } catch {
      text.textContent = 'These messages could not be loaded';
    }
    button.disabled = false;
  });
  show(first);
  return { element, update: show };
}
