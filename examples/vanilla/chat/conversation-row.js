// @ts-check
import { threadHash } from '../../shared/router.js';
import { rowTime } from '../../shared/times.js';
import { dotText, previewText, stateText, stateTone } from '../../shared/words.js';
import { copyTemplate, only, showFace } from '../dom.js';
import { showBadge } from './badge.js';

/** @typedef {import('../../../src/index.ts').ConversationItem} ConversationItem */

/**
 * One conversation of the inbox: a link that keeps itself up to date.
 *
 * @param {ConversationItem} first
 * @returns {import('../keyed-list.js').Part<{ readonly key: string, readonly item: ConversationItem }>}
 */
export function conversationRow(first) {
  const element = only(copyTemplate('row-template'), 'li', HTMLLIElement);
  const link = only(element, 'a', HTMLAnchorElement);
  /** @param {string} name */
  const slot = (name) => only(element, `[data-slot=${name}]`, HTMLElement);
  const name = slot('name');
  const time = only(element, 'time', HTMLTimeElement);
  const preview = slot('preview');
  const badge = slot('badge');
  const state = slot('state');
  const presence = slot('presence');
  link.dataset.conversationId = first.id;
  link.href = threadHash(first.id);
  showFace(element, 'visavis-avatar', first.otherUser?.id ?? null);

  /** @param {ConversationItem} item */
  function show(item) {
    const { otherUser, typing, unread, lastMessage, activityAt } = item;
    name.textContent = otherUser?.name || '\u00a0';
    time.dateTime = new Date(activityAt).toISOString();
    time.textContent = rowTime(activityAt);
    const isTyping = typing.length > 0;
    preview.textContent = isTyping ? 'typing…' : previewText(lastMessage);
    preview.classList.toggle('is-typing', isTyping);
    preview.classList.toggle('is-soft', !isTyping && !lastMessage?.text);
    link.classList.toggle('is-unread', unread > 0);
    showBadge(badge, unread);
    state.textContent = stateText(item);
    state.hidden = state.textContent === '';
    state.dataset.tone = stateTone(item);
    presence.dataset.presence = otherUser?.presence ?? 'unknown';
    const here = dotText(otherUser?.presence ?? 'unknown');
    presence.role = here ? 'img' : null;
    presence.ariaLabel = here || null;
  }

  show(first);
  return { element, update: ({ item }) => show(item) };
}
