import { useEffect, useMemo } from 'react';
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
import { useClient } from './context.ts';
import { useLive, whole } from './live.ts';

/** The inbox and what can be done with it. The same object until something in it changes. */
export type Conversations = InboxSnapshot & CommandsOf<LiveInbox>;

/** The user's conversations, latest activity first. */
export function useConversations(): Conversations {
  const live = useClient().conversations.live();
  const snapshot = useLive(live, whole);
  return useMemo(() => ({ ...snapshot, ...commandsOf(live) }), [live, snapshot]);
}

/** Options of {@link useMessages}. */
export interface UseMessagesOptions {
  /** Whether what comes in counts as seen while the component is mounted and the page visible. Default `false`. */
  readonly keepSeen?: boolean | undefined;
}

/** What can be done with a thread. Every function stays the same for the same conversation. */
export interface MessagesCommands
  extends CommandsOf<LiveThread>,
    Pick<MessagesApi, 'retry' | 'discard' | 'delete'> {
  /** As {@link MessagesApi.send}. */
  send(draft: MessageDraft): Promise<MessageItem>;
  /** As {@link MessagesApi.markSeen}. */
  markSeen(): void;
}

/** A thread and what can be done with it. The same object until something in it changes. */
export type Messages = ThreadSnapshot & MessagesCommands;

/** The messages of a conversation, oldest first. */
export function useMessages(
  conversationId: string | number,
  { keepSeen = false }: UseMessagesOptions = {},
): Messages {
  const { messages } = useClient();
  const live = messages.live(conversationId);
  const snapshot = useLive(live, whole);

  useEffect(
    () => (keepSeen ? messages.keepSeen(conversationId) : undefined),
    [messages, conversationId, keepSeen],
  );

  const commands = useMemo(() => {
    const { retry, discard } = messages;
    return {
      ...commandsOf(live),
      ...{ retry, discard, delete: messages.delete },
      send: (draft: MessageDraft) => messages.send(conversationId, draft),
      markSeen: () => messages.markSeen(conversationId),
    };
  }, [messages, live, conversationId]);
  return useMemo(() => ({ ...snapshot, ...commands }), [snapshot, commands]);
}

/** Who types, and ways to tell that the user does. */
export interface Typing {
  readonly typists: readonly UserSnapshot[];
  /** A key was pressed in the composer. */
  keystroke(): void;
  /** The composer was left or emptied; sending and unmounting do this too. */
  stop(): void;
}

/** Typing in a conversation. It opens the thread, as {@link useMessages} does; rows of the inbox have their own `typing`. */
export function useTyping(conversationId: string | number): Typing {
  const { messages, realtime } = useClient();
  const typists = useLive(messages.live(conversationId), ({ typing }) => typing);
  const commands = useMemo(
    () => ({
      keystroke: () => realtime.keystroke(conversationId),
      stop: () => realtime.stopTyping(conversationId),
    }),
    [realtime, conversationId],
  );
  useEffect(() => commands.stop, [commands]);
  return useMemo(() => ({ typists, ...commands }), [typists, commands]);
}

/** How many messages are unseen: in all conversations, or in one of the inbox. */
export function useUnread(conversationId?: string | number): number {
  const id = conversationId === undefined ? undefined : String(conversationId);
  return useLive(useClient().conversations.live(), ({ items, totalUnread }) =>
    id === undefined ? totalUnread : (items.find((item) => item.id === id)?.unread ?? 0),
  );
}
