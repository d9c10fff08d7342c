import type { Announce } from './announce.ts';
import { isUuid } from './chat-routes.ts';
import { type ChatStore, seenState } from './chat-store.ts';
import { type ConversationRecord, partnerOf, type Records } from './records.ts';
import { Refusal } from './refusal.ts';
import { type Member, type Rooms, roomOf } from './rooms.ts';
import type { WireLevel, WireRows } from './wire-rows.ts';
import { countOf, fieldsOf, idOf, textOf, type WirePayload } from './wire-value.ts';

export interface CommandSettings {
  readonly level: WireLevel;
  readonly records: Records;
  readonly chat: ChatStore;
  readonly rooms: Rooms;
  readonly rows: WireRows;
  readonly announce: Announce;
  readonly now: () => number;
  /** Throws when the user sends too often. */
  limit(kind: 'message', userId: string): void;
}

export interface Outcome {
  /** `undefined` where this backend acknowledges nothing. */
  readonly ack: WirePayload | undefined;
  announce(): void;
}

type Fields = Readonly<Record<string, unknown>>;
type Command = (member: Member, payload: unknown, fields: Fields) => { ack?: object; announce?(): void };

/** Does what an event of a socket asks for. */
export type Commands = (member: Member, name: string, payload: unknown) => Outcome;

/** What the backend does with events of its sockets. */
export function createCommands(settings: CommandSettings): Commands {
  const { level, rooms } = settings;
  const commands = { ...joins(settings), ...chatCommands(settings) };

  return (member, name, payload) => {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    const acked = (ack: WirePayload) => (level === 0 ? undefined : ack);
    if (!command) {
      const error = 'unable to answer; there is no such event';
      return { ack: acked({ ok: false, code: 'UNKNOWN_EVENT', error }), announce() {} };
    }
    try {
      const { ack, announce } = command(member, payload, fieldsOf(payload));
      return { ack: acked({ ok: true, ...ack }), announce: announce ?? (() => {}) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, message } = error;
      const { clientId } = fieldsOf(payload);
      const failure = { error: message, ...(level === 2 ? { code, ...(clientId ? { clientId } : {}) } : {}) };
      return {
        ack: acked({ ok: false, code, error: message, ...waitOf(error) }),
        announce() {
          if (name === 'send_message') rooms.sendOne(member, 'message_error', failure);
          if (name === 'mark_seen') rooms.sendOne(member, 'seen_error', failure);
        },
      };
    }
  };
}

function joins({ level, chat, rooms, announce }: CommandSettings): Record<string, Command> {
  /** Into a room of one's own; a running plain backend takes an object for a name. */
  const own =
    (room: (id: string) => string, join: boolean, then?: (member: Member) => void): Command =>
    (member, payload) => {
      const id =
        level === 2
          ? (idOf(payload) ?? idOf(fieldsOf(payload).userId) ?? idOf(fieldsOf(payload).id))
          : String(payload);
      if (id !== member.userId && level === 2) {
        throw new Refusal(403, 'FORBIDDEN', 'unable to join; it is the room of somebody else');
      }
      if (join) member.rooms.add(room(id ?? ''));
      else member.rooms.delete(room(id ?? ''));
      return then ? { announce: () => then(member) } : {};
    };

  /** Rooms beside conversations are open to everybody here. */
  const beside =
    (kind: 'bid' | 'campaign', join: boolean): Command =>
    (member, payload) => {
      const room = `${kind}_${idOf(payload)}`;
      if (join) member.rooms.add(room);
      else member.rooms.delete(room);
      return {};
    };

  return {
    join_bid_room: beside('bid', true),
    leave_bid_room: beside('bid', false),
    join_campaign_room: beside('campaign', true),
    leave_campaign_room: beside('campaign', false),
    join: own(roomOf.user, true, announce.partners),
    join_global_updates: own(roomOf.global, true),
    leave_global_updates: own(roomOf.global, false),
    request_global_notifications: own(roomOf.notifications, true),
    leave_global_notifications: own(roomOf.notifications, false),
    join_conversation(member, payload, fields) {
      const id = idOf(payload) ?? idOf(fields.conversationId) ?? idOf(fields.id);
      const conversation = memberOf(chat, id, member);
      member.rooms.add(roomOf.conversation(conversation.id));
      return { announce: () => level === 2 && announce.syncState(conversation, member) };
    },
    leave_conversation(member, payload, fields) {
      const id = idOf(payload) ?? idOf(fields.conversationId) ?? idOf(fields.id) ?? '';
      member.rooms.delete(roomOf.conversation(id));
      return {};
    },
    refresh_conversation_list: (member) => ({
      announce: () => rooms.sendOne(member, 'conversation_list_refresh', { user_id: member.userId }),
    }),
  };
}

function chatCommands({
  level,
  records,
  chat,
  rows,
  announce,
  limit,
}: CommandSettings): Record<string, Command> {
  const isExact = level === 2;

  /** Whoever the payload names, the token decides. */
  function requireSelf(member: Member, claimed: unknown) {
    const id = idOf(claimed);
    if (id !== null && id !== member.userId) {
      throw new Refusal(403, 'FORBIDDEN', 'unable to go on; the payload names somebody else');
    }
  }

  const typing =
    (isTyping: boolean): Command =>
    (member, _payload, fields) => {
      requireSelf(member, fields.userId);
      const conversation = memberOf(chat, idOf(fields.conversationId), member);
      return { announce: () => announce.typing(conversation, member, isTyping) };
    };

  return {
    typing_start: typing(true),
    typing_stop: typing(false),
    user_status(member, _payload, { userId, status }) {
      requireSelf(member, userId);
      const known = status === 'away' || status === 'offline' ? status : 'online';
      return { announce: () => announce.presence(member.userId, known) };
    },
    send_message(member, _payload, fields) {
      requireSelf(member, fields.senderId);
      const text = (textOf(fields.message) ?? '').trim();
      const mediaUrl = textOf(fields.mediaUrl);
      if (text.length > 1000 || (text === '' && !(isExact && mediaUrl))) {
        throw new Refusal(400, 'INVALID_REQUEST', 'unable to send; message must be 1 to 1000 characters');
      }
      const receiverId = idOf(fields.receiverId);
      if (!isExact && !records.users.has(receiverId ?? '')) {
        throw new Refusal(400, 'INVALID_REQUEST', 'unable to send; receiverId is not a user');
      }
      limit('message', member.userId);
      const conversation = memberOf(chat, idOf(fields.conversationId), member);
      if (receiverId !== null && receiverId !== partnerOf(conversation, member.userId)) {
        throw new Refusal(400, 'INVALID_REQUEST', 'unable to send; the receiver is not in the conversation');
      }
      const { message, isNew } = chat.send({
        conversationId: conversation.id,
        senderId: member.userId,
        text,
        mediaUrl,
        clientId: textOf(fields.clientId),
        raises: isExact,
      });
      return {
        ack: { message: rows.message(message) },
        announce: () => isNew && announce.message(conversation, message, 'socket'),
      };
    },
    mark_seen(member, _payload, fields) {
      requireSelf(member, fields.userId);
      const id = idOf(fields.messageId);
      const message = records.messages.get(id ?? '');
      if (id !== null && !message && !isUuid(id)) {
        throw new Refusal(400, 'INVALID_REQUEST', 'unable to mark; messageId must be a UUID');
      }
      const conversationId = idOf(fields.conversationId) ?? message?.conversationId ?? null;
      const conversation = memberOf(chat, conversationId, member);
      // The plain wire takes any UUID and says nothing.
      if (id !== null && !message && !isExact) return {};
      const upTo = message?.seq ?? (isExact ? countOf(fields.upToSeq) : null) ?? conversation.messages.length;
      const changed = chat.markSeen(conversation, member.userId, upTo);
      const { read_seq, unread_count } = seenState(conversation, member.userId);
      return {
        ack: isExact ? { read_seq, unread_count } : {},
        announce: () => (changed || !isExact) && announce.seen(conversation, member.userId, id),
      };
    },
  };
}

function waitOf({ headers }: Refusal) {
  const seconds = headers['retry-after'];
  return seconds === undefined ? {} : { retry_after_ms: Number(seconds) * 1000 };
}

function memberOf(chat: ChatStore, conversationId: string | null, member: Member): ConversationRecord {
  try {
    return chat.find(conversationId, member.userId);
  } catch {
    throw new Refusal(403, 'FORBIDDEN', 'unable to go on; you are not in this conversation');
  }
}
