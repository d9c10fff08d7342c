// @ts-check
import { unreadLabel } from './words.js';

/**
 * @param {HTMLElement} badge
 * @param {number} unread
 */
export function showBadge(badge, unread) {
  const text = unread > 99 ? '99+' : String(unread);
  badge.hidden = unread === 0;
  if (badge.textContent === text) return;
  badge.textContent = unread === 0 ? '' : text;
  badge.ariaLabel = unread === 0 ? null : unreadLabel(unread);
}
