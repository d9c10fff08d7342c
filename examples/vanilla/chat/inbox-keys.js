// @ts-check
import { walk } from '../../shared/focus.js';

/**
 * One tab stop for all rows; the arrow keys, Home and End move along them.
 *
 * @param {HTMLElement} list
 * @param {AbortSignal} signal
 */
export function roveRows(list, signal) {
  const links = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll('a')]);

  /** The row the tab key comes to: where one was, else the open one, else the first. */
  function refresh() {
    const all = links();
    const stop =
      all.find((link) => link === document.activeElement) ?? all.find((link) => link.ariaCurrent) ?? all[0];
    for (const link of all) link.tabIndex = link === stop ? 0 : -1;
  }

  list.addEventListener('focusin', refresh, { signal });
  list.addEventListener('keydown', (event) => walk(event, list, 'a'), { signal });
  return { refresh };
}
