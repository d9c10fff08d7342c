// @ts-check

/** What the SDK can read; the server and the SDK decide by content. */
export const acceptedTypes = 'image/jpeg,image/png,image/webp,image/gif';

/**
 * The ways a file comes in beside a button: drag and drop anywhere on the page, and paste.
 *
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {() => void} options.onComing a file is likely to come soon
 * @param {(file: File) => void} options.onFile
 * @param {(isOver: boolean) => void} options.onDrag whether a file is held over the page
 */
export function watchFiles({ signal, onComing, onFile, onDrag }) {
  let depth = 0;

  /** @param {DragEvent} event */
  const isWelcome = ({ dataTransfer }) => !isBusy() && (dataTransfer?.types.includes('Files') ?? false);

  /** @param {number} to */
  const setDepth = (to) => {
    depth = Math.max(0, to);
    onDrag(depth > 0);
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

/**
 * The file that a person chose in an input, which then takes the same file again.
 *
 * @param {EventTarget | null} input
 */
export function takeFile(input) {
  if (!(input instanceof HTMLInputElement)) return;
  const file = input.files?.[0];
  input.value = '';
  return file;
}
