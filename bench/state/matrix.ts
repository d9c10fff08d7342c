import { createClient, EventType, MatrixEvent, MsgType, ReceiptType, Room, RoomEvent } from 'matrix-js-sdk';
import type { Logger } from 'matrix-js-sdk/lib/logger.js';
import type { Contender, Session } from './contender.ts';
import { me } from './contender.ts';

const silent: Logger = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  getChild: () => silent,
};
const userOf = (id: string) => `@${id}:example.com`;
const roomOf = (id: string) => `!${id}:example.com`;

const memberOf = (roomId: string, userId: string, picture: string, version: number) => ({
  type: EventType.RoomMember,
  room_id: roomId,
  state_key: userOf(userId),
  sender: userOf(userId),
  event_id: `$member-${roomId}-${userId}-${version}`,
  origin_server_ts: version,
  content: { membership: 'join', displayname: `Name of ${userId}`, avatar_url: picture },
});

/** Rooms told by `addLiveEvents`, `addReceipt` and `setStateEvents`, as its sync loop does. */
export const matrix: Contender = {
  name: 'Matrix',
  message: ({ id, conversationId, senderId, text, createdAt }) => ({
    type: EventType.RoomMessage,
    room_id: roomOf(conversationId),
    sender: userOf(senderId),
    event_id: `$${id}`,
    origin_server_ts: Date.parse(createdAt),
    content: { msgtype: MsgType.Text, body: text },
  }),
  seen: ({ id, conversationId, createdAt }, readerId) => ({
    type: EventType.Receipt,
    room_id: roomOf(conversationId),
    content: {
      [`$${id}`]: { [ReceiptType.Read]: { [userOf(readerId)]: { ts: Date.parse(createdAt) } } },
    },
  }),
  typing: (conversationId, userId, isTyping) => ({
    type: EventType.Typing,
    room_id: roomOf(conversationId),
    content: { user_ids: isTyping ? [userOf(userId)] : [] },
  }),
  // The picture of a member is state of every room: told once per room.
  avatar: (userId, picture, version) => ({ type: EventType.RoomMember, userId, picture, version }),

  async open(conversationIds): Promise<Session> {
    const client = createClient({
      baseUrl: 'http://127.0.0.1:1',
      userId: userOf(me),
      accessToken: 'token',
      logger: silent,
      fetchFn: () => Promise.reject(new Error('offline')),
    });
    const told = { inbox: null, thread: 0, messages: 0 };
    const rooms = new Map(
      conversationIds.map((id) => {
        const room = new Room(roomOf(id), client, userOf(me));
        client.store.storeRoom(room);
        room.currentState.setStateEvents(
          [me, 'user-1', 'user-2'].map(
            (userId) => new MatrixEvent(memberOf(room.roomId, userId, 'mxc://example.com/1', 1)),
          ),
        );
        return [room.roomId, room] as const;
      }),
    );
    const onTimeline = () => {
      told.thread += 1;
    };
    let opened: Room | undefined;
    for (const room of rooms.values()) {
      room.on(RoomEvent.Timeline, () => {
        told.messages += 1;
      });
    }

    return {
      show(conversationId) {
        opened?.off(RoomEvent.Timeline, onTimeline);
        opened = rooms.get(roomOf(conversationId))?.on(RoomEvent.Timeline, onTimeline);
      },
      feed(event) {
        const frame = event as ReturnType<typeof memberOf> & {
          userId: string;
          picture: string;
          version: number;
        };
        if (frame.type === EventType.RoomMember) {
          for (const { roomId, currentState } of rooms.values()) {
            const member = memberOf(roomId, frame.userId, frame.picture, frame.version);
            currentState.setStateEvents([new MatrixEvent(member)]);
          }
          return undefined;
        }
        const room = rooms.get(frame.room_id);
        const told = new MatrixEvent(frame);
        if (frame.type === EventType.Receipt) return room?.addReceipt(told);
        if (frame.type === EventType.Typing) return room?.currentState.setTypingEvent(told);
        return room?.addLiveEvents([told], { addToState: false });
      },
      fill(events) {
        const frames = events as { room_id: string }[];
        const room = rooms.get(frames[0]?.room_id ?? '');
        return room?.addLiveEvents(
          frames.map((frame) => new MatrixEvent(frame)),
          { addToState: false },
        );
      },
      settle: async () => {},
      told: () => told,
      // Counted by its server.
      unread: () => Number.NaN,
      held: () => [...rooms.values()].reduce((sum, room) => sum + room.timeline.length, 0),
      showing: (userId, picture) =>
        [...rooms.values()]
          .flatMap((room) => room.timeline)
          .filter((event) => event.getSender() === userOf(userId))
          .filter((event) => event.sender?.getMxcAvatarUrl() === picture).length,
    };
  },
};
