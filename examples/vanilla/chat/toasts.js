// @ts-check
import { router, threadHash } from '../../shared/router.js';
import { byId, copyTemplate, only } from '../dom.js';

/** Milliseconds a toast stays. */
const stayMs = 8_000;
const maxToasts = 3;

/**
 * What the backend wants a person to know, such as a new request: a line that leads to the conversation.
 *
 * @param {import('../session.js').Session} session
 */
export function showToasts({ client, signal }) {
  const list = byId('toasts', HTMLElement);

  /** @param {import('../../../src/index.ts').NotificationReceived} notification */
  function show({ type, title, body, conversationId }) {
    // Messages show in the inbox already, and what is open on the screen needs no pointing at.
    if (type === 'message' || conversationId === router.getSnapshot().view.id) return;
    const toast = only(copyTemplate('toast-template'), '.toast', HTMLAnchorElement);
    only(toast, '[data-slot=title]', HTMLElement).textContent = title ?? 'News';
    only(toast, '[data-slot=body]', HTMLElement).textContent = body ?? '';
    if (conversationId !== null) toast.href = threadHash(conversationId);
    toast.addEventListener('click', () => toast.remove());
    list.append(toast);
    while (list.childElementCount > maxToasts) list.firstElementChild?.remove();
    window.setTimeout(() => toast.remove(), stayMs);
  }

  const undo = client.realtime.on('notification', show);
  signal.addEventListener('abort', () => {
    undo();
    list.replaceChildren();
  });
}
