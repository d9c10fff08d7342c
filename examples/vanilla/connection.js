// @ts-check
import { connectionText } from '../shared/words.js';
import { byId } from './dom.js';

/**
 * Connects, and keeps the header's status true.
 *
 * @param {import('./session.js').Session} session
 */
export function showConnection({ client, signal }) {
  const pill = byId('status', HTMLElement);
  const text = byId('status-text', HTMLElement);
  const show = () => {
    const { status } = client.realtime;
    pill.dataset.status = status;
    text.textContent = connectionText[status];
  };
  signal.addEventListener('abort', client.realtime.on('statusChanged', show), { once: true });
  client.realtime.connect();
  show();
}
