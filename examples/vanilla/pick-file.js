// @ts-check
import { byId } from './dom.js';

/**
 * Every way a file comes in: the button, drag and drop anywhere on the page, and paste.
 *
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {() => void} options.onComing a file is likely to come soon
 * @param {(file: File) => void} options.onFile
 */
export function watchFiles({ signal, onComing, onFile }) {
  const input = byId('file-input', HTMLInputElement);
  const drop = byId('drop', HTMLElement);
  let depth = 0;

  byId('change', HTMLButtonElement).addEventListener(
    'click',
    () => {
      onComing();
      input.click();
    },
    { signal },
  );
  input.addEventListener(
    'change',
    () => {
      const file = input.files?.[0];
      // The same file may be chosen again.
      input.value = '';
      if (file) onFile(file);
    },
    { signal },
  );

  /** @param {DragEvent} event */
  const isWelcome = ({ dataTransfer }) => !isBusy() && (dataTransfer?.types.includes('Files') ?? false);

  /** @param {number} to */
  const setDepth = (to) => {
    depth = Math.max(0, to);
    drop.classList.toggle('is-open', depth > 0);
  };

  window.addEventListener(
    'dragenter',
    (event) => {
      if (!isWelcome(event)) return;
      if (depth === 0) onComing();
      setDepth(depth + 1);
    },
    { signal },
  );
  window.addEventListener('dragleave', () => setDepth(depth - 1), { signal });
  window.addEventListener('dragover', (event) => event.preventDefault(), { signal });
  window.addEventListener(
    'drop',
    (event) => {
      // Without this the browser leaves the page and opens the file.
      event.preventDefault();
      const file = isWelcome(event) ? event.dataTransfer?.files[0] : undefined;
      setDepth(0);
      if (file) onFile(file);
    },
    { signal },
  );
  window.addEventListener(
    'paste',
    (event) => {
      const file = event.clipboardData?.files[0];
      if (file && !isBusy()) onFile(file);
    },
    { signal },
  );
  signal.addEventListener('abort', () => setDepth(0), { once: true });
}

const isBusy = () => document.querySelector('dialog[open]') !== null;
