import type { RestHandler } from './rest-routes.ts';
import type { Member } from './rooms.ts';
import type { Commands } from './socket-commands.ts';
import { fieldsOf } from './wire-value.ts';

/** A user who acts on the backend itself: nothing is lost or late on the way there, everybody is told as ever. */
export interface FakePerson {
  /** Sends a message and returns its id. Throws when the backend refuses it. */
  send(conversationId: string, text: string): string;
  /** Types until told to stop. */
  type(conversationId: string, isTyping?: boolean): void;
  /** Marks everything in the conversation as seen. */
  markSeen(conversationId: string): void;
  /** Puts up a new picture; `null` deletes it. */
  setPicture(picture?: null): void;
}

export interface FakePersonSettings {
  readonly userId: string;
  readonly rest: RestHandler;
  readonly command: Commands;
  /** What was put at a presigned key. */
  putPicture(key: string, file: { readonly size: number; readonly type: string }): void;
}

export function createFakePerson({ userId, rest, command, putPicture }: FakePersonSettings): FakePerson {
  const member: Member = {
    userId,
    deviceId: `person-${userId}`,
    token: '',
    rooms: new Set(),
    transport: { send() {}, end() {} },
  };

  function ask(method: string, path: string, body: object = {}) {
    const reply = rest(method, path, { userId, query: new URLSearchParams(), body: { ...body } });
    if (!reply) throw new Error(`unable to act; the backend has no ${method} ${path}`);
    reply.announce?.();
    return fieldsOf(reply.body);
  }

  return {
    send(conversationId, text) {
      const { message } = ask('POST', `/api/conversations/${conversationId}/messages`, {
        conversation_id: conversationId,
        message: text,
      });
      return String(fieldsOf(message).id);
    },
    type(conversationId, isTyping = true) {
      command(member, isTyping ? 'typing_start' : 'typing_stop', { conversationId, userId }).announce();
    },
    markSeen: (conversationId) => void ask('PUT', `/api/conversations/${conversationId}/seen`),
    setPicture(picture) {
      if (picture === null) return void ask('DELETE', '/api/users/me/avatar');
      const kinds = ['avatar', 'thumb'] as const;
      const type = 'image/webp';
      const files = kinds.map((kind) => ({
        type: kind,
        filename: `${kind}.webp`,
        contentType: type,
        size: 1,
      }));
      const { uploads } = ask('POST', '/api/users/me/avatar/presign', { files });
      const tickets = (Array.isArray(uploads) ? uploads : []).map(fieldsOf);
      for (const { key } of tickets) putPicture(String(key), { size: 1, type });
      ask('POST', '/api/users/me/avatar/complete', {
        uploads: tickets.map(({ type, key }) => ({ type, key })),
      });
    },
  };
}
