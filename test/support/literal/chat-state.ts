import { randomUUID } from 'node:crypto';
import type { LiteralUser } from './people.ts';

export interface LiteralConversation {
  readonly id: number;
  readonly members: readonly [brandOwner: number, influencer: number];
  flow_state: string;
  awaiting_role: string | null;
  chat_status: string;
  readonly created_at: string;
  updated_at: string;
}

export interface LiteralMessage {
  readonly id: string;
  readonly conversation_id: number;
  readonly sender_id: number;
  readonly receiver_id: number;
  readonly text: string;
  readonly media_url: string | null;
  readonly created_at: string;
  seen: boolean;
}

export type Draft = Pick<LiteralMessage, 'conversation_id' | 'sender_id' | 'text' | 'media_url'>;

/** Conversations and messages in memory; nothing is numbered, versioned or told apart. */
export function createChatState(people: readonly LiteralUser[]) {
  const conversations: LiteralConversation[] = [];
  const messages: LiteralMessage[] = [];
  const pictures = new Map<number, string>();
  let latest = 0;

  /** No two moments are the same, so each event has a time of its own. */
  function now(): string {
    latest = Math.max(Date.now(), latest + 1);
    return new Date(latest).toISOString();
  }

  const conversationOf = (id: unknown) => conversations.find((one) => one.id === Number(id));
  const isMember = ({ members }: LiteralConversation, userId: number) => members.includes(userId);
  const otherOf = ({ members: [one, other] }: LiteralConversation, userId: number) =>
    userId === one ? other : one;
  const messageOf = (id: unknown) => messages.find((message) => message.id === id);
  const messagesOf = (id: number) => messages.filter((message) => message.conversation_id === id);

  function open(brandOwner: number, influencer: number): LiteralConversation {
    const created_at = now();
    const conversation: LiteralConversation = {
      id: 10 + conversations.length,
      members: [brandOwner, influencer],
      flow_state: 'initial',
      awaiting_role: null,
      chat_status: 'automated',
      created_at,
      updated_at: created_at,
    };
    conversations.push(conversation);
    return conversation;
  }

  return {
    now,
    pictures,
    conversations,
    conversationOf,
    isMember,
    otherOf,
    messageOf,
    messagesOf,
    open,

    /** Found or opened; `undefined` for people who do not exist. */
    directOf(userId: number, otherId: number): LiteralConversation | undefined {
      if (!people.some(({ id }) => id === otherId)) return undefined;
      const known = conversations.find((one) => isMember(one, userId) && isMember(one, otherId));
      return known ?? open(userId, otherId);
    },

    store(conversation: LiteralConversation, draft: Omit<Draft, 'conversation_id'>): LiteralMessage {
      const message: LiteralMessage = {
        ...draft,
        id: randomUUID(),
        conversation_id: conversation.id,
        receiver_id: otherOf(conversation, draft.sender_id),
        created_at: now(),
        seen: false,
      };
      messages.push(message);
      return message;
    },

    markSeen(conversationId: number, readerId: number): void {
      for (const message of messagesOf(conversationId)) message.seen ||= message.receiver_id === readerId;
    },

    /** A conversation as its member sees it in a list: times without a zone, the last message without an id. */
    conversationRow(conversation: LiteralConversation, readerId: number) {
      const { members, created_at, updated_at, ...state } = conversation;
      const otherId = otherOf(conversation, readerId);
      const other = people.find(({ id }) => id === otherId);
      const last = messagesOf(conversation.id).at(-1);
      return {
        ...state,
        other_user: {
          id: otherId,
          name: other?.name,
          role: other?.role,
          profile_image_url: pictures.get(otherId) ?? null,
        },
        last_message: last
          ? { message: last.text, created_at: withoutZone(last.created_at), sender_id: last.sender_id }
          : null,
        conversation_type: 'direct',
        created_at: withoutZone(created_at),
        updated_at: withoutZone(updated_at),
      };
    },
  };
}

export type ChatState = ReturnType<typeof createChatState>;

/** A row as events carry it. */
export function liveRow({ text, ...message }: LiteralMessage) {
  return { ...message, message: text, message_type: 'user_input' };
}

/** The same row as REST answers carry it. */
export function storedRow({ text, seen, created_at, ...message }: LiteralMessage) {
  return {
    ...message,
    content: text,
    is_read: seen,
    message_type: 'text',
    created_at: inMicroseconds(created_at),
  };
}

function withoutZone(time: string): string {
  return time.replace('Z', '');
}

function inMicroseconds(time: string): string {
  return time.replace('Z', '000+00:00');
}
