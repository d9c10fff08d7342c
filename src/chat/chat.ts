import { HttpError, offered } from '../errors.ts';
import type { HintFact } from '../facts.ts';
import { requireId } from '../lib/ids.ts';
import type { Origin } from '../models.ts';
import type { ChatPreset } from '../protocol/chat-preset.ts';
import type { ChatProgress } from '../protocol/dehydrated.ts';
import type { ChatChanges } from '../store/conversations.ts';
import type { ChatContext } from './chat-context.ts';
import type { ConversationsApi } from './conversations.ts';
import { noUpload } from './deliver.ts';
import { createHints } from './hints.ts';
import { createInbox } from './inbox.ts';
import { MessageItems } from './message-items.ts';
import type { MessagesApi } from './messages.ts';
import { tooLarge } from './outbox-limits.ts';
import { createRowReader } from './row-reader.ts';
import { createSeen } from './seen.ts';
import { createThread, type Thread } from './thread.ts';

export interface ChatSettings {
  readonly context: ChatContext;
  readonly random: () => number;
  isVisible(): boolean;
  /** The app uses the chat: connect its outbox, read what the backend can do. */
  onUse(): void;
}

export interface Chat {
  readonly conversations: ConversationsApi;
  readonly messages: MessagesApi;
  /** Whether the app has used the chat at all. */
  readonly isUsed: boolean;
  /** The store changed: what shows it is out of date. */
  changed(changes: ChatChanges, origin: Origin | 'history'): void;
  /** Listeners were told of the change: what follows from it may be done. */
  announced(changes: ChatChanges): void;
  /** Who types there, or what waits to be sent there, changed. */
  touch(conversationId: string): void;
  hint(conversationId: string | null, of?: HintFact['of']): void;
  /** The connection is there: what is told from now on is heard. */
  opened(): void;
  /** Reads the list's head and the open conversations again. */
  reload(signal: AbortSignal): Promise<void>;
  /** Reads what is still missing on screen. */
  repair(signal: AbortSignal): Promise<void>;
  flushSeen(): void;
  /** The page is visible again. */
  returned(): void;
  /** How far the reading of the list and of threads is, for {@link Chat.restore} elsewhere. */
  progress(): ChatProgress;
  restore(progress: ChatProgress): void;
}

const maxClosedThreads = 20;

/** The chat's part of the client: views over the store, and the commands that change it. */
export function createChat({ context, random, isVisible, onUse }: ChatSettings): Chat {
  const { store, outbox, http, preset, users, userId: ownId } = context;
  /** In the order of their last use. */
  const threads = new Map<string, Thread>();
  const inbox = createInbox(context, use);
  const seen = createSeen(context, { isVisible, random });
  const readRow = createRowReader(context);
  const hints = createHints(context, {
    random,
    isWanted: () => isUsed,
    readThread(conversationId) {
      // With numbers only the row tells whether something is missing; then the thread reads it by itself.
      const isNumbered = store.get(conversationId)?.lastSeq !== 0;
      const thread = threads.get(conversationId);
      return thread?.isWatched && !isNumbered && store.isListed(conversationId) ? thread.repair() : undefined;
    },
    readRow,
    readList: () => inbox.repair(),
  });
  let isUsed = false;

  function use() {
    if (isUsed) return;
    isUsed = true;
    onUse();
  }

  function threadOf(conversationId: string): Thread {
    const thread = threads.get(conversationId) ?? createThread(context, conversationId, use);
    threads.delete(conversationId);
    threads.set(conversationId, thread);
    dropClosed();
    return thread;
  }

  /** The messages of closed threads are forgotten, the least recently used first; rows and unread counts stay. */
  function dropClosed() {
    const closed = [...threads].filter(([, thread]) => !thread.isKept);
    for (const [, thread] of closed.slice(0, -maxClosedThreads)) thread.forget();
  }

  const open = () => [...threads].filter(([, thread]) => thread.isWatched);

  return {
    get isUsed() {
      return isUsed;
    },
    changed({ touched, added, unknown }, origin) {
      for (const { clientId, senderId, seq, conversationId } of added) {
        if (senderId !== ownId) {
          if (seq === null && origin === 'realtime') hints.add(conversationId, 'message');
        } else if (clientId !== null) outbox.confirm(clientId);
      }
      for (const conversationId of touched) this.touch(conversationId);
      for (const conversationId of unknown) hints.add(conversationId);
    },
    announced({ touched }) {
      for (const conversationId of touched) seen.received(conversationId);
    },
    touch(conversationId) {
      inbox.touch(conversationId);
      threads.get(conversationId)?.touch();
    },
    hint: hints.add,
    opened: inbox.renew,
    async reload(signal) {
      hints.clear();
      if (!inbox.isWatched) inbox.expire();
      for (const thread of threads.values()) if (!thread.isKept) thread.forget();
      store.forgetMessages((id) => threads.get(id)?.isKept === true);
      await Promise.all([
        ...(inbox.isWatched ? [inbox.repair(signal)] : []),
        ...open().map(([, thread]) => thread.reload(signal)),
      ]);
    },
    async repair(signal) {
      await Promise.all([
        ...(inbox.isWatched && !inbox.isReady ? [inbox.repair(signal)] : []),
        ...open().map(([, thread]) => thread.repair(signal)),
      ]);
    },
    flushSeen: seen.flush,
    returned: seen.returned,
    progress: () => ({
      inbox: inbox.progress(),
      threads: [...threads].map(([id, { status }]) => ({ id, status })),
    }),
    restore(progress) {
      inbox.restore(progress.inbox);
      for (const { id, status } of progress.threads) threadOf(id).restore(status);
    },

    conversations: {
      async list({ role, page = 1, limit = 50, signal } = {}) {
        use();
        const answer = await http.call(
          preset.routes.conversations,
          { userId: ownId, role, page, limit },
          { signal },
        );
        context.apply(answer.facts, 'sync');
        const items = answer.conversationIds.flatMap((id) => {
          const conversation = store.get(id);
          return conversation ? [inbox.item(conversation)] : [];
        });
        return { items, hasMore: answer.hasMore };
      },
      async get(id, { signal } = {}) {
        use();
        const conversationId = requireId(id);
        const isThere = await readRow(conversationId, signal);
        if (isThere === undefined) await inbox.repair(signal);
        const conversation = store.get(conversationId);
        if (isThere !== false && conversation?.isListed) return inbox.item(conversation);
        throw new HttpError('unable to read the conversation; there is no such conversation (HTTP 404)', {
          status: 404,
        });
      },
      live: () => inbox.live,
    },

    messages: {
      async send(id, { text = '', mediaUrl, media, receiverId }) {
        use();
        const conversationId = requireId(id);
        const trimmed = requireText(text, preset.maxTextLength);
        if (trimmed === '' && !mediaUrl && !media)
          throw new TypeError('unable to send the message; it is empty');
        if (media) requireMedia(media, preset);
        outbox.resume();
        const { item, stored } = outbox.add({
          conversationId,
          receiverId: receiverId === undefined ? null : requireId(receiverId),
          text: trimmed,
          mediaUrl: mediaUrl ? context.resolveUrl(mediaUrl) : null,
          media: media ?? null,
        });
        await stored;
        return new MessageItems(ownId).pending(item, users.snapshot(ownId));
      },
      async list(id, { page = 1, limit = 50, signal } = {}) {
        use();
        const conversationId = requireId(id);
        const answer = await http.call(preset.routes.messages, { conversationId, page, limit }, { signal });
        context.apply(answer.facts, 'history');
        const conversation = store.get(conversationId);
        const items = new MessageItems(ownId);
        return answer.messageIds.flatMap((messageId) => {
          const message = conversation?.timeline.get(messageId);
          if (!conversation || !message) return [];
          const key = (message.senderId === ownId && message.clientId) || message.messageId;
          const sender = users.snapshot(message.senderId);
          return [items.confirmed(message, key, sender, conversation.isSeen(message))];
        });
      },
      live: (id) => threadOf(requireId(id)).live,
      markSeen(id) {
        use();
        seen.mark(requireId(id));
      },
      keepSeen(id) {
        use();
        return seen.keep(requireId(id));
      },
      retry(clientId) {
        outbox.resume();
        return outbox.retry(clientId);
      },
      discard: (clientId) => outbox.discard(clientId),
      async delete(messageId, { signal } = {}) {
        use();
        const route = offered(preset.routes.deleteMessage, 'delete the message');
        context.apply(await http.call(route, { messageId: requireId(messageId) }, { signal }), 'self');
      },
    },
  };
}

function requireText(text: unknown, maxLength: number): string {
  if (typeof text !== 'string') throw new TypeError('unable to send the message; its text is not a string');
  const trimmed = text.trim();
  if (trimmed.length <= maxLength) return trimmed;
  throw tooLarge(`it is longer than ${maxLength} characters`);
}

function requireMedia(media: unknown, { routes, maxMediaBytes }: ChatPreset) {
  if (!(media instanceof Blob)) throw new TypeError('unable to send the message; its media is not a file');
  if (!routes.uploadMedia) throw noUpload();
  if (media.size > maxMediaBytes) throw tooLarge(`its media is larger than ${maxMediaBytes} bytes`);
}
