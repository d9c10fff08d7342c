import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ResponseError } from '../../src/errors.ts';
import { StampRank } from '../../src/facts.ts';
import { chat } from '../../src/protocol/chat.ts';
import { chatEvents } from '../../src/protocol/chat-events.ts';
import { arrivedAt, context, factsOf, rowTime, wireRow } from '../support/chat-wire.ts';

const stamp = { rank: StampRank.arrival, value: arrivedAt };
const message = {
  kind: 'message',
  conversationId: 'c1',
  messageId: 'm1',
  clientId: null,
  seq: null,
  senderId: 'u2',
  text: 'hello',
  mediaUrl: null,
  type: 'text',
  createdAt: rowTime,
  isDeleted: false,
  isSeen: false,
};
const hint = { kind: 'hint', conversationId: 'c1' };
const state = (fields: object = {}) => ({ kind: 'conversation', conversationId: 'c1', stamp, ...fields });

afterEach(() => void vi.unstubAllEnvs());

describe('new_message', () => {
  it.each([
    ['as the document has it', { conversation_id: 'c1', message: wireRow() }],
    ['in camel case, without a context', { conversationId: 'c1', message: wireRow() }],
    ['with the conversation only in the row', { message: wireRow() }],
    [
      'with content for message',
      { conversation_id: 'c1', message: { ...wireRow({ content: 'hello' }), message: undefined } },
    ],
    [
      'with is_read for seen',
      { conversation_id: 'c1', message: { ...wireRow({ is_read: false }), seen: undefined } },
    ],
    ['with fields nobody knows', { conversation_id: 'c1', message: wireRow({ reactions: [] }), trace: 7 }],
  ])('[EV1] is a message %s', (_, payload) => {
    expect(factsOf('new_message', payload)).toEqual([message]);
  });

  it('[EV1] brings the state of its conversation along', () => {
    const conversation_context = { flow_state: 'open', awaiting_role: null };
    expect(
      factsOf('new_message', { conversation_id: 'c1', message: wireRow(), conversation_context }),
    ).toEqual([message, state({ flowState: 'open', awaitingRole: null })]);
  });

  it('[EV2] names by number or string', () => {
    const numeric = { conversation_id: 1, message: wireRow({ id: 2, conversation_id: 1, sender_id: 3 }) };
    expect(factsOf('new_message', numeric)).toEqual([
      { ...message, conversationId: '1', messageId: '2', senderId: '3' },
    ]);
  });

  it.each([
    ['2026-01-02T03:04:05.678901+00:00', rowTime],
    ['2026-01-02T03:04:05.678Z', rowTime],
    ['2026-01-02T03:04:05.678', rowTime],
    ['2026-01-02 03:04:05.678901', rowTime],
    ['2026-01-02T05:04:05.678+02:00', rowTime],
    ['2026-01-02T03:04:05Z', rowTime - 678],
    [undefined, arrivedAt],
    [null, arrivedAt],
  ])('[EV3] is of the time %s', (created_at, createdAt) => {
    expect(factsOf('new_message', { message: wireRow({ created_at }) })).toEqual([{ ...message, createdAt }]);
  });

  it('[EV3] is of UTC without a zone, wherever this runs', () => {
    for (const zone of ['Asia/Tokyo', 'America/New_York']) {
      vi.stubEnv('TZ', zone);
      const row = wireRow({ created_at: '2026-01-02T03:04:05.678' });
      expect(factsOf('new_message', { message: row })).toEqual([message]);
    }
  });

  it.each([
    ['user_input', 'user_input'],
    ['automated', 'automated'],
    ['a kind of tomorrow', 'a kind of tomorrow'],
    [undefined, 'text'],
    [null, 'text'],
  ])('[EV4] is of the type %s', (message_type, type) => {
    expect(factsOf('new_message', { message: wireRow({ message_type }) })).toEqual([{ ...message, type }]);
  });

  it.each([
    ['https://cdn.example.com/a.png', 'https://cdn.example.com/a.png'],
    ['/media/a.png', 'https://api.example.com/media/a.png'],
    ['javascript:alert(1)', null],
    ['', null],
  ])('[EV5] shows media at %s only where that is safe', (media_url, mediaUrl) => {
    expect(factsOf('new_message', { message: wireRow({ media_url }) })).toEqual([{ ...message, mediaUrl }]);
  });

  it('[EV6] takes numbers, client ids and deletions where there are any', () => {
    const row = wireRow({
      seq: 4,
      client_id: 'k1',
      seen: true,
      deleted_at: '2026-01-02T03:04:05Z',
      content: 'gone',
    });
    expect(factsOf('new_message', { conversation_id: 'c1', message: row })).toEqual([
      { ...message, seq: 4, clientId: 'k1', isSeen: true, isDeleted: true, text: '' },
    ]);
  });

  it('[EV6] is emptied by message_deleted, whatever its row says', () => {
    const payload = {
      conversation_id: 'c1',
      message: wireRow({ content: 'still here', media_url: '/x.png' }),
    };
    expect(factsOf('message_deleted', payload)).toEqual([{ ...message, text: '', isDeleted: true }]);
  });
});

describe('conversation_list_updated', () => {
  it('[EV7] is a message where it carries a whole row, with or without a timestamp', () => {
    const payload = { conversation_id: 'c1', action: 'message_received', message: wireRow() };
    for (const extra of [{}, { timestamp: '2026-01-02T03:04:05Z' }]) {
      expect(factsOf('conversation_list_updated', { ...payload, ...extra })).toEqual([
        state(),
        message,
        { ...hint, of: 'row' },
      ]);
    }
    for (const row of [wireRow({ seq: 4 }), wireRow({ sender_id: 'me' })]) {
      expect(factsOf('conversation_list_updated', { ...payload, message: row })).toHaveLength(2);
    }
  });

  it('[EV7] is a preview where it carries part of a row, and a hint where it carries none', () => {
    const payload = { conversation_id: 'c1', action: 'message_sent' };
    const part = { message: 'hello', created_at: '2026-01-02T03:04:05.678Z', sender_id: 'u2' };
    expect(factsOf('conversation_list_updated', { ...payload, message: part })).toEqual([
      state(),
      {
        kind: 'activity',
        conversationId: 'c1',
        at: rowTime,
        preview: expect.objectContaining({ messageId: null, senderId: 'u2', text: 'hello', type: 'text' }),
      },
    ]);
    for (const none of ['hello', null, 7, ['hello']]) {
      expect(factsOf('conversation_list_updated', { ...payload, message: none })).toEqual([state(), hint]);
    }
    expect(
      factsOf('conversation_list_updated', { conversation_id: 'c1', action: 'message_received' }),
    ).toEqual([state(), { ...hint, of: 'list' }]);
  });

  it('[EV8] tells the state at its top or in its context', () => {
    const top = { flow_state: 'agreed', awaiting_role: 'influencer', chat_status: 'realtime' };
    const payload = { conversation_id: 'c1', action: 'state_changed', message: null };
    const fact = state({ flowState: 'agreed', awaitingRole: 'influencer', chatStatus: 'realtime' });
    expect(factsOf('conversation_list_updated', { ...payload, ...top })).toEqual([fact]);
    expect(factsOf('conversation_list_updated', { ...payload, conversation_context: top })).toEqual([fact]);
  });
});

describe('unread_count_updated', () => {
  it('[EV9] is the count where it is absolute', () => {
    const fact = { kind: 'unread', conversationId: 'c1', count: 3, lastSeq: null, readSeq: null, stamp };
    for (const action of ['set', 'reset', undefined, null]) {
      expect(factsOf('unread_count_updated', { conversation_id: 'c1', unread_count: 3, action })).toEqual([
        fact,
      ]);
    }
    const exact = { conversation_id: 'c1', unread_count: 3, action: 'set', last_seq: 9, read_seq: 5 };
    expect(factsOf('unread_count_updated', exact)).toEqual([
      { kind: 'read', conversationId: 'c1', userId: 'me', seq: 5, at: null, messageId: null },
      { ...fact, lastSeq: 9, readSeq: 5 },
    ]);
  });

  it('[EV9] adds nothing where it is a delta: it only says that there is something to read', () => {
    const payload = { conversation_id: 'c1', unread_count: 1, action: 'increment' };
    expect(factsOf('unread_count_updated', payload)).toEqual([{ ...hint, of: 'count' }]);
  });
});

describe('typing and presence', () => {
  it.each([
    ['typing_status_update', { conversation_id: 'c1', user_id: 'u2', is_typing: true, timestamp: 'now' }],
    ['user_typing', { conversationId: 'c1', userId: 'u2', isTyping: true }],
    ['user_typing', { conversation_id: 'c1', user_id: 'u2', is_typing: true }],
  ])('[EV10] %s tells who types', (name, payload) => {
    const fact = { kind: 'typing', conversationId: 'c1', userId: 'u2' };
    expect(factsOf(name, payload)).toEqual([{ ...fact, isTyping: true }]);
    const stopped = { ...payload, isTyping: false, is_typing: false };
    expect(factsOf(name, stopped)).toEqual([{ ...fact, isTyping: false }]);
  });

  it.each([
    ['user_status_update', { user_id: 'u2', status: 'online', timestamp: '2026-01-02T03:04:05Z' }, 'online'],
    ['user_status_change', { userId: 2, status: 'away' }, 'away'],
    ['user_status_change', { userId: 'u2', status: 'offline' }, 'offline'],
    ['user_status_update', { user_id: 'u2', status: 'in a meeting' }, 'offline'],
    ['user_offline', { userId: 'u2' }, 'offline'],
  ])('[EV11] %s means presence', (name, payload, presence) => {
    const userId = 'userId' in payload ? String(payload.userId) : 'u2';
    expect(factsOf(name, payload)).toEqual([{ kind: 'presence', userId, presence, stamp }]);
  });
});

describe('seen events', () => {
  const fact = { kind: 'read', conversationId: 'c1', userId: 'u2', seq: null, at: null, messageId: null };
  const time = '2026-01-02T03:04:05.678Z';

  it.each([
    [
      'message_seen',
      { messageId: 'm1', userId: 'u2', conversationId: 'c1', timestamp: time },
      { messageId: 'm1' },
    ],
    ['message_seen', { message_id: 7, user_id: 'u2', conversation_id: 'c1' }, { messageId: '7' }],
    ['messages_seen', { conversationId: 'c1', userId: 'u2', timestamp: time }, { at: rowTime }],
    ['messages_seen', { conversationId: 'c1', userId: 'u2' }, { at: arrivedAt }],
    ['messages_seen', { conversationId: 'c1', userId: 'u2', timestamp: time, read_seq: 5 }, { seq: 5 }],
    [
      'message_seen_update',
      { messageId: 'm1', conversationId: 'c1', timestamp: time },
      { messageId: 'm1', userId: 'me' },
    ],
    ['messages_seen_update', { conversationId: 'c1', timestamp: time }, { at: rowTime, userId: 'me' }],
    [
      'messages_seen_update',
      { conversationId: 'c1', timestamp: time, read_seq: 5 },
      { seq: 5, userId: 'me' },
    ],
  ])('[EV12] %s is a mark', (name, payload, fields) => {
    expect(factsOf(name, payload)).toMatchObject([{ ...fact, ...fields }]);
  });

  it('[EV13] sync_state is the own mark and the count above it', () => {
    expect(factsOf('sync_state', { conversation_id: 'c1', last_seq: 9, seen_seq: 5, unread: 3 })).toEqual([
      { kind: 'heartbeat', conversationId: 'c1' },
      { ...fact, userId: 'me', seq: 5 },
      { kind: 'unread', conversationId: 'c1', count: 3, lastSeq: 9, readSeq: 5, stamp },
    ]);
  });
});

describe('conversation_state_changed', () => {
  it('[EV8] tells the new state at its top or nested', () => {
    const fact = state({ flowState: 'agreed', awaitingRole: null });
    const fields = { flow_state: 'agreed', awaiting_role: null };
    expect(factsOf('conversation_state_changed', { conversation_id: 'c1', ...fields })).toEqual([fact]);
    const nested = { conversationId: 'c1', previous_state: {}, new_state: fields, reason: 'accepted' };
    expect(factsOf('conversation_state_changed', nested)).toEqual([fact]);
  });
});

describe('notification', () => {
  const fact = {
    kind: 'notification',
    type: 'message',
    id: null,
    title: null,
    body: null,
    conversationId: null,
  };

  it('[EV14] is told, with what it says of a conversation', () => {
    const data = {
      id: 5,
      title: 'New message',
      body: 'hello',
      created_at: '2026-01-02T03:04:05.678Z',
      payload: { a: 1 },
      conversation_id: 'c1',
      message: wireRow(),
    };
    expect(factsOf('notification', { type: 'message', data })).toEqual([
      {
        ...fact,
        id: '5',
        title: 'New message',
        body: 'hello',
        createdAt: rowTime,
        payload: { a: 1 },
        conversationId: 'c1',
      },
      message,
    ]);
  });

  it('[EV14] may lack nearly everything, and its message may be a text', () => {
    const data = { conversation_id: 'c1', message: 'hello', payload: null };
    expect(factsOf('notification', { type: 'message', data })).toEqual([
      { ...fact, body: 'hello', createdAt: arrivedAt, payload: null, conversationId: 'c1' },
      { ...hint, of: 'notice' },
    ]);
    expect(factsOf('notification', { type: 'system', data })).toMatchObject([{}, hint]);
    expect(factsOf('notification', { type: 'system', data: { message: null, payload: null } })).toEqual([
      { ...fact, type: 'system', createdAt: arrivedAt, payload: null },
    ]);
  });
});

describe('refusals', () => {
  it.each([
    ['message_error', 'message'],
    ['seen_error', 'seen'],
  ])('[EV15] %s is a refusal, with the id of what was refused where it says', (name, of) => {
    const fact = { kind: 'refusal', of, clientId: null, reason: 'no' };
    expect(factsOf(name, { error: 'no' })).toEqual([fact]);
    expect(factsOf(name, { error: 'no', code: 'FORBIDDEN', clientId: 'k1' })).toEqual([
      { ...fact, clientId: 'k1' },
    ]);
  });

  const input = {
    conversationId: 'c1',
    senderId: 'me',
    receiverId: null,
    text: 'hello',
    mediaUrl: null,
    clientId: 'k1',
  };

  it.each([
    ['FORBIDDEN', false],
    ['INVALID_REQUEST', false],
    ['RATE_LIMITED', true],
    ['INTERNAL', true],
    [undefined, true],
  ])('[EV15] an acknowledgement that says %s is an error', (code, retryable) => {
    const ack = { ok: false, code, error: 'because' };
    expect(() => chat.commands.send?.parse(ack, input, context)).toThrow(
      expect.objectContaining({
        name: 'RealtimeError',
        retryable,
        message: expect.stringContaining('because'),
      }),
    );
  });

  it.each([
    ['under message', { ok: true, message: wireRow() }],
    ['under data', { ok: true, data: wireRow() }],
    ['bare', wireRow()],
  ])('[EV16] an acknowledgement carries the row %s', (_, ack) => {
    expect(chat.commands.send?.parse(ack, input, context)).toEqual(message);
  });

  it('[EV16] an acknowledgement without a row is a bad response', () => {
    for (const ack of [undefined, null, true, {}, { ok: true }, 'ok']) {
      expect(() => chat.commands.send?.parse(ack, input, context)).toThrow(ResponseError);
    }
  });
});

it('[EV17] conversation_list_refresh asks to read the list, whatever it carries', () => {
  for (const payload of [undefined, {}, { user_id: 'me', timestamp: 'now' }]) {
    expect(factsOf('conversation_list_refresh', payload)).toEqual([{ kind: 'hint', conversationId: null }]);
  }
});

describe('what does not fit', () => {
  const keys = [
    ...[
      'conversation_id',
      'conversationId',
      'user_id',
      'userId',
      'message',
      'message_id',
      'messageId',
      'action',
    ],
    ...[
      'unread_count',
      'last_seq',
      'read_seq',
      'seen_seq',
      'unread',
      'is_typing',
      'isTyping',
      'status',
      'type',
    ],
    ...[
      'data',
      'error',
      'timestamp',
      'id',
      'sender_id',
      'content',
      'created_at',
      'seq',
      'flow_state',
      'new_state',
    ],
    ...['conversation_context', '__proto__', 'constructor'],
  ];
  const value: fc.Arbitrary<unknown> = fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      'c1',
      'm1',
      'u2',
      'increment',
      'online',
      1,
      0,
      -1,
      1.5,
      true,
      null,
      '',
      '2026-01-02T03:04:05Z',
    ),
    fc.jsonValue({ maxDepth: 2 }),
    fc.letrec((tie) => ({
      object: fc.dictionary(fc.constantFrom(...keys), tie('leaf'), { maxKeys: 8 }),
      leaf: fc.oneof(fc.constantFrom('c1', 1, null, 'x', true), fc.jsonValue({ maxDepth: 1 })),
    })).object,
  );
  const payload = fc.oneof(value, fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 10 }));

  it.each(Object.keys(chatEvents))(
    '[EV18] no JSON value in %s throws anything but a ResponseError',
    (name) => {
      fc.assert(
        fc.property(payload, (each) => {
          try {
            for (const fact of factsOf(name, each)) expect(fact.kind).toBeTypeOf('string');
          } catch (error) {
            expect(error).toBeInstanceOf(ResponseError);
          }
        }),
        { numRuns: 2_000 },
      );
    },
  );

  it('[EV18] names the place', () => {
    expect(() => factsOf('new_message', { message: wireRow({ sender_id: {} }) })).toThrow(
      /message\.sender_id/,
    );
    expect(() => factsOf('user_typing', { conversationId: 'c1' })).toThrow(ResponseError);
    expect(() => factsOf('unread_count_updated', { conversation_id: 'c1', unread_count: -1 })).toThrow(
      /unread_count/,
    );
  });
});
