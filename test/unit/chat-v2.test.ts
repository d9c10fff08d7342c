import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseError } from '../../src/errors.ts';
import { StampRank } from '../../src/facts.ts';
import { chatV2 } from '../../src/presets/chat-v2.ts';
import { chatV2Events } from '../../src/protocol/chat-v2.ts';
import { arrivedAt, context, factsOf, rowTime, wireRow } from '../support/chat-wire.ts';

const factsOfV2 = (name: string, payload: unknown) => factsOf(name, payload, chatV2.events);
const row = (fields: object = {}) => ({
  id: 'm1',
  conversationId: 'c1',
  senderId: 'u2',
  text: 'hello',
  attachments: [],
  createdAt: '2026-01-02T03:04:05.678Z',
  ...fields,
});
const fact = {
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
const mark = { kind: 'read', conversationId: 'c1', userId: 'u2', seq: null, at: null, messageId: null };
const picture = 'https://cdn.example.com/a.png';
const draft = {
  conversationId: 'c1',
  senderId: 'me',
  receiverId: null,
  text: 'hello',
  mediaUrl: null,
  clientId: 'k1',
};

describe('a message of the later generation', () => {
  it.each([
    ['in its own names', row(), {}],
    ['in the names of the first', wireRow(), {}],
    [
      'in both',
      { ...wireRow({ message: 'old', seq: 4, client_id: 'k1' }), ...row() },
      { seq: 4, clientId: 'k1' },
    ],
    [
      'with numbers for ids',
      row({ id: 1, conversationId: 10, senderId: 2 }),
      { messageId: '1', conversationId: '10', senderId: '2' },
    ],
    ['with a nonce', row({ clientNonce: 'k1' }), { clientId: 'k1' }],
    ['without a time', row({ createdAt: undefined }), { createdAt: arrivedAt }],
    [
      'with an attachment',
      row({ attachments: [{ url: picture, type: 'image' }] }),
      { mediaUrl: picture, type: 'image' },
    ],
    ['with the address of one', row({ text: null, attachments: [picture] }), { text: '', mediaUrl: picture }],
    ['with one that is not safe', row({ attachments: ['javascript:alert(1)'] }), {}],
    ['that is deleted', row({ deleted_at: '2026-01-02T03:04:05Z' }), { text: '', isDeleted: true }],
  ])('[CN3] is understood %s', (_, message, differs) => {
    expect(factsOfV2('chat:new', { message })).toEqual([{ ...fact, ...differs }]);
  });

  it('[CN2] is known by its tempId once it is acknowledged, however late', () => {
    const message = row({ senderId: 'me' });
    expect(factsOfV2('chat:ack', { tempId: 'k1', message })).toEqual([
      { ...fact, senderId: 'me', clientId: 'k1' },
    ]);
  });

  it('[CN3] that names no conversation, no sender or no id is refused with the place', () => {
    for (const [field, place] of [
      ['conversationId', /conversation/],
      ['senderId', /sender_id/],
      ['id', /id/],
    ] as const)
      expect(() => factsOfV2('chat:new', { message: row({ [field]: undefined }) })).toThrow(place);
  });

  it('goes out under its client id, with its media as an attachment', () => {
    const sent = { tempId: 'k1', conversationId: 'c1', text: 'hello', clientNonce: 'k1' };
    const emit = (input: object) => chatV2.commands.send?.emit({ ...draft, ...input });
    expect(emit({})).toEqual({ name: 'chat:send', args: [{ ...sent, attachments: [] }] });
    expect(emit({ mediaUrl: picture })?.args).toEqual([{ ...sent, attachments: [{ url: picture }] }]);
  });
});

describe('the answer to a message', () => {
  const parse = (answer: unknown) => chatV2.commands.send?.parse(answer, draft, context);

  it('[CN3] carries the row, also one that leaves out its conversation', () => {
    const message = row({ conversationId: undefined });
    expect(parse({ tempId: 'k1', message })).toEqual(fact);
    expect(parse({ ok: true, message })).toEqual(fact);
  });

  it.each([
    [{ message: 'Text is required', tempId: 'k1' }, 'BAD_REQUEST', false],
    [{ message: 'Not yours', code: 'FORBIDDEN', tempId: 'k1' }, 'FORBIDDEN', false],
    [{ message: 'Slow down', code: 'RATE_LIMITED', tempId: 'k1' }, 'RATE_LIMITED', true],
    [{ ok: false, code: 'INTERNAL', error: 'oh' }, 'SERVER_ERROR', true],
    [{ ok: false, code: 'CLIENT_ID_CONFLICT', error: 'twice' }, 'CONFLICT', false],
  ])('[CN4] is an error where it says %o', (answer, code, retryable) => {
    expect(() => parse(answer)).toThrow(expect.objectContaining({ name: 'RealtimeError', code, retryable }));
  });

  it('[CN3] is a bad response where it is neither', () => {
    for (const answer of [undefined, null, {}, { ok: true }, { message: 7 }, { message: {} }, 'ok'])
      expect(() => parse(answer)).toThrow(ResponseError);
  });
});

describe('marks of the later generation', () => {
  it.each([
    [{ read_seq: 5, upToMessageId: 'm5' }, [{ ...mark, seq: 5 }]],
    [{ upToMessageId: 'm5' }, [{ ...mark, messageId: 'm5' }]],
    [
      { messageIds: ['m4', 5] },
      [
        { ...mark, messageId: 'm4' },
        { ...mark, messageId: '5' },
      ],
    ],
    [{}, []],
  ])('[CN5] are read by number, else by the messages they name: %o', (how, facts) => {
    expect(factsOfV2('chat:read', { conversationId: 'c1', userId: 'u2', ...how })).toEqual(facts);
  });

  it('[CN5] go out for a message, and by REST where none is known', () => {
    const { emit, parse } = chatV2.commands.markSeen ?? {};
    const input = { conversationId: 'c1', userId: 'me', messageId: 'm5', seq: 5 };
    expect(emit?.(input)).toEqual({
      name: 'chat:read',
      args: [{ conversationId: 'c1', upToMessageId: 'm5' }],
    });
    expect(emit?.({ ...input, messageId: null })).toBeNull();
    expect(parse?.({ ok: true, read_seq: 5 }, input, context)).toEqual([]);
    expect(() => parse?.({ ok: false, code: 'MESSAGE_NOT_FOUND' }, input, context)).toThrow('mark as seen');
  });
});

describe('a row that came up', () => {
  const conversation = { id: 7, other_user: { id: 2, name: 'Jonas' }, unread_count: 3 };
  const last = { message: 'hello', created_at: '2026-01-02T03:04:05.678', sender_id: 2 };
  const kinds = (payload: object) => factsOfV2('conversations:upsert', payload).map(({ kind }) => kind);

  it('[CN6] states all that rows of lists do', () => {
    const facts = factsOfV2('conversations:upsert', { ...conversation, last_message: last });
    const stamp = { rank: StampRank.arrival, value: arrivedAt };
    expect(facts).toContainEqual(
      expect.objectContaining({ kind: 'conversation', conversationId: '7', otherUserId: '2' }),
    );
    expect(facts).toContainEqual(expect.objectContaining({ kind: 'activity', at: rowTime }));
    expect(facts).toContainEqual(expect.objectContaining({ kind: 'unread', count: 3, stamp }));
    expect(facts.map(({ kind }) => kind)).not.toContain('hint');
  });

  it('[CN6] is worth a read where it has no count and somebody else wrote last', () => {
    const { unread_count: _, ...bare } = conversation;
    expect(factsOfV2('conversations:upsert', { ...bare, last_message: last })).toContainEqual({
      kind: 'hint',
      conversationId: '7',
      of: 'list',
    });
    expect(kinds({ ...bare, last_message: { ...last, sender_id: 'me' } })).not.toContain('hint');
    expect(kinds(bare)).not.toContain('hint');
  });
});

it('[CN4] a refusal without a tempId is told, of nothing in particular', () => {
  expect(factsOfV2('chat:error', { message: 'no' })).toEqual([
    { kind: 'refusal', of: 'message', clientId: null, reason: 'no' },
  ]);
});

describe('what does not fit', () => {
  const names = ['message', 'tempId', 'conversationId', 'userId', 'messageIds', 'id', 'last_message'];
  const value = fc.jsonValue({ maxDepth: 3 });
  const payload = fc.oneof(value, fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 7 }));

  it.each(Object.keys(chatV2Events))(
    '[EV18] no JSON value in %s throws anything but a ResponseError',
    (name) => {
      fc.assert(
        fc.property(payload, (each) => {
          try {
            for (const { kind } of factsOfV2(name, each)) expect(kind).toBeTypeOf('string');
          } catch (error) {
            expect(error).toBeInstanceOf(ResponseError);
          }
        }),
        { numRuns: 2_000 },
      );
    },
  );
});
