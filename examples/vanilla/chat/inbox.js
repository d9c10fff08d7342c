// @ts-check
import { watchDays } from '../../shared/times.js';
import { inboxNote, moreFailed, titleText } from '../../shared/words.js';
import { byId, only } from '../dom.js';
import { createKeyedList } from '../keyed-list.js';
import { showBadge } from './badge.js';
import { conversationRow } from './conversation-row.js';
import { roveRows } from './inbox-keys.js';

/** @typedef {import('../../../src/index.ts').ConversationItem} ConversationItem */
/** @typedef {{ readonly key: string, readonly item: ConversationItem }} Row */

/**
 * The live list of conversations, and the total of what is unread in the page's title and the list's head.
 *
 * @param {import('../session.js').Session} session
 */
export function showInbox(session) {
  const { client, signal } = session;
  const live = client.conversations.live();
  const list = byId('inbox', HTMLUListElement);
  const note = byId('inbox-note', HTMLElement);
  const more = byId('load-more', HTMLButtonElement);
  const total = byId('total-unread', HTMLElement);
  /** @type {ReturnType<typeof createKeyedList<Row>>} */
  const rows = createKeyedList(list, ({ item }) => conversationRow(item));
  const keys = roveRows(list, signal);
  /** @type {Map<string, Row>} */
  let shown = new Map();
  /** @type {string | null} */
  let openId = null;
  let mood = '';

  function show() {
    const inbox = live.getSnapshot();
    const { items, totalUnread, status, hasMore } = inbox;
    const before = shown;
    shown = new Map(items.map((item) => [item.id, rowOf(before.get(item.id), item)]));
    rows.render([...shown.values()]);
    mark();
    keys.refresh();
    more.hidden = !hasMore;
    showBadge(total, totalUnread);
    document.title = titleText(totalUnread);
    note.textContent = inboxNote(inbox) || mood;
    note.hidden = note.textContent === '';
    list.ariaBusy = String(status === 'loading');
  }

  /** The row of the open conversation says so. */
  function mark() {
    for (const link of list.querySelectorAll('[aria-current]')) {
      if (link.getAttribute('data-conversation-id') !== openId) link.removeAttribute('aria-current');
    }
    linkOf(openId)?.setAttribute('aria-current', 'page');
  }

  /** @param {string | null} id */
  function linkOf(id) {
    const row = id === null ? undefined : rows.element(id);
    return row && only(row, 'a', HTMLAnchorElement);
  }

  async function loadMore() {
    more.disabled = true;
    mood = '';
    try {
      await live.loadMore();
    } catch {
      mood = moreFailed;
    }
    more.disabled = false;
    if (!signal.aborted) show();
  }

  more.addEventListener('click', () => void loadMore(), { signal });
  watchDays({
    signal,
    onDay() {
      shown.clear();
      show();
    },
  });
  const undo = live.subscribe(show);
  signal.addEventListener('abort', () => {
    undo();
    rows.clear();
    document.title = 'visavis';
    showBadge(total, 0);
  });
  show();

  return {
    /** @param {string | null} id */
    setOpen(id) {
      openId = id;
      mark();
      keys.refresh();
    },
    /** @param {string} id */
    find: (id) => shown.get(id)?.item,
  };
}

/**
 * The row as it was, while its item is.
 *
 * @param {Row | undefined} before
 * @param {ConversationItem} item
 * @returns {Row}
 */
function rowOf(before, item) {
  return before?.item === item ? before : { key: item.id, item };
}
