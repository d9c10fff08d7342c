// @ts-check
import { byId } from './dom.js';

/** @type {Readonly<Record<import('../../src/index.ts').ConnectionStatus, string>>} */
const words = {
  offline: 'Offline',
  connecting: 'Connecting',
  syncing: 'Catching up',
  live: 'Live',
  stale: 'Out of date',
};

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
    text.textContent = words[status];
  };
  signal.addEventListener('abort', client.realtime.on('statusChanged', show), { once: true });
  client.realtime.connect();
  show();
}
