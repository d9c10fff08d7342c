// @ts-check

/** UTF-16 units, as the SDK counts. */
const maxLength = 1_000;
const showFrom = 900;

/** What was begun, by person and conversation. @type {Map<string, string>} */
export const drafts = new Map();

/**
 * Whether what was written can be sent, and what to say of its length.
 *
 * @param {string} text
 */
export function checkDraft(text) {
  const { length } = text.trim();
  const left = maxLength - length;
  return {
    canSend: length > 0 && left >= 0,
    isOver: left < 0,
    count: length < showFrom ? '' : left < 0 ? `${-left} too many` : `${left} left`,
  };
}
