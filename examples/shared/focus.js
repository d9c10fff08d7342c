// @ts-check

/** Where there is room for one pane only. */
const onePane = matchMedia('(width < 46rem)');
/** Where the own picture is always beside the conversations. */
const allPanes = matchMedia('(width >= 75rem)');
const byTouch = matchMedia('(pointer: coarse)');

/** @param {string[]} selectors by preference */
function focusFirst(...selectors) {
  const found = selectors.map((selector) => document.querySelector(selector)).find((element) => element);
  if (found instanceof HTMLElement) found.focus();
}

/**
 * Takes the focus along to where a person moved. The first view is not a move: there the focus stays where the browser
 * puts it.
 *
 * @param {import('./router.js').Place} place
 */
export function followFocus({ view, before }) {
  if (!before) return;
  if (view.name === 'profile') focusFirst('#profile-pane');
  else if (view.name === 'inbox') focusInbox(before.id);
  else if (byTouch.matches || onePane.matches) focusFirst('#chat-name');
  else focusFirst('#composer', '#chat-name');
}

/** @param {string | null} id of the conversation whose row is wanted most */
export function focusInbox(id) {
  focusFirst(`[data-conversation-id="${CSS.escape(id ?? '')}"]`, '#inbox a', '#inbox');
}

/**
 * The link to the own picture, where that is on the page already.
 *
 * @param {{ preventDefault(): void }} event
 */
export function showProfile(event) {
  if (!allPanes.matches) return;
  event.preventDefault();
  focusFirst('#profile-pane');
}

/**
 * Moves the focus among the elements of a list by the arrow keys, Home and End.
 *
 * @param {Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'preventDefault'>} event
 * @param {ParentNode} list
 * @param {string} selector
 */
export function walk(event, list, selector) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const all = [...list.querySelectorAll(selector)];
  const at = all.findIndex((element) => element.contains(document.activeElement));
  const last = all.length - 1;
  const [up, down] = at === -1 ? [last, last] : [at - 1, at + 1];
  const to = { ArrowUp: up, ArrowDown: down, Home: 0, End: last }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const element = all[Math.max(0, Math.min(to, last))];
  if (element instanceof HTMLElement) element.focus();
}
