// @ts-check
import { doneMs, progressText, stageText } from '../shared/upload-text.js';
import { byId, copyTemplate, only } from './dom.js';

/**
 * The space under the picture: a hint, an upload's progress, what went wrong, or that it went well. It never changes size.
 *
 * @param {{ readonly signal: AbortSignal, readonly fallback: HTMLElement }} options `fallback` gets the focus that a
 *   vanishing button had
 */
export function createTray({ signal, fallback }) {
  const tray = byId('tray', HTMLElement);
  const bar = byId('progress', HTMLProgressElement);
  const stageLine = byId('stage', HTMLElement);
  const cancel = byId('cancel', HTMLButtonElement);
  const errorBox = byId('error', HTMLElement);
  const doneLine = byId('done', HTMLElement);
  const note = byId('note', HTMLElement);
  /** @type {number | undefined} */
  let timer;

  /** @param {'hint' | 'progress' | 'error' | 'done'} part */
  function show(part) {
    const hadFocus = tray.contains(document.activeElement);
    window.clearInterval(timer);
    tray.dataset.shows = part;
    if (part !== 'error') errorBox.replaceChildren();
    if (hadFocus) (part === 'progress' ? cancel : fallback).focus();
  }

  /** @param {string} text */
  function say(text) {
    if (note.textContent !== text) note.textContent = text;
  }

  function hint() {
    show('hint');
    say('');
  }

  signal.addEventListener('abort', hint, { once: true });

  return {
    hint,
    /** @param {() => void} onCancel */
    start(onCancel) {
      bar.value = 0;
      stageLine.textContent = stageText.inspect;
      say(stageText.inspect);
      cancel.onclick = onCancel;
      show('progress');
    },
    /** @param {import('../../src/index.ts').UploadProgress} progress */
    progress(progress) {
      bar.value = progress.fraction;
      say(stageText[progress.stage]);
      stageLine.textContent = progressText(progress);
    },
    /** @param {string} text */
    done(text) {
      doneLine.textContent = text;
      show('done');
      say(text);
      timer = window.setTimeout(hint, doneMs);
    },
    /**
     * @param {import('../shared/error-text.js').ErrorText} text
     * @param {() => void} retry
     */
    error({ title, hint: advice, retryable, waitMs }, retry) {
      show('error');
      say('');
      const content = copyTemplate('error-template');
      only(content, '[data-slot=title]', HTMLElement).textContent = title;
      only(content, '[data-slot=hint]', HTMLElement).textContent = advice;
      const again = only(content, '[data-slot=retry]', HTMLButtonElement);
      only(content, '[data-slot=dismiss]', HTMLButtonElement).addEventListener('click', hint);
      if (retryable) {
        again.addEventListener('click', retry);
        timer = countDown(again, waitMs);
      } else again.remove();
      errorBox.replaceChildren(content);
    },
  };
}

/**
 * @param {HTMLButtonElement} button
 * @param {number} waitMs
 */
function countDown(button, waitMs) {
  const end = Date.now() + waitMs;
  const word = button.textContent;
  const tick = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    button.disabled = seconds > 0;
    button.textContent = seconds > 0 ? `${word} in ${seconds} s` : word;
    if (seconds <= 0) window.clearInterval(timer);
  };
  const timer = window.setInterval(tick, 250);
  tick();
  return timer;
}
