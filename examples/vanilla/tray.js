// @ts-check
import { byId, copyTemplate, only } from './dom.js';

const doneMs = 6_000;

const stages = {
  inspect: 'Looking at the picture',
  compress: 'Making it small',
  presign: 'Finding a place for it',
  put: 'Sending it',
  complete: 'Telling everyone',
};

const kilobytes = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

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
      stageLine.textContent = stages.inspect;
      say(stages.inspect);
      cancel.onclick = onCancel;
      show('progress');
    },
    /** @param {import('../../src/index.ts').UploadProgress} progress */
    progress({ stage, loaded, total, fraction }) {
      bar.value = fraction;
      say(stages[stage]);
      const sent = `${kilobytes.format(loaded / 1000)} of ${kilobytes.format(total / 1000)} kB`;
      stageLine.textContent = stage === 'put' ? `${stages.put}, ${sent}` : stages[stage];
    },
    /** @param {string} text */
    done(text) {
      doneLine.textContent = text;
      show('done');
      say(text);
      timer = window.setTimeout(hint, doneMs);
    },
    /**
     * @param {import('./error-text.js').ErrorText} text
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
