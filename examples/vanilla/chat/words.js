// @ts-check

/** @typedef {import('../../../src/index.ts').ConversationItem} ConversationItem */
/** @typedef {import('../../../src/index.ts').MessagePreview} MessagePreview */

/** @type {Readonly<Record<string, string>>} */
const states = {
  request_sent: 'New request',
  negotiating: 'Negotiating',
  accepted: 'Accepted',
  work_submitted: 'Work submitted',
  revision_requested: 'Changes asked for',
  approved: 'Approved',
  completed: 'Completed',
  declined: 'Declined',
  cancelled: 'Cancelled',
};

/** @type {Readonly<Record<string, string>>} */
const sides = { brand_owner: 'the brand', influencer: 'the creator' };

/** @type {Readonly<Record<string, string>>} */
const media = { image: 'Photo', file: 'File', system: 'Update' };

/**
 * What a message of the list says, in one line.
 *
 * @param {MessagePreview | null} last
 */
export function previewText(last) {
  if (!last) return 'No messages yet';
  const what = last.text || (media[last.type] ?? 'Message deleted');
  return last.isOwn && last.type !== 'system' ? `You: ${what}` : what;
}

/**
 * Where a request stands; empty for an ordinary conversation.
 *
 * @param {Pick<ConversationItem, 'flowState'>} conversation
 */
export function stateText({ flowState }) {
  if (flowState === null || flowState === 'open') return '';
  const words = flowState.replaceAll('_', ' ');
  return states[flowState] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Whom a request waits for; empty when for nobody.
 *
 * @param {Pick<ConversationItem, 'awaitingRole'>} conversation
 */
export function awaitingText({ awaitingRole }) {
  if (awaitingRole === null) return '';
  return `waiting for ${sides[awaitingRole] ?? awaitingRole.replaceAll('_', ' ')}`;
}

/**
 * A state's place among ended, waiting and going well, for its colour.
 *
 * @param {Pick<ConversationItem, 'flowState' | 'chatStatus'>} conversation
 */
export function stateTone({ flowState, chatStatus }) {
  if (flowState === 'declined' || flowState === 'cancelled') return 'off';
  if (chatStatus === 'closed') return 'done';
  return flowState === 'request_sent' || flowState === 'revision_requested' ? 'ask' : 'on';
}

/** @type {Readonly<Record<import('../../../src/index.ts').Presence, string>>} */
export const presenceText = { online: 'Online', away: 'Away', offline: 'Offline', unknown: '' };

/** @param {number} count */
export const unreadLabel = (count) => `${count} unread ${count === 1 ? 'message' : 'messages'}`;

/**
 * Who types, as a sentence.
 *
 * @param {readonly import('../../../src/index.ts').UserSnapshot[]} users
 */
export function typingText(users) {
  const [first, second] = users.map(({ name }) => name || 'Somebody');
  if (first === undefined) return '';
  if (second === undefined) return `${first} is typing…`;
  return users.length === 2 ? `${first} and ${second} are typing…` : 'Several people are typing…';
}

/** @type {Readonly<Record<import('../../../src/index.ts').MessageStatus, string>>} */
export const statusText = {
  queued: 'Waiting to be sent',
  sending: 'Sending',
  sent: 'Sent',
  seen: 'Seen',
  failed: 'Not sent',
  uncertain: 'Perhaps not sent',
};
