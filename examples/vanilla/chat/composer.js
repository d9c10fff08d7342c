// @ts-check
import { checkDraft, drafts } from '../../shared/draft.js';
import { explainSend } from '../../shared/send-error-text.js';
import { byId } from '../dom.js';

/**
 * Where one writes: Enter sends, Shift and Enter starts a new line.
 *
 * @param {object} options
 * @param {import('../../../src/index.ts').VisavisClient} options.client
 * @param {string} options.id of the conversation
 * @param {AbortSignal} options.signal
 * @param {() => void} options.onSend
 */
export function showComposer({ client, id, signal, onSend }) {
  const form = byId('composer-form', HTMLFormElement);
  const input = byId('composer', HTMLTextAreaElement);
  const button = byId('send', HTMLButtonElement);
  const count = byId('composer-count', HTMLElement);
  const error = byId('composer-error', HTMLElement);
  const draftKey = `${client.userId}/${id}`;

  function show() {
    const { canSend, isOver, count: countText } = checkDraft(input.value);
    button.disabled = !canSend;
    count.textContent = countText;
    count.classList.toggle('is-over', isOver);
    input.ariaInvalid = String(isOver);
    grow();
  }

  /** For browsers that cannot size a field by its content. */
  function grow() {
    if (CSS.supports('field-sizing', 'content')) return;
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight}px`;
  }

  /** @param {string} text */
  function setText(text) {
    input.value = text;
    drafts.set(draftKey, text);
    show();
  }

  async function send() {
    const text = input.value.trim();
    if (!checkDraft(text).canSend) return;
    setText('');
    error.textContent = '';
    onSend();
    try {
      await client.messages.send(id, { text });
    } catch (reason) {
      if (signal.aborted) return void drafts.set(draftKey, text);
      // Nothing was kept, so what was written comes back.
      if (input.value === '') setText(text);
      error.textContent = explainSend(reason);
    }
  }

  input.addEventListener(
    'input',
    () => {
      drafts.set(draftKey, input.value);
      error.textContent = '';
      show();
      if (input.value.trim() === '') client.realtime.stopTyping(id);
      else client.realtime.keystroke(id);
    },
    { signal },
  );
  input.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void send();
    },
    { signal },
  );
  input.addEventListener('blur', () => client.realtime.stopTyping(id), { signal });
  form.addEventListener(
    'submit',
    (event) => {
      event.preventDefault();
      void send();
      input.focus();
    },
    { signal },
  );
  signal.addEventListener('abort', () => client.realtime.stopTyping(id), { once: true });
  error.textContent = '';
  setText(drafts.get(draftKey) ?? '');
}
