// @ts-check
import { walk } from '../../shared/focus.js';
import { createLogScroll } from '../../shared/log-scroll.js';
import { countNews, firstUnread, threadRows } from '../../shared/thread-rows.js';
import { watchDays } from '../../shared/times.js';
import { threadNote } from '../../shared/words.js';
import { byId } from '../dom.js';
import { createKeyedList } from '../keyed-list.js';
import { dayPart, gapPart } from './line-parts.js';
import { messagePart } from './message-part.js';
import { confirmUnsend } from './unsend.js';

/** @typedef {import('../../shared/thread-rows.js').ThreadRow} ThreadRow */

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
  box.addEventListener('keydown', (event) => walk(event, list, '.message'), { signal });

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
    const thread = live.getSnapshot();
    const { items, status, hasOlder, hasNewer, unread: unreadNow } = thread;
    if (isFirstTime) unread = Math.max(unread, unreadNow);
    if (isFirstTime && status === 'ready') newFrom = firstUnread(items, unread);
    rows = threadRows(items, newFrom, rows);
    parts.render([...rows.values()]);
    scroll.settle(isNewest);
    isNewest = !hasNewer;
    if (status === 'ready' && isFirstTime) {
      isFirstTime = false;
      speakSoon();
    }
    older.hidden = !hasOlder;
    older.textContent = isLoading ? 'Loading…' : hasFailed ? 'Not loaded. Try again' : 'Older messages';
    note.textContent = threadNote(thread);
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
    const news = countNews(items, readTo);
    jump.hidden = isHere;
    jumpText.textContent = news === 0 ? 'Newest' : `${news} new`;
    jump.classList.toggle('is-news', news > 0);
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
