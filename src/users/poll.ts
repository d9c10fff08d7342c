import type { Clock } from '../lib/clock.ts';
import { isPageVisible, watchPage } from '../lib/page.ts';
import type { Loader } from './loader.ts';

/** Begins to read users on screen again at intervals. Returns the undo. */
export type StartPolling = (settings: {
  readonly clock: Clock;
  readonly loader: Pick<Loader, 'watched' | 'refreshWithin'>;
}) => () => void;

/** Reads the users on screen again every `ms` milliseconds while the page is visible, for backends that tell nothing live. */
export function pollEvery(ms: number): StartPolling {
  return ({ clock, loader }) => {
    let cancel = () => {};
    let isDue = false;

    function tick() {
      isDue = !isPageVisible();
      if (isDue) return;
      // Not all at once: many on screen are many requests.
      for (const id of loader.watched()) loader.refreshWithin(id, { from: 0, to: ms / 10 });
      cancel = clock.schedule(tick, ms);
    }

    cancel = clock.schedule(tick, ms);
    const unwatch = watchPage({
      onReturn() {
        if (isDue) tick();
      },
      onHide() {},
    });
    return () => {
      cancel();
      unwatch();
    };
  };
}
