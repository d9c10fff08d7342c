// @ts-check

import { explain } from '../shared/error-text.js';
import { endText, isSuperseded } from '../shared/upload-text.js';
import { takeFile, watchFiles } from '../shared/watch-files.js';
import { confirmDelete } from './confirm-delete.js';
import { chooseCrop } from './crop-dialog.js';
import { byId } from './dom.js';
import { createTray } from './tray.js';

/**
 * The signed-in person's own picture: see it, change it, delete it.
 *
 * @param {import('./session.js').Session} session
 */
export function showMyPicture({ client, userId, signal }) {
  const live = client.users.live(userId);
  const change = byId('change', HTMLButtonElement);
  const remove = byId('delete', HTMLButtonElement);
  const input = byId('file-input', HTMLInputElement);
  const drop = byId('drop', HTMLElement);
  const ring = byId('portrait-ring', HTMLElement);
  const name = byId('my-name', HTMLElement);
  const tray = createTray({ signal, fallback: change });
  /** @type {AbortController | undefined} */
  let running;

  const show = () => {
    const { avatar, pending, name: myName } = live.getSnapshot();
    ring.classList.toggle('is-pending', pending);
    name.textContent = myName || '\u00a0';
    change.textContent = avatar ? 'Change picture' : 'Choose a picture';
    if (!avatar && document.activeElement === remove) change.focus();
    remove.disabled = !avatar;
  };
  signal.addEventListener('abort', live.subscribe(show), { once: true });
  show();

  const onFile = (/** @type {File | undefined} */ file) => file && void open(file);
  watchFiles({
    signal,
    onFile,
    onComing: () => client.avatar.warm(),
    onDrag: (isOver) => drop.classList.toggle('is-open', isOver),
  });
  change.addEventListener(
    'click',
    () => {
      client.avatar.warm();
      input.click();
    },
    { signal },
  );
  input.addEventListener('change', () => onFile(takeFile(input)), { signal });
  remove.addEventListener('click', () => void askAndDelete(), { signal });

  /** @param {File} file */
  async function open(file) {
    client.avatar.warm();
    try {
      // Before the crop dialog, so that nobody frames a picture that cannot be used.
      const size = await client.avatar.inspect(file, { signal });
      const crop = await chooseCrop(file, size, signal);
      if (crop) await upload(file, crop);
    } catch (error) {
      fail(error, () => void open(file));
    }
  }

  /**
   * @param {File} file
   * @param {import('../../src/index.ts').CropRect} crop
   */
  async function upload(file, crop) {
    const run = new AbortController();
    running = run;
    tray.start(() => run.abort());
    try {
      await client.avatar.upload(file, {
        crop,
        signal: AbortSignal.any([signal, run.signal]),
        onProgress: (progress) => {
          if (running === run) tray.progress(progress);
        },
      });
      if (running === run) tray.done(endText.saved);
    } catch (error) {
      if (running !== run) return;
      if (run.signal.aborted) return tray.done(endText.stopped);
      if (isSuperseded(error)) return tray.done(endText.superseded);
      fail(error, () => void upload(file, crop));
    } finally {
      if (running === run) running = undefined;
    }
  }

  async function askAndDelete() {
    if (await confirmDelete(signal)) await deletePicture();
  }

  async function deletePicture() {
    running = undefined;
    tray.hint();
    try {
      await client.avatar.delete({ signal });
      tray.done(endText.deleted);
    } catch (error) {
      fail(error, () => void deletePicture());
    }
  }

  /**
   * @param {unknown} error
   * @param {() => void} retry
   */
  function fail(error, retry) {
    if (!signal.aborted) tray.error(explain(error), retry);
  }
}
