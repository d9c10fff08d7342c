import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ZodMiniType } from 'zod/mini';
import { chatEvents, newMessage } from '../../src/protocol/chat-events.ts';
import { isMessageRow, isNewMessage } from '../../src/protocol/chat-frames.ts';
import { messageRow } from '../../src/protocol/chat-rows.ts';
import { serverTime } from '../../src/protocol/schemas.ts';
import { timeOf } from '../../src/protocol/wire-time.ts';

const guards: Readonly<Record<string, [guard: (value: unknown) => boolean, schema: ZodMiniType]>> = {
  'a message row': [isMessageRow, messageRow],
  new_message: [isNewMessage, newMessage],
};

const id = fc.oneof(
  fc.uuid(),
  fc.nat(),
  fc.constantFrom(
    '',
    '.',
    '..',
    '...',
    'x'.repeat(256),
    'x'.repeat(257),
    0,
    -0,
    -1,
    1.5,
    2 ** 53,
    Number.NaN,
    null,
  ),
);
const time = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().replace('Z', '000+00:00')),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, -1)),
  fc.stringMatching(/^20\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-6]\d(:[0-6]\d(\.\d{1,7})?)?(Z|z|[+-]\d\d:?\d\d)?$/),
  fc.constantFrom('', 'Z', 'z', 'yesterday', '2026', '2026-11-01', '+00:00', 0),
);
/** As most backends send it, whole and with a place that is wrong. */
const clock = fc
  .tuple(fc.date({ noInvalidDate: true }), fc.nat({ max: 24 }), fc.constantFrom('', ...'0123456789:T.-+ '))
  .map(([date, place, character]) => {
    const text = date.toISOString();
    return character === '' ? text : text.slice(0, place) + character + text.slice(place + 1);
  });
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

describe('guards of what comes most often', () => {
  for (const [name, [guard, schema]] of Object.entries(guards)) {
    it(`take and refuse ${name} as its schema does, which changes nothing in it`, () => {
      let taken = 0;
      fc.assert(
        fc.property(fc.oneof(payload, mutated), (value) => {
          const wanted = schema.safeParse(value);
          expect(guard(value)).toBe(wanted.success);
          if (!wanted.success) return;
          taken += 1;
          expect(value).toMatchObject(wanted.data as object);
        }),
        { numRuns: 3_000 },
      );
      expect(taken).toBeGreaterThan(100);
    });
  }

  it('take the frames of the document', () => {
    for (const [name, value] of Object.entries(usualPayloads())) {
      expect(guards[name]?.[0](value), name).toBe(true);
    }
  });

  it('say where a refused frame differs from its schema', () => {
    const context = {
      userId: 'me',
      at: 1,
      resolveUrl: (url: string) => url,
      isStamped: true,
      isSafeUrl: () => true,
    };
    const { new_message: broken } = usualPayloads();
    Object.assign(broken?.message ?? {}, { sender_id: {} });
    expect(() => chatEvents.new_message?.(broken, context)).toThrow('message.sender_id');
    expect(() => chatEvents.user_typing?.({ isTyping: 1 }, context)).toThrow('isTyping');
    expect(() => chatEvents.messages_seen?.({ read_seq: -1 }, context)).toThrow('read_seq');
    expect(() => chatEvents.messages_seen?.({ userId: 'u1', read_seq: 1 }, context)).toThrow('conversation');
    expect(() => chatEvents.user_typing?.({ conversationId: 'c1' }, context)).toThrow('user');
  });
});

describe('times', () => {
  it('are read as Date.parse does, and without a zone as UTC', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(time.map(String), clock, fc.string()), (text) => {
        const isZoned = /(z|[+-]\d\d:?\d\d)$/i.test(text);
        const wanted = Date.parse(isZoned ? text : `${text}Z`);
        taken += Number.isNaN(wanted) ? 0 : 1;
        expect(timeOf(text)).toBe(wanted);
        expect(timeOf(text)).toBe(wanted);
      }),
      { numRuns: 10_000 },
    );
    expect(taken).toBeGreaterThan(1_000);
    expect(timeOf('2026-11-01T10:00:00Z ')).toBeNaN();
  });

  it('are taken and refused by their schema', () => {
    fc.assert(
      fc.property(fc.oneof(time, fc.string(), fc.anything()), (value) => {
        const wanted = typeof value === 'string' ? timeOf(value) : Number.NaN;
        const given = serverTime.safeParse(value);
        expect(given.success ? given.data : Number.NaN).toBe(wanted);
      }),
    );
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
