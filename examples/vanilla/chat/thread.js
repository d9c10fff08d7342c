// @ts-check
import { typingText } from '../../shared/words.js';
import { byId } from '../dom.js';
import { showChatHead } from './chat-head.js';
import { showComposer } from './composer.js';
import { showLog } from './log.js';

/** @typedef {import('../../../src/index.ts').ConversationItem} ConversationItem */

/**
 * An open conversation: what comes in counts as seen while it is.
 *
 * @param {object} options
 * @param {import('../session.js').Session} options.session
 * @param {string} options.id
 * @param {(id: string) => ConversationItem | undefined} options.find a row of the inbox
 * @param {AbortSignal} options.signal ends with the thread
 */
export function openThread({ session: { client }, id, find, signal }) {
  const live = client.messages.live(id);
  const inbox = client.conversations.live();
  const typing = byId('typing', HTMLElement);
  const news = byId('chat-news', HTMLElement);
  const form = byId('composer-form', HTMLFormElement);
  const head = showChatHead();
  /** @param {string} text */
  const say = (text) => {
    news.textContent = text;
  };
  say('');

  function showHead() {
    const item = find(id);
    if (item) head.show(item);
  }

  async function readHead() {
    try {
      head.show(await client.conversations.get(id, { signal }));
    } catch {
      // The thread says what is wrong.
    }
  }

  let failed = 0;
  function showThread() {
    const { typing: typists, items, status } = live.getSnapshot();
    form.hidden = status === 'missing';
    const text = typingText(typists);
    if (typing.textContent !== text) typing.textContent = text;
    const count = items.filter((item) => item.kind === 'message' && item.status === 'failed').length;
    if (count > failed) say('A message was not sent.');
    failed = count;
  }

  const unread = find(id)?.unread ?? 0;
  const { toLatest } = showLog({ client, live, unread, signal, onNews: say });
  showComposer({ client, id, signal, onSend: toLatest });
  const undos = [inbox.subscribe(showHead), live.subscribe(showThread), client.messages.keepSeen(id)];
  signal.addEventListener('abort', () => {
    for (const undo of undos) undo();
    typing.textContent = '';
  });
  showHead();
  showThread();
  // A link may lead to a conversation that is further down the list than what is loaded.
  if (!find(id)) void readHead();
}
