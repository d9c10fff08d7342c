import { type ChannelState, StreamChat } from 'stream-chat';
import type { Contender, Session } from './contender.ts';
import { me, pictureOf } from './contender.ts';

const userOf = (id: string, version = 1) => ({ id, name: `Name of ${id}`, image: pictureOf(id, version) });

/** The low-level client with its channel state, told by `dispatchEvent` as its socket does. */
export const stream: Contender = {
  name: 'Stream chat',
  message: ({ id, conversationId, senderId, text, createdAt }) => ({
    type: 'message.new',
    cid: `messaging:${conversationId}`,
    channel_type: 'messaging',
    channel_id: conversationId,
    user: userOf(senderId),
    created_at: createdAt,
    message: {
      id,
      cid: `messaging:${conversationId}`,
      type: 'regular',
      text,
      html: `<p>${text}</p>`,
      user: userOf(senderId),
      created_at: createdAt,
      updated_at: createdAt,
      attachments: [],
      mentioned_users: [],
      latest_reactions: [],
      own_reactions: [],
      reaction_counts: {},
      reaction_scores: {},
    },
  }),
  seen: ({ id, conversationId, createdAt }, readerId) => ({
    type: 'message.read',
    cid: `messaging:${conversationId}`,
    channel_type: 'messaging',
    channel_id: conversationId,
    user: userOf(readerId),
    last_read_message_id: id,
    created_at: createdAt,
  }),
  typing: (conversationId, userId, isTyping) => ({
    type: isTyping ? 'typing.start' : 'typing.stop',
    cid: `messaging:${conversationId}`,
    channel_type: 'messaging',
    channel_id: conversationId,
    user: userOf(userId),
    created_at: '2026-11-01T00:00:00.000Z',
  }),
  avatar: (userId, picture) => ({
    type: 'user.updated',
    user: { ...userOf(userId), image: picture },
    created_at: '2026-11-01T00:00:00.000Z',
  }),

  async open(conversationIds): Promise<Session> {
    const client = new StreamChat('key');
    // What `connectUser` leaves behind, without a server.
    client.userID = me;
    client.user = { id: me };
    client._user = { id: me };
    client.wsPromise = Promise.resolve();
    const told = { inbox: null, thread: 0, messages: 0 };
    const channels = conversationIds.map((id) => {
      const channel = client.channel('messaging', id);
      channel.initialized = true;
      channel.data = { ...channel.data, own_capabilities: ['read-events', 'typing-events'] };
      channel.state.read = {
        [me]: { user: { id: me }, last_read: new Date(0), unread_messages: 0 },
      };
      return channel;
    });
    let opened: { unsubscribe(): void } | undefined;
    client.on('message.new', () => {
      told.messages += 1;
    });
    return {
      show(conversationId) {
        opened?.unsubscribe();
        opened = channels
          .find(({ id }) => id === conversationId)
          ?.on(() => {
            told.thread += 1;
          });
      },
      feed: (event) => client.dispatchEvent(event as Parameters<StreamChat['dispatchEvent']>[0]),
      fill(events) {
        const frames = events as {
          message: Parameters<ChannelState['addMessagesSorted']>[0][number];
          channel_id: string;
        }[];
        const channel = channels.find(({ id }) => id === frames[0]?.channel_id);
        channel?.state.addMessagesSorted(frames.map(({ message }) => message));
      },
      settle: async () => {},
      told: () => told,
      unread: () => channels.reduce((sum, channel) => sum + channel.countUnread(), 0),
      held: () => channels.reduce((sum, channel) => sum + channel.state.messages.length, 0),
      showing: (userId, picture) =>
        channels
          .flatMap((channel) => channel.state.messages)
          .filter(({ user }) => user?.id === userId && user.image === picture).length,
    };
  },
};
