// @ts-check
import { dayOf } from './times.js';

/** @typedef {import('../../src/index.ts').MessageItem} MessageItem */
/** @typedef {import('../../src/index.ts').GapItem} GapItem */
/** @typedef {{ readonly kind: 'day', readonly key: string, readonly at: number, readonly isNew: boolean }} DayRow */
/** @typedef {{ readonly kind: 'gap', readonly key: string, readonly item: GapItem }} GapRow */
/** @typedef {{ readonly kind: 'message', readonly key: string, readonly item: MessageItem, readonly isFirst: boolean, readonly isLast: boolean }} MessageRow */
/** @typedef {DayRow | GapRow | MessageRow} ThreadRow */

/** Milliseconds within which messages of one person stand together. */
const groupMs = 5 * 60_000;

/**
 * What a thread shows, line by line: days, groups and gaps. A row is the same object as before while nothing in it
 * changed.
 *
 * @param {readonly (MessageItem | GapItem)[]} items oldest first
 * @param {string | null} newFrom key of the first message that was unread when the thread was opened
 * @param {ReadonlyMap<string, ThreadRow>} [before]
 * @returns {Map<string, ThreadRow>} by key, in order
 */
export function threadRows(items, newFrom, before = new Map()) {
  /** @type {Map<string, ThreadRow>} */
  const rows = new Map();
  /** @param {ThreadRow} row */
  const add = (row) => {
    const held = before.get(row.key);
    rows.set(row.key, held && isSame(held, row) ? held : row);
  };
  /** @type {number | null} */
  let day = null;
  for (const [index, item] of items.entries()) {
    if (item.kind === 'gap') {
      add({ kind: 'gap', key: item.key, item });
      continue;
    }
    const isNew = item.key === newFrom;
    if (dayOf(item.createdAt) !== day || isNew) {
      day = dayOf(item.createdAt);
      add({ kind: 'day', key: `day:${item.key}`, at: day, isNew });
    }
    const isFirst = isNew || !isTogether(items[index - 1], item);
    const next = items[index + 1];
    const isLast = next?.key === newFrom || !next || !isTogether(item, next);
    add({ kind: 'message', key: item.key, item, isFirst, isLast });
  }
  return rows;
}

/**
 * Of the items, the first that the person has not seen.
 *
 * @param {readonly (MessageItem | GapItem)[]} items
 * @param {number} unread
 */
export function firstUnread(items, unread) {
  const others = items.filter((item) => item.kind === 'message' && !item.isOwn);
  return unread > 0 && unread <= others.length ? (others.at(-unread)?.key ?? null) : null;
}

/**
 * How many messages of others came after what was read last.
 *
 * @param {readonly (MessageItem | GapItem)[]} items
 * @param {string | null} readTo key of the newest item that was in sight
 */
export function countNews(items, readTo) {
  const at = items.findIndex(({ key }) => key === readTo);
  return at === -1 ? 0 : items.slice(at + 1).filter((item) => item.kind === 'message' && !item.isOwn).length;
}

/**
 * @param {MessageItem | GapItem | undefined} a
 * @param {MessageItem | GapItem} b
 */
function isTogether(a, b) {
  if (a?.kind !== 'message' || b.kind !== 'message') return false;
  return (
    a.type !== 'system' &&
    b.type !== 'system' &&
    a.sender.id === b.sender.id &&
    Math.abs(b.createdAt - a.createdAt) < groupMs &&
    dayOf(a.createdAt) === dayOf(b.createdAt)
  );
}

/**
 * @param {ThreadRow} a
 * @param {ThreadRow} b
 */
function isSame(a, b) {
  if (a.kind === 'day') return b.kind === 'day' && a.at === b.at && a.isNew === b.isNew;
  if (a.kind === 'gap') return b.kind === 'gap' && a.item === b.item;
  return b.kind === 'message' && a.item === b.item && a.isFirst === b.isFirst && a.isLast === b.isLast;
}
