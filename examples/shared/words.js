// @ts-check
import { explainSend } from './send-error-text.js';

/** @typedef {import('../../src/index.ts').ConversationItem} ConversationItem */
/** @typedef {import('../../src/index.ts').MessagePreview} MessagePreview */

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

/** @type {Readonly<Record<import('../../src/index.ts').Presence, string>>} */
export const presenceText = { online: 'Online', away: 'Away', offline: 'Offline', unknown: '' };

/** @param {number} count */
export const unreadLabel = (count) => `${count} unread ${count === 1 ? 'message' : 'messages'}`;

/**
 * Who types, as a sentence.
 *
 * @param {readonly import('../../src/index.ts').UserSnapshot[]} users
 */
export function typingText(users) {
  const [first, second] = users.map(({ name }) => name || 'Somebody');
  if (first === undefined) return '';
  if (second === undefined) return `${first} is typing…`;
  return users.length === 2 ? `${first} and ${second} are typing…` : 'Several people are typing…';
}

/** @type {Readonly<Record<import('../../src/index.ts').MessageStatus, string>>} */
export const statusText = {
  queued: 'Waiting to be sent',
  sending: 'Sending',
  sent: 'Sent',
  seen: 'Seen',
  failed: 'Not sent',
  uncertain: 'Perhaps not sent',
};

/** @type {Readonly<Record<import('../../src/index.ts').ConnectionStatus, string>>} */
export const connectionText = {
  offline: 'Offline',
  connecting: 'Connecting',
  syncing: 'Catching up',
  live: 'Live',
  stale: 'Out of date',
};

/** Milliseconds a short interruption may last before it is worth a word. */
export const patienceMs = 800;

/**
 * What the connection's state means for the person.
 *
 * @param {import('../../src/index.ts').ConnectionStatus} status
 */
export function bannerText(status) {
  if (!navigator.onLine && status !== 'live')
    return 'You are offline. What you write is kept and sent when you are back.';
  switch (status) {
    case 'offline':
      return 'Not connected. What you write is kept.';
    case 'connecting':
      return 'Connecting… What you write is kept and sent as soon as it works.';
    case 'syncing':
      return 'Connected. Catching up on what you missed…';
    case 'stale':
      return 'Connected, but what you missed could not be read yet. Trying again…';
    case 'live':
      return '';
  }
}

/**
 * In place of conversations.
 *
 * @param {Pick<import('../../src/index.ts').InboxSnapshot, 'status' | 'items'>} inbox
 */
export function inboxNote({ status, items }) {
  if (items.length > 0) return '';
  if (status === 'failed') return 'Your conversations could not be loaded. Trying again…';
  if (status === 'ready') return 'No conversations yet. When somebody writes to you, it shows here.';
  return 'Loading your conversations…';
}

export const moreFailed = 'The rest could not be loaded. Try again in a moment.';

/**
 * In place of messages.
 *
 * @param {Pick<import('../../src/index.ts').ThreadSnapshot, 'status' | 'items'>} thread
 */
export function threadNote({ status, items }) {
  if (status === 'missing') return 'This conversation does not exist, or is not yours.';
  if (items.length > 0) return '';
  if (status === 'failed') return 'The messages could not be loaded. Trying again…';
  return status === 'ready' ? 'No messages yet. Say hello.' : 'Loading…';
}

/** @param {import('../../src/index.ts').GapItem} gap */
export const gapText = ({ count }) =>
  count === null ? 'Some messages are not here' : `${count} messages are not here`;

/**
 * Beneath the other side's name: whether they are here, and whom the request waits for.
 *
 * @param {ConversationItem | undefined} conversation
 */
export function headText(conversation) {
  const here = presenceText[conversation?.otherUser?.presence ?? 'unknown'];
  const awaiting = conversation ? awaitingText(conversation) : '';
  return {
    here: here || (awaiting ? '' : '\u00a0'),
    waiting: here && awaiting ? ` · ${awaiting}` : awaiting,
  };
}

/**
 * How a presence is called where it shows as a dot; empty where there is none.
 *
 * @param {import('../../src/index.ts').Presence} presence
 */
export const dotText = (presence) => (presence === 'offline' ? '' : presenceText[presence]);

/** @param {number} unread */
export const badgeText = (unread) => (unread > 99 ? '99+' : String(unread));

/** @param {number} totalUnread */
export const titleText = (totalUnread) => (totalUnread > 0 ? `(${totalUnread}) visavis` : 'visavis');

/**
 * Why a message is stuck; empty when it is not.
 *
 * @param {import('../../src/index.ts').MessageItem} message
 */
export function troubleText({ status, error, clientId }) {
  if (clientId === null) return '';
  if (status === 'failed') return explainSend(error);
  return status === 'uncertain' ? 'It may have arrived, or not. Sending it again may double it.' : '';
}
