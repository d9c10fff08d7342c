// @ts-check
import { byId } from './dom.js';

const dialog = byId('delete-dialog', HTMLDialogElement);
byId('delete-confirm', HTMLButtonElement).addEventListener('click', () => dialog.close('confirm'));
byId('delete-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());

/**
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether the person is sure
 */
export function confirmDelete(signal) {
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
}
