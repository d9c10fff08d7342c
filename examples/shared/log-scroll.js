// @ts-check

/** Pixels from an end that count as being there. */
const nearEnd = 60;
const nearTop = 400;

/**
 * Keeps what a person reads where it is, and the newest in sight for who is at the end.
 *
 * @typedef {object} LogScroll
 * @property {() => void} toEnd
 * @property {boolean} isAtEnd
 * @property {boolean} isNearTop
 * @property {(follow: boolean) => void} settle to be called when the list has changed; `follow` tells whether who is at
 *   the end goes with it
 */

/**
 * @param {HTMLElement} box scrolls
 * @param {HTMLElement} list what it scrolls
 * @param {{ readonly signal: AbortSignal, readonly onMove: () => void }} options
 * @returns {LogScroll}
 */
export function createLogScroll(box, list, { signal, onMove }) {
  // Who has no pointer scrolls by keys.
  box.tabIndex = 0;
  let isAtEnd = true;
  let size = '';
  /** The message at the top of what is in sight, and where it is. @type {{ element: Element, at: number } | undefined} */
  let anchor;

  const sizeNow = () => `${box.clientHeight}/${box.scrollHeight}`;

  /** Where it is in what is scrolled, wherever that is scrolled to. @param {Element} element */
  const placeOf = (element) =>
    element.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;

  function findAnchor() {
    const top = box.getBoundingClientRect().top;
    const element = [...list.children].find(
      (child) => child.classList.contains('message') && child.getBoundingClientRect().bottom > top,
    );
    return element && { element, at: placeOf(element) };
  }

  function measure() {
    isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < nearEnd;
    size = sizeNow();
    anchor = findAnchor();
  }

  function toEnd() {
    box.scrollTop = box.scrollHeight;
    measure();
    isAtEnd = true;
  }

  function moved() {
    // A change of size is not a person's scrolling, whichever of the two is told first.
    if (isAtEnd && size !== sizeNow()) toEnd();
    else measure();
    onMove();
  }

  box.addEventListener('scroll', moved, { signal, passive: true });
  // The box shrinks for a keyboard or a growing composer, the list grows with what comes in.
  const observer = new ResizeObserver(() => {
    if (isAtEnd) toEnd();
  });
  observer.observe(box);
  observer.observe(list);
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });

  return {
    toEnd,
    get isAtEnd() {
      return isAtEnd;
    },
    get isNearTop() {
      return box.scrollTop < nearTop;
    },
    settle(follow) {
      if (!anchor || (follow && isAtEnd)) return toEnd();
      if (anchor.element.isConnected) box.scrollTop += placeOf(anchor.element) - anchor.at;
      measure();
    },
  };
}
