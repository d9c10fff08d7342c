const waiting = new WeakMap<Element, () => void>();
let observer: IntersectionObserver | undefined;

/** A screen ahead, also of what scrolls inside the page. */
const margin = '100%';

function observe(): IntersectionObserver {
  return new IntersectionObserver(
    (entries, own) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        own.unobserve(target);
        waiting.get(target)?.();
      }
    },
    { rootMargin: margin, scrollMargin: margin },
  );
}

/** Calls `listener` once, when the element comes near what is on screen. Returns the undo. */
export function onceNear(element: Element, listener: () => void): () => void {
  observer ??= observe();
  waiting.set(element, listener);
  observer.observe(element);
  return () => {
    waiting.delete(element);
    observer?.unobserve(element);
  };
}
