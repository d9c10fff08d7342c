import type { Socket } from 'socket.io-client';
import { expect } from 'vitest';
import { settleEngines } from '../support/engines.ts';
import { checkCommandAnswer } from './contract-support.ts';
import { type Answer, call, connected, type Json, openSocket, signIn } from './support.ts';

export interface Person {
  id: string;
  token: string;
  get(path: string): Promise<Answer>;
  post(path: string, json?: unknown): Promise<Answer>;
  put(path: string, json?: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  send(conversationId: string, message: string, more?: object): Promise<Answer>;
}

export async function person(server: { url: string }, id: string): Promise<Person> {
  const token = await signIn(server, id);
  const ask = (method: string) => (path: string, json?: unknown) =>
    call(server, method, path, { token, json: json ?? (method === 'GET' ? undefined : {}) });
  const post = ask('POST');
  return {
    id,
    token,
    get: ask('GET'),
    post,
    put: ask('PUT'),
    delete: ask('DELETE'),
    send: (conversation_id, message, more) =>
      post('/api/messages/send', { conversation_id, message, ...more }),
  };
}

export function persons(server: { url: string }, ...ids: string[]): Promise<Person[]> {
  return Promise.all(ids.map((id) => person(server, id)));
}

/** The direct conversation of two people. */
export async function meet(one: Person, other: Person): Promise<string> {
  const { body } = await one.post('/api/conversations', { receiver_id: other.id });
  return body.conversation.id;
}

let requests = 0;

/** A new request of a brand owner to an influencer. */
export async function request(
  brandOwner: Person,
  influencer: Person,
  type: 'bid' | 'campaign' = 'bid',
): Promise<Json> {
  requests += 1;
  const { body } = await brandOwner.post('/api/conversations', {
    receiver_id: influencer.id,
    conversation_type: type,
    [`${type}_id`]: `request-${requests}`,
  });
  return body.conversation;
}

export async function conversation(reader: Person, id: string): Promise<Json> {
  return (await reader.get(`/api/conversations/${id}`)).body.conversation;
}

/** Every row of a conversation, oldest first. */
export async function history(reader: Person, id: string): Promise<Json[]> {
  const rows: Json[] = [];
  for (;;) {
    const after = rows.at(-1)?.seq ?? 0;
    const { body } = await reader.get(`/api/conversations/${id}/messages?after_seq=${after}&limit=200`);
    if (body.messages.length === 0) return rows;
    rows.push(...body.messages);
  }
}

export interface ChatSocket {
  socket: Socket;
  /** Everything heard so far. */
  events: { name: string; payload: Json }[];
  ask(name: string, payload?: unknown): Promise<Json>;
  heard(name: string): Json[];
  /** Resolves with the first so many events of a name, once they are here. */
  wait(name: string, count?: number): Promise<Json[]>;
  /** Resolves when all that was sent to it before has been heard. */
  flush(): Promise<void>;
  clear(): void;
}

/** A socket that keeps what it hears. It joins nothing by itself. */
export async function chatSocket(
  server: { url: string },
  { token }: { token: string | undefined },
  options?: Json,
): Promise<ChatSocket> {
  const socket = openSocket(server, token, options);
  const events: ChatSocket['events'] = [];
  socket.onAny((name: string, payload: Json) => events.push({ name, payload }));
  await connected(socket);
  const heard = (name: string) => events.filter((event) => event.name === name).map((event) => event.payload);
  const ask = async (name: string, payload?: unknown) => {
    const answer: Json = await socket.timeout(15_000).emitWithAck(name, payload);
    checkCommandAnswer(name, answer);
    return answer;
  };
  return {
    socket,
    events,
    heard,
    ask,
    wait: async (name, count = 1) => {
      await expect
        .poll(() => heard(name).length, { message: name, timeout: 15_000, interval: 5 })
        .toBeGreaterThanOrEqual(count);
      return heard(name).slice(0, count);
    },
    flush: async () => {
      await settleEngines();
      await ask('flush');
    },
    clear: () => {
      events.length = 0;
    },
  };
}

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
