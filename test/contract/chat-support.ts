import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import type { ConversationItem, LiveThread, MessageItem } from '../../src/chat-models.ts';
import { type ChatPreset, presigned } from '../../src/index.ts';
import type { ClientOptions } from '../../src/options.ts';
import { type Person, persons, request } from '../server/chat-support.ts';
import { startServer, type TestServer } from '../server/support.ts';
import type { LiteralServer } from '../support/literal/literal-server.ts';
import { type Backend, goLive, join, literal, patience, referenceBackend, type Seat } from './support.ts';

/** A backend where two people share a conversation, and the preset that speaks to it. */
export interface ChatBackend extends Backend {
  readonly conversationId: string;
  readonly chat: ChatPreset;
}

export function literalChat(server: LiteralServer, chat: ChatPreset): ChatBackend {
  return { ...literal(server), conversationId: '10', chat };
}

/** One server for a whole file, with a conversation of its own for each test: it takes seconds to start. */
export function referenceChat(): (chat: ChatPreset) => Promise<ChatBackend> {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());
  return async (chat) => {
    const [maya, jonas] = (await persons(server, 'u1', 'u2')) as [Person, Person];
    return { ...referenceBackend(server), conversationId: (await request(jonas, maya)).id, chat };
  };
}

/** A person with the inbox on screen. */
export interface ChatSeat extends Seat {
  readonly row: () => ConversationItem | undefined;
  /** Puts the conversation on screen too. */
  open(): Promise<LiveThread>;
}

export async function sit(
  backend: ChatBackend,
  userId: string,
  options: Partial<ClientOptions> = {},
): Promise<ChatSeat> {
  const { chat, conversationId } = backend;
  const seat = await join(backend, userId, { preset: presigned, chat, ...options });
  const inbox = seat.client.conversations.live();
  onTestFinished(inbox.subscribe(() => {}));
  await expect.poll(() => inbox.getSnapshot().status, patience).toBe('ready');
  return {
    ...seat,
    row: () => inbox.getSnapshot().items.find(({ id }) => id === conversationId),
    async open() {
      const live = seat.client.messages.live(conversationId);
      onTestFinished(live.subscribe(() => {}));
      await expect.poll(() => live.getSnapshot().status, patience).toBe('ready');
      return live;
    },
  };
}

/** Two people who are connected. */
export async function pair(backend: ChatBackend): Promise<[me: ChatSeat, other: ChatSeat]> {
  const seats = await Promise.all([sit(backend, backend.me), sit(backend, backend.other)]);
  await Promise.all(seats.map(goLive));
  return seats as [ChatSeat, ChatSeat];
}

export const messagesOf = (live: LiveThread) =>
  live.getSnapshot().items.filter((item): item is MessageItem => item.kind === 'message');
export const texts = (live: LiveThread) =>
  live.getSnapshot().items.map((item) => (item.kind === 'gap' ? '…' : item.text));

/** Sends one after another, and waits until the backend has the last. */
export async function say({ client }: Seat, { conversationId }: ChatBackend, ...drafts: string[]) {
  let clientId: string | null = null;
  for (const text of drafts) ({ clientId } = await client.messages.send(conversationId, { text }));
  const last = () => messagesOf(client.messages.live(conversationId)).find((m) => m.clientId === clientId);
  await expect.poll(() => last()?.status, patience).toMatch(/^(sent|seen)$/);
}

/** What the backend has, as a page that comes anew reads it. */
export async function stored(backend: ChatBackend): Promise<string[]> {
  const { client } = await join(backend, backend.other, { preset: presigned, chat: backend.chat });
  const items = await client.messages.list(backend.conversationId, { limit: 200 });
  return items.map(({ text }) => text);
}

/** Lets pass what may still come. */
export const quiet = () => new Promise((resolve) => setTimeout(resolve, 700));
