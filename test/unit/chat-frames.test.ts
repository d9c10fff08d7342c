import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ZodMiniType } from 'zod/mini';
import { chatEvents, newMessage } from '../../src/protocol/chat-events.ts';
import { readMessageRow, readNewMessage } from '../../src/protocol/chat-frames.ts';
import { messageRow } from '../../src/protocol/chat-rows.ts';
import { readTime, serverTime } from '../../src/protocol/schemas.ts';

const readers: Readonly<Record<string, [read: (value: unknown) => unknown, schema: ZodMiniType]>> = {
  'a message row': [readMessageRow, messageRow],
  new_message: [readNewMessage, newMessage],
};

const id = fc.oneof(
  fc.uuid(),
  fc.nat(),
  fc.constantFrom('', 'x'.repeat(256), 'x'.repeat(257), 0, -0, -1, 1.5, 2 ** 53, Number.NaN, null),
);
const time = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().replace('Z', '000+00:00')),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, -1)),
  fc.stringMatching(/^20\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-6]\d(:[0-6]\d(\.\d{1,7})?)?(Z|z|[+-]\d\d:?\d\d)?$/),
  fc.constantFrom('', 'Z', 'z', 'yesterday', '2026', '2026-11-01', '+00:00', 0),
);
const count = fc.oneof(fc.nat(), fc.constantFrom(0, -0, -1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY, '1'));
const nothing = fc.constantFrom(null, undefined);
const state = fc.record(
  {
    flow_state: fc.oneof(fc.string(), nothing),
    awaiting_role: fc.oneof(fc.string(), nothing),
    chat_status: fc.oneof(fc.string(), nothing),
    unknown: fc.anything(),
  },
  { requiredKeys: [] },
);
/** Most often what it should be, sometimes anything. */
const mostly = (usual: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 30, arbitrary: usual },
    { weight: 2, arbitrary: nothing },
    { weight: 1, arbitrary: fc.anything() },
  );

const rowFields = {
  id: mostly(id),
  conversation_id: mostly(id),
  sender_id: mostly(id),
  receiver_id: mostly(id),
  content: mostly(fc.string()),
  message: mostly(fc.string()),
  message_type: mostly(fc.constantFrom('text', 'image')),
  media_url: mostly(fc.constantFrom(null, '', 'https://cdn.example.com/a.webp', 'javascript:0')),
  seen: mostly(fc.boolean()),
  is_read: mostly(fc.boolean()),
  created_at: mostly(time),
  deleted_at: mostly(fc.oneof(time, nothing)),
  seq: mostly(count),
  client_id: mostly(fc.uuid()),
};
const row = fc.record(rowFields, { requiredKeys: [] });
const fields = fc.record(
  {
    conversation_id: mostly(id),
    conversationId: mostly(id),
    message: mostly(row),
    conversation_context: mostly(state),
    unknown: fc.anything(),
  },
  { requiredKeys: [] },
);
const payload = fc.oneof(
  { weight: 10, arbitrary: row },
  { weight: 10, arbitrary: fields },
  { weight: 1, arbitrary: fc.anything() },
  { weight: 1, arbitrary: fc.array(row, { maxLength: 2 }) },
);

/** Like others, but for one field. */
const mutated = fc
  .tuple(
    fc.constantFrom(...Object.keys(usualPayloads())),
    fc.nat(),
    fc.oneof(id, time, count, state, fc.anything()),
  )
  .map(([name, place, value]) => {
    const original = usualPayloads()[name];
    const target = place % 2 === 0 && isRecord(original?.message) ? original.message : original;
    const keys = Object.keys(target ?? {});
    const key = keys[place % keys.length];
    if (isRecord(target) && key !== undefined) Object.assign(target, { [key]: value });
    return original;
  });

describe('readers of what comes most often', () => {
  for (const [name, [read, schema]] of Object.entries(readers)) {
    it(`take and refuse ${name} as its schema does, and give the same`, () => {
      let taken = 0;
      fc.assert(
        fc.property(fc.oneof(payload, mutated), (value) => {
          const wanted = schema.safeParse(value);
          const given = read(value);
          taken += given === undefined ? 0 : 1;
          // Absent and undefined are the same to whoever reads a row.
          expect(given).toEqual(wanted.success ? wanted.data : undefined);
        }),
        { numRuns: 3_000 },
      );
      expect(taken).toBeGreaterThan(100);
    });
  }

  it('take and refuse times as their schema does', () => {
    fc.assert(
      fc.property(fc.oneof(time, fc.string(), fc.anything()), (value) => {
        fc.pre(value !== undefined && value !== null);
        const wanted = serverTime.safeParse(value);
        expect(readTime(value)).toBe(wanted.success ? wanted.data : Number.NaN);
      }),
      { numRuns: 3_000 },
    );
  });

  it('read a time without a zone as UTC', () => {
    fc.assert(
      fc.property(fc.oneof(time.map(String), fc.string()), (text) => {
        const isZoned = /(z|[+-]\d\d:?\d\d)$/i.test(text);
        expect(readTime(text)).toBe(Date.parse(isZoned ? text : `${text}Z`));
      }),
    );
    expect(readTime('2026-11-01T10:00:00Z ')).toBeNaN();
  });

  it('read the frames of the document', () => {
    for (const [name, value] of Object.entries(usualPayloads())) {
      expect(readers[name]?.[0](value), name).toEqual(readers[name]?.[1].safeParse(value).data);
      expect(readers[name]?.[0](value), name).toBeDefined();
    }
  });

  it('say where a refused frame differs from its schema', () => {
    const context = { userId: 'me', at: 1, resolveUrl: (url: string) => url, isSafeUrl: () => true };
    const { new_message: broken } = usualPayloads();
    Object.assign(broken?.message ?? {}, { sender_id: {} });
    expect(() => chatEvents.new_message?.(broken, context)).toThrow('message.sender_id');
    expect(() => chatEvents.user_typing?.({ isTyping: 1 }, context)).toThrow('isTyping');
    expect(() => chatEvents.messages_seen?.({ read_seq: -1 }, context)).toThrow('read_seq');
    expect(() => chatEvents.messages_seen?.({ userId: 'u1', read_seq: 1 }, context)).toThrow('conversation');
    expect(() => chatEvents.user_typing?.({ conversationId: 'c1' }, context)).toThrow('user');
  });
});

function usualPayloads(): Record<string, Record<string, unknown>> {
  const message = {
    id: '6b1f',
    conversation_id: 'c1',
    sender_id: 7,
    receiver_id: 'u2',
    content: 'hello',
    message: 'hello',
    message_type: 'text',
    media_url: null,
    seen: false,
    is_read: false,
    created_at: '2026-11-01T10:00:00.000Z',
    deleted_at: null,
    seq: 3,
    client_id: null,
  };
  return {
    'a message row': { ...message },
    new_message: {
      conversation_id: 'c1',
      message,
      conversation_context: { flow_state: null, awaiting_role: null, chat_status: 'open' },
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
