// @ts-check
import { byId, only, showFace } from '../dom.js';
import { awaitingText, presenceText, stateText, stateTone } from './words.js';

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
      const presence = otherUser?.presence ?? 'unknown';
      showFace(document, '#chat-face', otherUser?.id ?? null);
      name.textContent = otherUser?.name || '\u00a0';
      state.textContent = stateText(item);
      state.hidden = state.textContent === '';
      state.dataset.tone = stateTone(item);
      const here = presenceText[presence];
      const awaiting = awaitingText(item);
      line.dataset.presence = presence;
      presenceLine.textContent = here || (awaiting ? '' : '\u00a0');
      waiting.textContent = here && awaiting ? ` · ${awaiting}` : awaiting;
    },
  };
}
