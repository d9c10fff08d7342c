import type { Avatar } from '../index.ts';

/** Pixels a side that every thumbnail has at least. */
const thumbPixels = 64;

/** The picture that is sharp at so many CSS pixels a side. */
export function sharpUrl({ url, thumbUrl }: Avatar, size: number): string {
  return size * devicePixelRatio > thumbPixels ? url : thumbUrl;
}

/** Keeps an image at the first of several addresses that loads. */
export interface ShownImage {
  /** Addresses by preference. Until another one has loaded, the browser goes on showing the one before. */
  show(urls: readonly (string | null)[]): void;
  readonly state: 'empty' | 'loading' | 'loaded';
  /** Takes the picture away at once, as when it is another person's. */
  clear(): void;
  /** Begins to follow what becomes of the image. Returns the undo. */
  follow(): () => void;
}

/** @param onChange told when a picture has loaded, and when one could not be loaded */
export function createShownImage(image: HTMLImageElement, onChange: () => void): ShownImage {
  const broken = new Set<string>();
  let wanted: readonly (string | null)[] = [];
  let url = image.getAttribute('src');
  let isLoaded = false;

  const isThere = () => url !== null && image.complete && image.naturalWidth > 0;

  function choose() {
    const next = wanted.find((each) => each && !broken.has(each)) ?? null;
    if (next === url) return;
    url = next;
    if (url === null) image.removeAttribute('src');
    else image.src = url;
    isLoaded = url !== null && (isLoaded || isThere());
  }

  function settle({ type }: Event) {
    if (url === null) return;
    isLoaded = type === 'load';
    if (!isLoaded) {
      broken.add(url);
      choose();
    }
    onChange();
  }

  function retry() {
    broken.clear();
    choose();
  }

  return {
    show(urls) {
      wanted = urls;
      choose();
    },
    get state() {
      if (url === null) return 'empty';
      return isLoaded ? 'loaded' : 'loading';
    },
    clear() {
      wanted = [];
      choose();
    },
    follow() {
      isLoaded = isThere();
      const listeners = new AbortController();
      const { signal } = listeners;
      image.addEventListener('load', settle, { signal });
      image.addEventListener('error', settle, { signal });
      addEventListener('online', retry, { signal });
      return () => listeners.abort();
    },
  };
}
