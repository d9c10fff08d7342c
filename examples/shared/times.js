// @ts-check

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const withYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

/** @param {number} at milliseconds since 1970 */
export const clockTime = (at) => clock.format(at);

/** @param {number} at milliseconds since 1970 */
export const fullTime = (at) => full.format(at);

/**
 * The start of a day, by which days are told apart.
 *
 * @param {number} at milliseconds since 1970
 */
export const dayOf = (at) => new Date(at).setHours(0, 0, 0, 0);

/** Whole days between then and now, by the calendar. @param {number} at @param {number} now */
const daysAgo = (at, now) => Math.round((dayOf(now) - dayOf(at)) / 86_400_000);

/**
 * Short, for a row of the inbox.
 *
 * @param {number} at milliseconds since 1970
 * @param {number} [now]
 */
export function rowTime(at, now = Date.now()) {
  const days = daysAgo(at, now);
  if (days <= 0) return clock.format(at);
  if (days === 1) return 'Yesterday';
  if (days < 7) return weekday.format(at);
  return days < 300 ? dayOfYear.format(at) : withYear.format(at);
}

/**
 * For a separator in a thread.
 *
 * @param {number} at milliseconds since 1970
 */
export function dayName(at) {
  const days = daysAgo(at, Date.now());
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return days < 300 ? longDay.format(at) : withYear.format(at);
}

/**
 * Calls at the start of every new day, soon after it.
 *
 * @param {{ readonly signal: AbortSignal, readonly onDay: () => void }} options
 */
export function watchDays({ signal, onDay }) {
  let today = dayOf(Date.now());
  const timer = window.setInterval(() => {
    if (dayOf(Date.now()) === today) return;
    today = dayOf(Date.now());
    onDay();
  }, 30_000);
  signal.addEventListener('abort', () => window.clearInterval(timer), { once: true });
}
