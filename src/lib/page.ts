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

/** Whether somebody can see this page; outside of pages always. */
export function isPageVisible(): boolean {
  return typeof document === 'undefined' || document.visibilityState === 'visible';
}
