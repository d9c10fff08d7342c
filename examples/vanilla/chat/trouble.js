// @ts-check
import { troubleText } from '../../shared/words.js';
import { copyTemplate, only } from '../dom.js';

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
    show(item) {
      const why = troubleText(item);
      if (why === '' || item.clientId === null) {
        if (box?.contains(document.activeElement)) message.focus({ preventScroll: true });
        box?.remove();
        box = undefined;
        return;
      }
      box ??= open(item.clientId);
      only(box, '[data-slot=why]', HTMLElement).textContent = why;
    },
  };
}
