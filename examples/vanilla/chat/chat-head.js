// @ts-check
import { headText, stateText, stateTone } from '../../shared/words.js';
import { byId, only, showFace } from '../dom.js';

/** @typedef {import('../../../src/index.ts').ConversationItem} ConversationItem */

/**
 * Whom one talks with, whether they are here, and where the request stands.
 */
export function showChatHead() {
  const name = only(byId('chat-name', HTMLElement), '[data-slot=name]', HTMLElement);
  const line = byId('chat-line', HTMLElement);
  const presenceLine = only(line, '[data-slot=presence]', HTMLElement);
  const waiting = only(line, '[data-slot=waiting]', HTMLElement);
  const state = byId('chat-state', HTMLElement);
  showFace(document, '#chat-face', null);
  name.textContent = '\u00a0';
  presenceLine.textContent = '\u00a0';
  waiting.textContent = '';
  state.hidden = true;

  return {
    /** @param {ConversationItem} item */
    show(item) {
      const { otherUser } = item;
      const { here, waiting: awaiting } = headText(item);
      showFace(document, '#chat-face', otherUser?.id ?? null);
      name.textContent = otherUser?.name || '\u00a0';
      state.textContent = stateText(item);
      state.hidden = state.textContent === '';
      state.dataset.tone = stateTone(item);
      line.dataset.presence = otherUser?.presence ?? 'unknown';
      presenceLine.textContent = here;
      waiting.textContent = awaiting;
    },
  };
}
