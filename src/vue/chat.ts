import { type ComputedRef, computed, type MaybeRefOrGetter, toValue } from 'vue';
import { type CommandsOf, commandsOf } from '../bindings/commands.ts';
import type {
  InboxSnapshot,
  LiveInbox,
  LiveThread,
  MessageDraft,
  MessageItem,
  MessagesApi,
  ThreadSnapshot,
  UserSnapshot,
} from '../index.ts';
import { type Fields, fieldsOf, useEffectOf, useLive } from './live.ts';
import { useClient } from './plugin.ts';

/** The inbox, field by field, and what can be done with it. */
export type Conversations = Fields<InboxSnapshot> & CommandsOf<LiveInbox>;

/** The user's conversations, latest activity first. */
export function useConversations(): Conversations {
  const live = useClient().conversations.live();
  return { ...fieldsOf(useLive(() => live)), ...commandsOf(live) };
}

/** Options of {@link useMessages}. */
export interface UseMessagesOptions {
  /** Whether what comes in counts as seen while the component is mounted and the page visible. Default `false`. */
  readonly keepSeen?: MaybeRefOrGetter<boolean> | undefined;
}

/** What can be done with the thread that is shown. */
export interface MessagesCommands
  extends CommandsOf<LiveThread>,
    Pick<MessagesApi, 'retry' | 'discard' | 'delete'> {
  /** As {@link MessagesApi.send}. */
  send(draft: MessageDraft): Promise<MessageItem>;
  /** As {@link MessagesApi.markSeen}. */
  markSeen(): void;
}

/** A thread, field by field, and what can be done with it. */
export type Messages = Fields<ThreadSnapshot> & MessagesCommands;

/** The messages of a conversation, oldest first. */
export function useMessages(
  conversationId: MaybeRefOrGetter<string | number>,
  { keepSeen = false }: UseMessagesOptions = {},
): Messages {
  const { messages } = useClient();
  const id = () => toValue(conversationId);
  const live = () => messages.live(id());
  const fields = fieldsOf(useLive(live));

  useEffectOf(
    () => (toValue(keepSeen) ? id() : null),
    (seen) => (seen === null ? undefined : messages.keepSeen(seen)),
  );

  const { retry, discard } = messages;
  return {
    ...fields,
    ...{ retry, discard, delete: messages.delete },
    loadOlder: () => live().loadOlder(),
    loadNewer: () => live().loadNewer(),
    jumpTo: (messageId) => live().jumpTo(messageId),
    jumpToLatest: () => live().jumpToLatest(),
    fillGap: (key) => live().fillGap(key),
    send: (draft) => messages.send(id(), draft),
    markSeen: () => messages.markSeen(id()),
  };
}

/** Who types, and ways to tell that the user does. */
export interface Typing {
  readonly typists: ComputedRef<readonly UserSnapshot[]>;
  /** A key was pressed in the composer. */
  keystroke(): void;
  /** The composer was left or emptied; sending and unmounting do this too. */
  stop(): void;
}

/** Typing in a conversation. It opens the thread, as {@link useMessages} does; rows of the inbox have their own `typing`. */
export function useTyping(conversationId: MaybeRefOrGetter<string | number>): Typing {
  const { messages, realtime } = useClient();
  const id = () => toValue(conversationId);
  const thread = useLive(() => messages.live(id()));
  useEffectOf(id, (typed) => () => realtime.stopTyping(typed));
  return {
    typists: computed(() => thread.value.typing),
    keystroke: () => realtime.keystroke(id()),
    stop: () => realtime.stopTyping(id()),
  };
}

/** How many messages are unseen: in all conversations, or in one of the inbox. */
export function useUnread(
  conversationId?: MaybeRefOrGetter<string | number | undefined>,
): ComputedRef<number> {
  const live = useClient().conversations.live();
  const inbox = useLive(() => live);
  return computed(() => {
    const id = toValue(conversationId);
    const { items, totalUnread } = inbox.value;
    return id === undefined ? totalUnread : (items.find((item) => item.id === String(id))?.unread ?? 0);
  });
}
