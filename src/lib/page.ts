export interface PageEvents {
  /** The machine came online, or the page to the foreground. */
  onReturn(): void;
  /** The page goes to the background, perhaps for good. */
  onHide(): void;
}

/** Listens to the page; does nothing outside of pages. Returns the undo. */
export function watchPage({ onReturn, onHide }: PageEvents): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {};
  const onVisibility = () => (isPageVisible() ? onReturn() : onHide());
  window.addEventListener('online', onReturn);
  window.addEventListener('pagehide', onHide);
  document.addEventListener('visibilitychange', onVisibility);
  return () => {
    window.removeEventListener('online', onReturn);
    window.removeEventListener('pagehide', onHide);
    document.removeEventListener('visibilitychange', onVisibility);
  };
}

export interface SleepEvents {
  /** The page may not run any further: it is closed, frozen, or kept for the way back. */
  onSleep(): void;
  /** It runs again, or is looked at again. */
  onWake(): void;
}

/** Listens to the page's life (Page Lifecycle, 4) in a page; returns the undo. */
export function watchSleep({ onSleep, onWake }: SleepEvents): () => void {
  const life = new AbortController();
  // Some of them are told to the document alone.
  const options = { capture: true, signal: life.signal };
  const on = (name: string, listener: () => void) => window.addEventListener(name, listener, options);
  on('pagehide', onSleep);
  on('freeze', onSleep);
  on('pageshow', onWake);
  on('resume', onWake);
  // A page that is closed becomes hidden after it was told so.
  on('visibilitychange', () => isPageVisible() && onWake());
  return () => life.abort();
}

/** Whether somebody can see this page; outside of pages always. */
export function isPageVisible(): boolean {
  return typeof document === 'undefined' || document.visibilityState === 'visible';
}
