// @ts-check
import { bannerText, patienceMs } from '../../shared/words.js';
import { byId } from '../dom.js';

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
    text.textContent = bannerText(status);
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
