// @ts-check
import { byId } from './dom.js';

/**
 * A dialog that asks one question.
 *
 * @param {string} name of its elements' ids
 * @returns {(signal: AbortSignal) => Promise<boolean>} whether the person is sure
 */
export function confirmDialog(name) {
  const dialog = byId(`${name}-dialog`, HTMLDialogElement);
  byId(`${name}-confirm`, HTMLButtonElement).addEventListener('click', () => dialog.close('confirm'));
  byId(`${name}-cancel`, HTMLButtonElement).addEventListener('click', () => dialog.close());

  return (signal) => {
    const onAbort = () => dialog.close();
    signal.addEventListener('abort', onAbort, { once: true });
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener(
        'close',
        () => {
          signal.removeEventListener('abort', onAbort);
          resolve(dialog.returnValue === 'confirm');
        },
        { once: true },
      );
    });
  };
}

/** Whether a person is sure to delete their picture. */
export const confirmDelete = confirmDialog('delete');
