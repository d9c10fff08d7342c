import type { MessageItem } from '../chat-models.ts';
import type { MessageFact } from '../facts.ts';
import type { UserSnapshot } from '../models.ts';
import type { OutboxItem } from './outbox-item.ts';

interface Cached {
  readonly source: MessageFact | OutboxItem;
  readonly sender: UserSnapshot;
  readonly item: MessageItem;
}

/** Makes messages as they are shown, and the same object again while nothing in one changed. */
export class MessageItems {
  readonly #ownId: string;
  #cache = new Map<string, Cached>();
  #next = new Map<string, Cached>();

  constructor(ownId: string) {
    this.#ownId = ownId;
  }

  confirmed(message: MessageFact, key: string, sender: UserSnapshot, isSeen: boolean): MessageItem {
    const status = isSeen ? 'seen' : 'sent';
    return this.#keep(
      key,
      message,
      sender,
      (held) => held.status === status,
      () => ({
        kind: 'message',
        key,
        id: message.messageId,
        clientId: message.clientId,
        conversationId: message.conversationId,
        seq: message.seq,
        sender,
        isOwn: message.senderId === this.#ownId,
        text: message.text,
        mediaUrl: message.mediaUrl,
        media: null,
        progress: null,
        type: message.type,
        createdAt: message.createdAt,
        isDeleted: message.isDeleted,
        status,
        error: null,
      }),
    );
  }

  pending(item: OutboxItem, sender: UserSnapshot): MessageItem {
    return this.#keep(
      item.clientId,
      item,
      sender,
      () => true,
      () => ({
        kind: 'message',
        key: item.clientId,
        id: null,
        clientId: item.clientId,
        conversationId: item.conversationId,
        seq: null,
        sender,
        isOwn: true,
        text: item.text,
        mediaUrl: item.mediaUrl,
        media: item.media,
        progress: item.progress,
        type: typeOf(item),
        createdAt: item.createdAt,
        isDeleted: false,
        status: item.state,
        error: item.error,
      }),
    );
  }

  /** What was not asked for since the last call is forgotten. */
  turn(): void {
    this.#cache = this.#next;
    this.#next = new Map();
  }

  #keep(
    key: string,
    source: Cached['source'],
    sender: UserSnapshot,
    isSame: (held: MessageItem) => boolean,
    make: () => MessageItem,
  ): MessageItem {
    const held = this.#cache.get(key);
    const reusable = held && held.source === source && held.sender === sender && isSame(held.item);
    const item = reusable ? held.item : Object.freeze(make());
    this.#next.set(key, reusable ? held : { source, sender, item });
    return item;
  }
}

/** As the backend will most likely call it. */
function typeOf({ media, mediaUrl }: OutboxItem): MessageItem['type'] {
  if (media) return media.type.startsWith('image/') ? 'image' : 'file';
  return mediaUrl === null ? 'text' : 'image';
}
