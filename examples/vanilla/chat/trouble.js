// @ts-check
import { copyTemplate, only } from '../dom.js';
import { explainSend } from './send-error-text.js';

/** @typedef {import('../../../src/index.ts').MessageItem} MessageItem */

/**
 * Beneath a message that was not sent: why, and what can be done.
 *
 * @param {HTMLElement} message
 * @param {import('../../../src/index.ts').VisavisClient} client
 */
export function troublePart(message, client) {
  /** @type {HTMLElement | undefined} */
  let box;

  /** @param {string} clientId */
  function open(clientId) {
    const made = only(copyTemplate('trouble-template'), '.trouble', HTMLElement);
    only(made, '[data-slot=retry]', HTMLButtonElement).onclick = () => void client.messages.retry(clientId);
    only(made, '[data-slot=discard]', HTMLButtonElement).onclick = () =>
      void client.messages.discard(clientId);
    message.append(made);
    return made;
  }

  return {
    /** @param {MessageItem} item */
    show({ status, error, clientId }) {
      const isStuck = (status === 'failed' || status === 'uncertain') && clientId !== null;
      if (!isStuck) {
        if (box?.contains(document.activeElement)) message.focus({ preventScroll: true });
        box?.remove();
        box = undefined;
        return;
      }
      box ??= open(clientId);
      only(box, '[data-slot=why]', HTMLElement).textContent =
        status === 'failed'
          ? explainSend(error)
          : 'It may have arrived, or not. Sending it again may double it.';
    },
  };
}
