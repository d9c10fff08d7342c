import type { Contender, Session } from './contender.ts';
import { me } from './contender.ts';

interface Row {
  readonly id: string;
  readonly senderId: string;
  readonly text: string;
  readonly at: number;
  readonly seq: number;
}

interface Frame {
  readonly type: 'message' | 'seen' | 'typing' | 'avatar';
  readonly conversation_id: string;
  readonly id: string;
  readonly user_id: string;
  readonly content: string;
  readonly created_at: string;
  readonly seq: number;
  readonly is_typing: boolean;
  readonly avatar_url: string;
}

/** What an expert writes for exactly this and nothing else: no validation, no gaps, no holes, no replay. */
export const floor: Contender = {
  name: 'hand-written floor',
  message: ({ id, conversationId, senderId, seq, text, createdAt }) => ({
    type: 'message',
    conversation_id: conversationId,
    id,
    user_id: senderId,
    content: text,
    created_at: createdAt,
    seq,
  }),
  seen: ({ conversationId, seq }, readerId) => ({
    type: 'seen',
    conversation_id: conversationId,
    user_id: readerId,
    seq,
  }),
  typing: (conversationId, userId, isTyping) => ({
    type: 'typing',
    conversation_id: conversationId,
    user_id: userId,
    is_typing: isTyping,
  }),
  avatar: (userId, picture) => ({ type: 'avatar', user_id: userId, avatar_url: picture }),

  async open(conversationIds): Promise<Session> {
    const pictures = new Map<string, string>();
    const conversations = new Map(conversationIds.map((id) => [id, conversation(id)]));
    let opened: string | undefined;
    /** Latest activity last. */
    const order = [...conversations.values()];
    const told = { inbox: 0, thread: 0, messages: 0 };
    let isWaiting = false;
    let isThreadStale = false;

    function tell() {
      isWaiting = false;
      told.inbox += 1;
      if (isThreadStale) told.thread += 1;
      isThreadStale = false;
    }

    function touch(conversationId: string) {
      if (conversationId === opened) isThreadStale = true;
      if (isWaiting) return;
      isWaiting = true;
      queueMicrotask(tell);
    }

    return {
      show(conversationId) {
        opened = conversationId;
      },
      feed(event) {
        const frame = event as Frame;
        if (frame.type === 'avatar') {
          pictures.set(frame.user_id, frame.avatar_url);
          if (opened) touch(opened);
          return;
        }
        const here = conversations.get(frame.conversation_id);
        if (!here) return;
        if (frame.type === 'seen') here.seen.set(frame.user_id, frame.seq);
        else if (frame.type === 'typing') {
          if (frame.is_typing) here.typing.add(frame.user_id);
          else here.typing.delete(frame.user_id);
        } else {
          if (here.byId.has(frame.id)) return;
          const { id, user_id: senderId, content: text, seq } = frame;
          const row: Row = { id, senderId, text, at: timeOf(frame.created_at), seq };
          here.byId.set(id, row);
          insert(here.rows, row);
          if (senderId !== me) here.unread += 1;
          told.messages += 1;
          if (order.at(-1) !== here) {
            order.splice(order.indexOf(here), 1);
            order.push(here);
          }
        }
        touch(here.id);
      },
      settle: async () => {},
      told: () => told,
      unread: () => order.reduce((sum, { unread }) => sum + unread, 0),
      held: () => order.reduce((sum, { rows }) => sum + rows.length, 0),
      showing: () => null,
    };
  },
};

function conversation(id: string) {
  return {
    id,
    byId: new Map<string, Row>(),
    rows: [] as Row[],
    seen: new Map<string, number>(),
    typing: new Set<string>(),
    unread: 0,
  };
}

function insert(rows: Row[], row: Row) {
  const last = rows.at(-1);
  if (!last || last.seq < row.seq) {
    rows.push(row);
    return;
  }
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.seq ?? 0) < row.seq) low = middle + 1;
    else high = middle;
  }
  rows.splice(low, 0, row);
}

/** `2026-11-01T00:00:00.000Z` only. */
function timeOf(text: string): number {
  const digits = (from: number, to: number) => {
    let value = 0;
    for (let i = from; i < to; i += 1) value = value * 10 + text.charCodeAt(i) - 48;
    return value;
  };
  const year = digits(0, 4);
  const month = digits(5, 7);
  const y = month > 2 ? year : year - 1;
  const m = month > 2 ? month - 3 : month + 9;
  const days = 365 * y + (y >> 2) - ((y / 100) | 0) + ((y / 400) | 0) + (((153 * m + 2) / 5) | 0);
  const seconds = digits(11, 13) * 3_600 + digits(14, 16) * 60 + digits(17, 19);
  return ((days + digits(8, 10) - 719_469) * 86_400 + seconds) * 1_000 + digits(20, 23);
}
