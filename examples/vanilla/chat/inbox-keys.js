// @ts-check

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
  list.addEventListener(
    'keydown',
    (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const all = links();
      const at = all.findIndex((link) => link.contains(document.activeElement));
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      all[Math.max(0, Math.min(to, all.length - 1))]?.focus();
    },
    { signal },
  );
  return { refresh };
}
