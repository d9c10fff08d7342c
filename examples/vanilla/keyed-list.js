// @ts-check

/**
 * One element of a list, and how to keep it up to date.
 *
 * @template T
 * @typedef {object} Part
 * @property {HTMLElement} element
 * @property {(item: T) => void} update called when the item is another object than before
 * @property {() => void} [end] the element has left the page
 */

/**
 * Children of `parent` by key: an item keeps its element, and only what changed is touched.
 *
 * @template {{ readonly key: string }} T
 * @param {HTMLElement} parent
 * @param {(item: T) => Part<T>} make an element that shows the item
 */
export function createKeyedList(parent, make) {
  /** @type {Map<string, { item: T, part: Part<T> }>} */
  const held = new Map();

  /** @param {T} item */
  function elementOf(item) {
    const before = held.get(item.key);
    if (!before) {
      const part = make(item);
      held.set(item.key, { item, part });
      return part.element;
    }
    if (before.item !== item) {
      before.item = item;
      before.part.update(item);
    }
    return before.part.element;
  }

  /** @param {ReadonlySet<string>} wanted */
  function dropOthers(wanted) {
    for (const [key, { part }] of held) {
      if (wanted.has(key)) continue;
      held.delete(key);
      part.element.remove();
      part.end?.();
    }
  }

  return {
    /** @param {readonly T[]} items */
    render(items) {
      const focused = document.activeElement;
      dropOthers(new Set(items.map(({ key }) => key)));
      let next = parent.firstElementChild;
      for (const item of items) {
        const element = elementOf(item);
        if (element === next) next = next.nextElementSibling;
        else parent.insertBefore(element, next);
      }
      // Moving an element takes its focus away.
      if (focused instanceof HTMLElement && focused !== document.activeElement && parent.contains(focused))
        focused.focus({ preventScroll: true });
    },
    /** @param {string} key */
    element: (key) => held.get(key)?.part.element,
    clear: () => dropOthers(new Set()),
  };
}
