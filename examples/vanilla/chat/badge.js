// @ts-check
import { badgeText, unreadLabel } from '../../shared/words.js';

/**
 * @param {HTMLElement} badge
 * @param {number} unread
 */
export function showBadge(badge, unread) {
  const text = unread === 0 ? '' : badgeText(unread);
  badge.hidden = unread === 0;
  if (badge.textContent === text) return;
  badge.textContent = text;
  badge.ariaLabel = unread === 0 ? null : unreadLabel(unread);
}
