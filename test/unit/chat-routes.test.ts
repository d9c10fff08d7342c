import { describe, expect, it } from 'vitest';
import type { Capabilities } from '../../src/chat-models.ts';
import { ResponseError } from '../../src/errors.ts';
import { StampRank } from '../../src/facts.ts';
import { chat, definePreset } from '../../src/index.ts';
import { chatRoutes, runningRoutes } from '../../src/protocol/chat-routes.ts';
import { arrivedAt, context, rowTime, wireRow } from '../support/chat-wire.ts';

/** An answer, as it came. */
const answer = (body: unknown, status = 200) => ({ status, body, at: arrivedAt });
const stamp = { rank: StampRank.arrival, value: arrivedAt };
const listInput = { userId: 'me', page: 1, limit: 2 };

const conversationRow = (fields: object = {}) => ({
  id: 'c1',
  other_user: { id: 'u2', name: 'Jonas', role: 'influencer', profile_image_url: null },
  last_message: null,
  conversation_type: 'bid',
  flow_state: 'request_sent',
  awaiting_role: 'influencer',
  chat_status: 'automated',
  created_at: '2026-01-02T03:04:05.678Z',
  updated_at: null,
  ...fields,
});

describe('the document’s paths', () => {
  it('[RO1] name everything in the path and the query, escaped', () => {
    const { conversations, messages, conversation, sync } = chatRoutes;
    expect([
      conversations.path({ ...listInput, role: 'brand owner' }),
      conversations.path(listInput),
      messages.path({ conversationId: 'a/b', limit: 50, page: 1 }),
      messages.path({ conversationId: 'c1', limit: 50, beforeSeq: 7 }),
      messages.path({ conversationId: 'c1', limit: 50, afterSeq: 7 }),
      conversation?.path({ conversationId: 'c?1' }),
      sync?.path({ since: null }),
      sync?.path({ since: 'a&b' }),
    ]).toEqual([
      '/api/conversations?user_id=me&role=brand%20owner&page=1&limit=2',
      '/api/conversations?user_id=me&page=1&limit=2',
      '/api/conversations/a%2Fb/messages?page=1&limit=50',
      '/api/conversations/c1/messages?before_seq=7&limit=50',
      '/api/conversations/c1/messages?after_seq=7&limit=50',
      '/api/conversations/c%3F1',
      '/api/sync',
      '/api/sync?since=a%26b',
    ]);
  });

  it('[RO2] leave out of a body what is not there, since backends refuse null', () => {
    const input = {
      conversationId: 'c1',
      senderId: 'me',
      receiverId: null,
      text: 'hi',
      mediaUrl: null,
      clientId: 'k1',
    };
    expect(chatRoutes.send.body?.(input)).toEqual({ conversation_id: 'c1', message: 'hi', client_id: 'k1' });
    expect(chatRoutes.send.body?.({ ...input, receiverId: 'u2', mediaUrl: 'https://x/y' })).toEqual({
      conversation_id: 'c1',
      message: 'hi',
      client_id: 'k1',
      receiver_id: 'u2',
      media_url: 'https://x/y',
    });
    const push = { token: 't', deviceType: 'web', deviceId: undefined };
    expect(chatRoutes.registerPush.body?.(push)).toEqual({ token: 't', device_type: 'web' });
    expect(chatRoutes.registerPush.body?.({ ...push, deviceId: 'd' })).toEqual({
      token: 't',
      device_type: 'web',
      device_id: 'd',
    });
    const seen = { conversationId: 'c1', userId: 'me', messageId: null, seq: null };
    expect(chatRoutes.markSeen.body?.(seen)).toEqual({});
    expect(chatRoutes.markSeen.body?.({ ...seen, messageId: 'm1', seq: 4 })).toEqual({
      message_id: 'm1',
      up_to_seq: 4,
    });
  });
});

describe('running backends', () => {
  it('[RO3] have other paths for the list and for sending, and no more than the plain wire', () => {
    const { routes } = definePreset({ extends: chat, routes: runningRoutes });
    const { conversations, send, messages, capabilities, sync, conversation, deleteMessage } = routes;
    const input = {
      conversationId: 'c1',
      senderId: 'me',
      receiverId: 'u2',
      text: 'hi',
      mediaUrl: null,
      clientId: 'k1',
    };
    expect([conversations.path(listInput), send.method, send.path(input), messages]).toEqual([
      '/api/messages/conversations?page=1&limit=2',
      'POST',
      '/api/messages',
      chatRoutes.messages,
    ]);
    expect([capabilities, sync, conversation, deleteMessage]).toEqual([null, null, null, null]);
    expect(send.body?.(input)).toMatchObject({ conversation_id: 'c1', receiver_id: 'u2', message: 'hi' });
    expect(send.body?.(input)).not.toHaveProperty('media_url');
  });
});

describe('the list', () => {
  const parse = (body: unknown) => chatRoutes.conversations.parse(answer(body), listInput, context);

  it('[RO4] trusts no total: a short page is the last', () => {
    const rows = [conversationRow(), conversationRow({ id: 'c2' })];
    for (const total of [0, null, 2, 900]) {
      const pagination = { page: 1, limit: 2, total };
      expect(parse({ success: true, conversations: rows, pagination }).hasMore).toBe(true);
      expect(parse({ success: true, conversations: rows.slice(1), pagination }).hasMore).toBe(false);
    }
  });

  it('[RO5] takes rows of running backends: no count, a last message without id, numeric ids', () => {
    const row = conversationRow({
      id: 1,
      other_user: { id: 2, name: 'Jonas', role: null, profile_image_url: null },
      last_message: { message: 'hello', created_at: '2026-01-02T03:04:05.678901+00:00', sender_id: 2 },
    });
    const { facts, conversationIds } = parse({ conversations: [row] });
    expect(conversationIds).toEqual(['1']);
    const of = { conversationId: '1' };
    expect(facts).toEqual([
      {
        kind: 'conversation',
        ...of,
        stamp,
        otherUserId: '2',
        type: 'bid',
        flowState: 'request_sent',
        awaitingRole: 'influencer',
        chatStatus: 'automated',
      },
      { kind: 'activity', ...of, at: rowTime, preview: null },
      {
        kind: 'activity',
        ...of,
        at: rowTime,
        preview: expect.objectContaining({ messageId: null, senderId: '2', text: 'hello', type: 'text' }),
      },
      { kind: 'name', userId: '2', value: 'Jonas', stamp },
      { kind: 'avatar', userId: '2', picture: null, stamp },
    ]);
  });

  it('[RO5] takes rows of level 2: numbers, both marks, the count they belong to, a versioned picture', () => {
    const { facts } = parse({
      conversations: [
        conversationRow({
          other_user: {
            id: 'u2',
            name: 'Jonas',
            profile_image_url: '/a.webp',
            avatar_thumb_url: '/t.webp',
            avatar_version: 3,
          },
          unread_count: 2,
          last_seq: 9,
          read_seq: 7,
          other_read_seq: 8,
        }),
      ],
    });
    const mark = { kind: 'read', conversationId: 'c1', at: null, messageId: null };
    expect(facts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'conversation', lastSeq: 9 }),
        { ...mark, userId: 'me', seq: 7 },
        { ...mark, userId: 'u2', seq: 8 },
        { kind: 'unread', conversationId: 'c1', count: 2, lastSeq: 9, readSeq: 7, stamp },
        {
          kind: 'avatar',
          userId: 'u2',
          picture: { url: 'https://api.example.com/a.webp', thumbUrl: 'https://api.example.com/t.webp' },
          stamp: { rank: StampRank.version, value: 3 },
        },
      ]),
    );
  });

  it('[RO5] shows no picture at an unsafe address, and does not delete one for it', () => {
    const other_user = { id: 'u2', name: 'Jonas', profile_image_url: 'javascript:alert(1)' };
    const { facts } = parse({ conversations: [conversationRow({ other_user })] });
    expect(facts.some(({ kind }) => kind === 'avatar')).toBe(false);
  });

  it('[RO6] that is none is a bad response', () => {
    for (const body of [
      undefined,
      null,
      [],
      {},
      { conversations: {} },
      { conversations: [{ id: {} }] },
      'x',
    ]) {
      expect(() => parse(body)).toThrow(ResponseError);
    }
  });
});

describe('messages', () => {
  const input = { conversationId: 'c1', limit: 2 };
  const rows = [wireRow({ id: 'm1', seq: 1 }), wireRow({ id: 'm2', seq: 2 })];
  const pageOf = (more: object, messages: readonly object[] = rows) =>
    chatRoutes.messages
      .parse(answer({ messages, pagination: { total: 0 } }), { ...input, ...more }, context)
      .facts.find(({ kind }) => kind === 'page');

  it('[RO7] of a page are neighbours; its length tells whether there is more', () => {
    const of = { kind: 'page', conversationId: 'c1', messageIds: ['m1', 'm2'] };
    expect(pageOf({ page: 1 })).toEqual({ ...of, hasOlder: true, isLatest: true });
    expect(pageOf({ page: 2 })).toEqual({ ...of, hasOlder: true, isLatest: false });
    expect(pageOf({ beforeSeq: 3 })).toEqual({ ...of, hasOlder: true, isLatest: false });
    expect(pageOf({ afterSeq: 0 })).toEqual({ ...of, hasOlder: null, isLatest: false });
    const short = { ...of, messageIds: ['m1'] };
    expect(pageOf({ page: 1 }, rows.slice(0, 1))).toEqual({ ...short, hasOlder: false, isLatest: true });
    expect(pageOf({ afterSeq: 0 }, rows.slice(0, 1))).toEqual({ ...short, hasOlder: null, isLatest: true });
    expect(pageOf({ page: 1 }, [])).toEqual({ ...of, messageIds: [], hasOlder: false, isLatest: true });
  });

  it('[RO7] come with the marks of all members, where the backend has them', () => {
    const body = { messages: rows, read_seqs: { me: 1, u2: 2 } };
    const { facts } = chatRoutes.messages.parse(answer(body), input, context);
    expect(facts.filter(({ kind }) => kind === 'read')).toMatchObject([
      { userId: 'me', seq: 1 },
      { userId: 'u2', seq: 2 },
    ]);
  });

  it.each([
    ['message', { success: true, message: wireRow() }],
    ['data', { success: true, data: wireRow() }],
    ['nothing', wireRow()],
    ['message, whose text is content', { message: { ...wireRow({ content: 'hello' }), message: undefined } }],
  ])('[RO8] that were saved come under %s', (_, body) => {
    const sent = {
      conversationId: 'c1',
      senderId: 'me',
      receiverId: null,
      text: 'hello',
      mediaUrl: null,
      clientId: 'k',
    };
    expect(chatRoutes.send.parse(answer(body, 201), sent, context)).toMatchObject({
      messageId: 'm1',
      conversationId: 'c1',
      text: 'hello',
    });
    expect(() => chatRoutes.send.parse(answer({ success: true }, 201), sent, context)).toThrow(ResponseError);
  });
});

describe('level 2', () => {
  it('[RO9] is what the backend says; a 404 is level 0', () => {
    const parse = (body: unknown, status = 200): Partial<Capabilities> | null | undefined =>
      chatRoutes.capabilities?.parse(answer(body, status), {}, context);
    const all = {
      level: 2,
      avatar_version: true,
      client_id: true,
      seq: true,
      sync: true,
      acks: true,
      extra: 1,
    };
    expect(parse(all)).toEqual({
      level: 2,
      avatarVersion: true,
      clientId: true,
      seq: true,
      sync: true,
      acks: true,
      mediaUpload: false,
    });
    expect(parse({})).toMatchObject({ level: 0, acks: false });
    expect(parse('<html>', 404)).toBeNull();
    expect(() => parse({ level: 'two' })).toThrow(ResponseError);
  });

  it('[RO10] has a change feed, in which kinds of tomorrow are passed over and broken ones are not', () => {
    const parse = (changes: readonly unknown[], more: object = {}) =>
      chatRoutes.sync?.parse(answer({ changes, cursor: 7, ...more }), { since: null }, context);
    const page = parse([
      { type: 'message', message: wireRow({ seq: 1 }) },
      { type: 'conversation', conversation: conversationRow() },
      { type: 'read', conversation_id: 'c1', user_id: 'u2', read_seq: 1 },
      { type: 'user', user: { id: 'u2', display_name: 'Jonas', avatar_url: null, avatar_version: 2 } },
      { type: 'reaction', emoji: 'x' },
    ]);
    expect(page).toMatchObject({ cursor: '7', hasMore: false, isReset: false });
    expect(new Set(page?.facts.map(({ kind }) => kind))).toEqual(
      new Set(['message', 'conversation', 'activity', 'name', 'avatar', 'read']),
    );
    expect(parse([], { has_more: true, reset: true })).toMatchObject({ hasMore: true, isReset: true });
    expect(() => parse([{ type: 'message', message: { id: 1 } }])).toThrow(ResponseError);
  });

  it('[RO10] reads one conversation; a 404 is none', () => {
    const parse = (body: unknown, status: number) =>
      chatRoutes.conversation?.parse(answer(body, status), { conversationId: 'c1' }, context);
    expect(parse({ error: 'no' }, 404)).toBeNull();
    expect(parse({ conversation: conversationRow() }, 200)?.length).toBeGreaterThan(0);
  });
});
