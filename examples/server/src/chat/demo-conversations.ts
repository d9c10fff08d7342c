import { randomUUID } from 'node:crypto';
import type { Database, Queries } from '../database/database.ts';
import type { ConversationType, MessageType } from './chat-rows.ts';
import { flow, startOf } from './flow.ts';

type Line = [minutesAgo: number, senderId: string, text: string, more?: { type: MessageType; url?: string }];

interface DemoConversation {
  id: string;
  type: ConversationType;
  subject?: string;
  brandOwner: string;
  influencer: string;
  state?: keyof typeof flow;
  lines: readonly Line[];
  /** How many of the last messages each has not seen. */
  behind?: Readonly<Record<string, number>>;
}

const DAY = 24 * 60;
const system = { type: 'system' } as const;

const demo: readonly DemoConversation[] = [
  {
    id: 'c1',
    type: 'campaign',
    subject: 'autumn-trail',
    brandOwner: 'u2',
    influencer: 'u1',
    state: 'work_submitted',
    lines: [
      [
        3 * DAY,
        'u2',
        'Hi Maya! We are launching a trail shoe in October and your forest runs are exactly it.',
      ],
      [3 * DAY - 4, 'u1', 'Hi Jonas, oh nice. Is it the light one from the teaser?'],
      [3 * DAY - 6, 'u2', 'That one. 212 grams, and it survives mud.'],
      [3 * DAY - 9, 'u1', 'Mud I can offer 😄 What do you need?'],
      [3 * DAY - 15, 'u2', 'Two reels and a story, posted within the launch week.'],
      [2 * DAY + 120, 'u1', 'Works for me. 1,400 € for all three, two rounds of changes included.'],
      [2 * DAY + 60, 'u2', 'Deal.'],
      [2 * DAY + 59, 'u2', 'The request was accepted', system],
      [26 * 60, 'u1', 'Shot everything this morning, the light was unreal'],
      [95, 'u1', 'First cut is up: https://drive.example.com/trail-cut-1'],
      [94, 'u1', 'The work is ready for review', system],
      [12, 'u2', 'Watching it now. The creek jump!! 🤯'],
      [9, 'u2', 'Could we hold the close-up of the sole half a second longer?'],
    ],
    behind: { u1: 2 },
  },
  {
    id: 'c2',
    type: 'bid',
    subject: 'tea-ceremony',
    brandOwner: 'u4',
    influencer: 'u1',
    state: 'request_sent',
    lines: [
      [47, 'u4', '你好 Maya! We would love to send you our spring tea set for an unboxing.'],
      [46, 'u4', 'Budget is 600 €, no fixed date. Interested?'],
    ],
    behind: { u1: 2 },
  },
  {
    id: 'c3',
    type: 'direct',
    brandOwner: 'u1',
    influencer: 'u3',
    lines: [
      [5 * 60, 'u3', 'Did you see the new logo?'],
      [5 * 60 - 1, 'u3', '', { type: 'image', url: '/logo.svg' }],
      [4 * 60, 'u1', 'Two faces! I only saw the vase at first'],
      [3 * 60, 'u3', 'Haha same. Coffee on Thursday?'],
      [2 * 60, 'u1', 'Thursday 10:00, the place with the good cardamom buns'],
    ],
    behind: { u3: 1 },
  },
  {
    id: 'c4',
    type: 'campaign',
    subject: 'orbit-watch',
    brandOwner: 'u7',
    influencer: 'u1',
    state: 'completed',
    lines: [
      [12 * DAY, 'u7', 'The numbers are in: 48k views in two days. You are a star ⭐'],
      [12 * DAY - 30, 'u1', 'That is the nicest message of my week, thank you!'],
      [11 * DAY, 'u7', 'The collaboration is complete', system],
    ],
  },
  {
    id: 'c5',
    type: 'bid',
    subject: 'desert-drive',
    brandOwner: 'u2',
    influencer: 'u5',
    state: 'negotiating',
    lines: [
      [DAY + 30, 'u2', 'Salam Mohammed, would you film a day with the new tent in Wadi Rum?'],
      [DAY, 'u5', 'أهلاً! فكرة رائعة، متى بالضبط؟'],
      [DAY - 20, 'u2', 'First week of November. 900 € plus travel?'],
      [38, 'u5', '1,100 plus travel, and I bring my own drone 🚁'],
    ],
    behind: { u2: 1 },
  },
  {
    id: 'c6',
    type: 'direct',
    brandOwner: 'u2',
    influencer: 'u6',
    lines: [
      [6 * DAY, 'u6', 'Great meeting you at the fair!'],
      [6 * DAY - 10, 'u2', 'Likewise. Strike a pose 📸'],
    ],
  },
  {
    id: 'c7',
    type: 'campaign',
    subject: 'night-market',
    brandOwner: 'u7',
    influencer: 'u10',
    state: 'revision_requested',
    lines: [
      [3 * DAY, 'u10', 'ส่งวิดีโอแรกแล้วค่ะ 🍜'],
      [2 * DAY, 'u7', 'Love the sizzle. Can the logo come a little later?'],
      [2 * DAY - 5, 'u10', 'ได้เลยค่ะ by tonight'],
    ],
  },
  {
    id: 'c8',
    type: 'bid',
    subject: 'winter-coats',
    brandOwner: 'u9',
    influencer: 'u8',
    state: 'declined',
    lines: [
      [9 * DAY, 'u9', 'Добрый день! Would you model a winter coat in Madrid, in August?'],
      [9 * DAY - 45, 'u8', 'In August? In Madrid? I would melt 🫠 Ask me again in December!'],
      [9 * DAY - 46, 'u8', 'The request was declined', system],
    ],
  },
];

/** Adds the conversations that are missing and leaves the others as they are. */
export async function seedConversations(database: Database, clock: () => number): Promise<void> {
  for (const conversation of demo) {
    await database.transaction((tx) => seed(tx, conversation, clock()));
  }
}

async function seed(tx: Queries, conversation: DemoConversation, now: number): Promise<void> {
  const { id, type, subject = null, brandOwner, influencer, state, lines, behind = {} } = conversation;
  const at = (minutesAgo: number) => new Date(now - minutesAgo * 60_000);
  const messages = lines.map((line) => ({ id: randomUUID(), line }));
  const last = messages.at(-1);
  const start = startOf(type);
  const awaiting = state === undefined ? null : flow[state].awaiting;
  const [made] = await tx.query(
    `insert into conversations (id, conversation_type, subject_id, brand_owner_id, influencer_id, flow_state,
       awaiting_role, chat_status, last_seq, last_message_id, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing returning id`,
    [
      id,
      type,
      subject,
      brandOwner,
      influencer,
      state ?? start.flow_state,
      awaiting === 'other' ? 'brand_owner' : awaiting,
      state === undefined ? start.chat_status : flow[state].chat,
      messages.length,
      last?.id ?? null,
      at(lines[0]?.[0] ?? 0),
      at(last?.line[0] ?? 0),
    ],
  );
  if (!made) return;
  for (const userId of [brandOwner, influencer]) {
    const readSeq = lines.length - (behind[userId] ?? 0);
    const unread = lines.slice(readSeq).filter(([, senderId]) => senderId !== userId).length;
    await tx.query(
      'insert into conversation_members (conversation_id, user_id, read_seq, unread) values ($1, $2, $3, $4)',
      [id, userId, readSeq, unread],
    );
  }
  for (const [index, { id: messageId, line }] of messages.entries()) {
    const [minutesAgo, senderId, text, more] = line;
    const readerId = senderId === brandOwner ? influencer : brandOwner;
    const isRead = index < lines.length - (behind[readerId] ?? 0);
    await tx.query(
      `insert into messages (id, conversation_id, seq, sender_id, fingerprint, content, message_type, media_url,
         is_read, created_at) values ($1, $2, $3, $4, 'demo', $5, $6, $7, $8, $9)`,
      [
        messageId,
        id,
        index + 1,
        senderId,
        text,
        more?.type ?? 'text',
        more?.url ?? null,
        isRead,
        at(minutesAgo),
      ],
    );
  }
}
