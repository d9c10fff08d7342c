import type { Contender, Session } from './contender.ts';
import { me, pictureOf } from './contender.ts';
import { floor } from './floor.ts';

interface User {
  readonly id: string;
  readonly avatarUrl: string;
}

interface Row {
  readonly id: string;
  readonly sender: User;
  readonly text: string;
  readonly createdAt: Date;
}

interface Conversation {
  readonly id: string;
  readonly messages: readonly Row[];
  readonly lastMessage: Row | null;
  readonly unread: number;
  readonly seen: Readonly<Record<string, number>>;
  readonly typing: readonly string[];
}

interface State {
  readonly conversations: readonly Conversation[];
}

// biome-ignore lint/suspicious/noExplicitAny: the naive store trusts its frames, as such stores do.
type Frame = any;

/** The reducer that tutorials teach: copy what changes, keep lists sorted by sorting them. Same wire as the floor's. */
export const naive: Contender = {
  ...floor,
  name: 'naive immutable store',

  async open(conversationIds): Promise<Session> {
    const told = { inbox: 0, thread: 0, messages: 0 };
    let opened: string | undefined;
    let state: State = {
      conversations: conversationIds.map((id) => ({
        id,
        messages: [],
        lastMessage: null,
        unread: 0,
        seen: {},
        typing: [],
      })),
    };
    const openConversation = () => state.conversations.find(({ id }) => id === opened);

    return {
      show(conversationId) {
        opened = conversationId;
      },
      feed(frame) {
        const before = state;
        const openBefore = openConversation();
        state = reduce(state, frame as Frame);
        if (state === before) return;
        told.inbox += 1;
        if (openConversation() !== openBefore) told.thread += 1;
        if ((frame as Frame).type === 'message') told.messages += 1;
      },
      fill(events) {
        const frames = events as readonly Frame[];
        const messages = frames.map(rowOf);
        state = {
          conversations: state.conversations.map((conversation) =>
            conversation.id === frames[0]?.conversation_id
              ? {
                  ...conversation,
                  messages: [...conversation.messages, ...messages],
                  unread: messages.length,
                }
              : conversation,
          ),
        };
      },
      settle: async () => {},
      told: () => told,
      unread: () => state.conversations.reduce((sum, { unread }) => sum + unread, 0),
      held: () => state.conversations.reduce((sum, { messages }) => sum + messages.length, 0),
      showing: (userId, picture) =>
        state.conversations
          .flatMap(({ messages }) => messages)
          .filter(({ sender }) => sender.id === userId && sender.avatarUrl === picture).length,
    };
  },
};

function reduce(state: State, frame: Frame): State {
  switch (frame.type) {
    case 'message':
      return inConversation(state, frame, (conversation) => {
        const { messages } = conversation;
        if (messages.at(-1)?.id === frame.id || messages.some(({ id }) => id === frame.id))
          return conversation;
        const row = rowOf(frame);
        const isNewest = messages.length === 0 || (messages.at(-1)?.createdAt ?? 0) < row.createdAt;
        const next = [...messages, row];
        if (!isNewest) next.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
        return {
          ...conversation,
          messages: next,
          lastMessage: next.at(-1) ?? null,
          unread: conversation.unread + (row.sender.id === me ? 0 : 1),
        };
      });
    case 'seen':
      return inConversation(state, frame, (conversation) => ({
        ...conversation,
        seen: { ...conversation.seen, [frame.user_id]: frame.seq },
      }));
    case 'typing':
      return inConversation(state, frame, (conversation) => ({
        ...conversation,
        typing: frame.is_typing
          ? [...conversation.typing, frame.user_id]
          : conversation.typing.filter((id) => id !== frame.user_id),
      }));
    default:
      return {
        conversations: state.conversations.map((conversation) => ({
          ...conversation,
          messages: conversation.messages.map((row) =>
            row.sender.id === frame.user_id
              ? { ...row, sender: { ...row.sender, avatarUrl: frame.avatar_url } }
              : row,
          ),
        })),
      };
  }
}

function inConversation(
  state: State,
  frame: Frame,
  change: (conversation: Conversation) => Conversation,
): State {
  const conversations = state.conversations.map((conversation) =>
    conversation.id === frame.conversation_id ? change(conversation) : conversation,
  );
  if (conversations.every((conversation, index) => conversation === state.conversations[index])) return state;
  if (frame.type === 'message') {
    conversations.sort(
      (a, b) => (b.lastMessage?.createdAt.getTime() ?? 0) - (a.lastMessage?.createdAt.getTime() ?? 0),
    );
  }
  return { conversations };
}

function rowOf({ id, user_id, content, created_at }: Frame): Row {
  const sender = { id: user_id, avatarUrl: pictureOf(user_id, 1) };
  return { id, sender, text: content, createdAt: new Date(created_at) };
}
