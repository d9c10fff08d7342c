import { useEffect, useSyncExternalStore } from 'react';
import { followFocus } from '../../shared/focus.js';
import { router, type View } from '../../shared/router.js';

/** Where the page is. The focus follows. */
export function useView(): View {
  const place = useSyncExternalStore(router.subscribe, router.getSnapshot);
  useEffect(() => followFocus(place), [place]);
  return place.view;
}
