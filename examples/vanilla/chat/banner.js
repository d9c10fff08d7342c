// @ts-check
import { byId } from '../dom.js';

/** Milliseconds a short interruption may last before it is worth a word. */
const patienceMs = 800;

/**
 * Says in words what the connection's state means for the person.
 *
 * @param {import('../session.js').Session} session
 */
export function showBanner({ client, signal }) {
  const banner = byId('banner', HTMLElement);
  const text = byId('banner-text', HTMLElement);
  /** @type {number | undefined} */
  let timer;

  function show() {
    const { status } = client.realtime;
    banner.dataset.status = status;
    text.textContent = words(status);
    window.clearTimeout(timer);
    if (status === 'live') banner.hidden = true;
    else if (banner.hidden) timer = window.setTimeout(reveal, patienceMs);
  }

  const reveal = () => {
    banner.hidden = client.realtime.status === 'live';
  };

  const undo = client.realtime.on('statusChanged', show);
  for (const name of ['online', 'offline']) window.addEventListener(name, show, { signal });
  signal.addEventListener('abort', () => {
    undo();
    window.clearTimeout(timer);
    banner.hidden = true;
  });
  show();
}

/** @param {import('../../../src/index.ts').ConnectionStatus} status */
function words(status) {
  if (!navigator.onLine && status !== 'live')
    return 'You are offline. What you write is kept and sent when you are back.';
  switch (status) {
    case 'offline':
      return 'Not connected. What you write is kept.';
    case 'connecting':
      return 'Connecting… What you write is kept and sent as soon as it works.';
    case 'syncing':
      return 'Connected. Catching up on what you missed…';
    case 'stale':
      return 'Connected, but what you missed could not be read yet. Trying again…';
    case 'live':
      return '';
  }
}
