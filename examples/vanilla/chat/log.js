// @ts-check
import { byId } from '../dom.js';
import { createKeyedList } from '../keyed-list.js';
import { dayPart, gapPart } from './line-parts.js';
import { walkMessages } from './log-keys.js';
import { createLogScroll } from './log-scroll.js';
import { messagePart } from './message-part.js';
import { firstUnread, threadRows } from './thread-rows.js';
import { watchDays } from './times.js';
import { confirmUnsend } from './unsend.js';

/** @typedef {import('./thread-rows.js').ThreadRow} ThreadRow */

/** Milliseconds after which what was put in is not read out as news. */
const quietMs = 500;

/**
 * The messages of a thread: oldest first, older ones above on demand, the newest in sight.
 *
 * @param {object} options
 * @param {import('../../../src/index.ts').VisavisClient} options.client
 * @param {import('../../../src/index.ts').LiveThread} options.live
 * @param {number} options.unread when the thread was opened
 * @param {AbortSignal} options.signal
 * @param {(text: string) => void} options.onNews for whoever cannot see it
 */
export function showLog({ client, live, unread, signal, onNews }) {
  const box = byId('log', HTMLElement);
  const list = byId('messages', HTMLElement);
  const older = byId('load-older', HTMLButtonElement);
  const note = byId('log-note', HTMLElement);
  const jump = byId('jump', HTMLButtonElement);
  const jumpText = byId('jump-text', HTMLElement);
  const scroll = createLogScroll(box, list, { signal, onMove: moved });
  walkMessages(box, list, signal);

  /** @type {ReturnType<typeof createKeyedList<ThreadRow>>} */
  const parts = createKeyedList(list, (row) => {
    if (row.kind === 'day') return /** @type {never} */ (dayPart(row));
    if (row.kind === 'gap') return /** @type {never} */ (gapPart(live.fillGap, row));
    return /** @type {never} */ (messagePart({ client, signal, onDelete: (item) => void remove(item) }, row));
  });
  /** @type {Map<string, ThreadRow>} */
  let rows = new Map();
  /** @type {string | null} */
  let newFrom = null;
  let isFirstTime = true;
  let isLoading = false;
  let hasFailed = false;
  /** Whether what was shown last ended with the newest message. */
  let isNewest = true;
  /** Key of the newest message that was in sight. */
  let readTo = '';
  /** @type {number | undefined} */
  let quiet;

  function show() {
    const { items, status, hasOlder, hasNewer, unread: unreadNow } = live.getSnapshot();
    if (isFirstTime) unread = Math.max(unread, unreadNow);
    if (isFirstTime && status === 'ready') newFrom = firstUnread(items, unread);
    rows = threadRows(items, rows, newFrom);
    scroll.keep(isNewest, () => parts.render([...rows.values()]));
    isNewest = !hasNewer;
    if (status === 'ready' && isFirstTime) {
      isFirstTime = false;
      speakSoon();
    }
    older.hidden = !hasOlder;
    older.textContent = isLoading ? 'Loading…' : hasFailed ? 'Not loaded. Try again' : 'Older messages';
    note.textContent = noteText(status, items.length);
    note.hidden = note.textContent === '';
    box.ariaBusy = String(status === 'loading');
    showJump();
  }

  /** History is not news: until it has been put in, nothing is read out. */
  function speakSoon() {
    window.clearTimeout(quiet);
    quiet = window.setTimeout(() => {
      box.ariaLive = 'polite';
    }, quietMs);
  }

  function hush() {
    window.clearTimeout(quiet);
    box.ariaLive = 'off';
  }

  function showJump() {
    const { items, hasNewer } = live.getSnapshot();
    const isHere = scroll.isAtEnd && !hasNewer;
    if (isHere) readTo = items.at(-1)?.key ?? '';
    const at = items.findIndex(({ key }) => key === readTo);
    const news =
      at === -1 ? [] : items.slice(at + 1).filter((item) => item.kind === 'message' && !item.isOwn);
    jump.hidden = isHere;
    jumpText.textContent = news.length === 0 ? 'Newest' : `${news.length} new`;
    jump.classList.toggle('is-news', news.length > 0);
  }

  function moved() {
    showJump();
    const { hasOlder, hasNewer, status } = live.getSnapshot();
    if (status !== 'ready') return;
    if (scroll.isNearTop && hasOlder && !hasFailed) void load('older');
    else if (scroll.isAtEnd && hasNewer) void load('newer');
  }

  /** @param {'older' | 'newer'} which */
  async function load(which) {
    if (isLoading) return;
    isLoading = true;
    hasFailed = false;
    hush();
    show();
    try {
      await (which === 'older' ? live.loadOlder() : live.loadNewer());
    } catch {
      hasFailed = which === 'older';
    }
    isLoading = false;
    if (signal.aborted) return;
    show();
    speakSoon();
  }

  /** @param {import('../../../src/index.ts').MessageItem} item */
  async function remove({ id, key }) {
    if (id === null || !(await confirmUnsend(signal))) return;
    try {
      await client.messages.delete(id, { signal });
      onNews('Message deleted.');
    } catch {
      if (!signal.aborted) onNews('The message could not be deleted. Try again in a moment.');
    }
    parts.element(key)?.focus({ preventScroll: true });
  }

  function toLatest() {
    hush();
    live.jumpToLatest();
    show();
    scroll.toEnd();
    speakSoon();
  }

  older.addEventListener('click', () => void load('older'), { signal });
  jump.addEventListener('click', toLatest, { signal });
  watchDays({
    signal,
    onDay() {
      rows.clear();
      show();
    },
  });
  const undo = live.subscribe(show);
  signal.addEventListener('abort', () => {
    undo();
    hush();
    parts.clear();
  });
  hush();
  scroll.toEnd();
  show();
  return { toLatest };
}

/**
 * @param {import('../../../src/index.ts').ThreadSnapshot['status']} status
 * @param {number} count
 */
function noteText(status, count) {
  if (status === 'missing') return 'This conversation does not exist, or is not yours.';
  if (count > 0) return '';
  if (status === 'failed') return 'The messages could not be loaded. Trying again…';
  return status === 'ready' ? 'No messages yet. Say hello.' : 'Loading…';
}
