// @ts-check
import { byId, only } from '../dom.js';
import { avatarElement } from '../face.js';
import { awaitingText, presenceText, stateText, stateTone } from './words.js';

/** @typedef {import('../../../src/index.ts').ConversationItem} ConversationItem */

/**
 * Whom one talks with, whether they are here, and where the request stands.
 *
 * @param {import('../../../src/index.ts').VisavisClient} client
 * @param {AbortSignal} signal
 */
export function showChatHead(client, signal) {
  const face = byId('chat-face', HTMLElement);
  const name = only(byId('chat-name', HTMLElement), '[data-slot=name]', HTMLElement);
  const line = byId('chat-line', HTMLElement);
  const presenceLine = only(line, '[data-slot=presence]', HTMLElement);
  const waiting = only(line, '[data-slot=waiting]', HTMLElement);
  const state = byId('chat-state', HTMLElement);
  /** @type {string | null} */
  let faceOf = null;
  face.replaceChildren();
  name.textContent = '\u00a0';
  presenceLine.textContent = '\u00a0';
  waiting.textContent = '';
  state.hidden = true;

  return {
    /** @param {ConversationItem} item */
    show(item) {
      const { otherUser } = item;
      const presence = otherUser?.presence ?? 'unknown';
      if (otherUser && otherUser.id !== faceOf) {
        faceOf = otherUser.id;
        const live = client.users.live(otherUser.id);
        face.replaceChildren(avatarElement(live, { size: 44, signal, named: true, testId: 'chat' }));
      }
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
