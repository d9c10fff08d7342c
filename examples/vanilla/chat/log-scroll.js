// @ts-check

/** Pixels from an end that count as being there. */
const nearEnd = 60;
const nearTop = 400;

/**
 * Keeps what a person reads where it is, and the newest in sight for who is at the end.
 *
 * @param {HTMLElement} box scrolls
 * @param {HTMLElement} list what it scrolls
 * @param {{ readonly signal: AbortSignal, readonly onMove: () => void }} options
 */
export function createLogScroll(box, list, { signal, onMove }) {
  let isAtEnd = true;
  let size = '';

  const sizeNow = () => `${box.clientHeight}/${box.scrollHeight}`;

  const toEnd = () => {
    isAtEnd = true;
    box.scrollTop = box.scrollHeight;
    size = sizeNow();
  };

  const measure = () => {
    isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < nearEnd;
    size = sizeNow();
  };

  function moved() {
    // A change of size is not a person's scrolling, whichever of the two is told first.
    if (isAtEnd && size !== sizeNow()) toEnd();
    else measure();
    onMove();
  }

  /** The message at the top of what is in sight. */
  function anchor() {
    const top = box.getBoundingClientRect().top;
    for (const element of list.children) {
      if (!element.classList.contains('message')) continue;
      const rect = element.getBoundingClientRect();
      if (rect.bottom > top) return { element, top: rect.top };
    }
    return undefined;
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
    /**
     * @param {boolean} follow whether who is at the end goes with it
     * @param {() => void} change changes the list
     */
    keep(follow, change) {
      const held = follow && isAtEnd ? undefined : anchor();
      change();
      if (!held) return toEnd();
      if (held.element.isConnected) box.scrollTop += held.element.getBoundingClientRect().top - held.top;
      measure();
    },
  };
}
