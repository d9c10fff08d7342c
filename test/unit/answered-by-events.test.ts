import { describe, expect, it } from 'vitest';
import type { SocketEvent, SocketHandlers, SocketPort } from '../../src/lib/socket-port.ts';
import { chatV2 } from '../../src/presets/chat-v2.ts';

interface Asked {
  readonly event: SocketEvent;
  resolve(ack: unknown): void;
  reject(error: Error): void;
}

/** The dialect of `chatV2` over a port in the test's hands, and what it tells. */
function speak(token: string | null = 'good') {
  const told: string[] = [];
  const asked: Asked[] = [];
  let wire: SocketHandlers | undefined;
  const bare = (handlers: SocketHandlers): SocketPort => {
    wire = handlers;
    return {
      open: (given) => void told.push(`dial ${given}`),
      close: () => void told.push('hang up'),
      emit: ({ name }) => void told.push(`emit ${name}`),
      request: (event) => new Promise((resolve, reject) => void asked.push({ event, resolve, reject })),
    };
  };
  const port = chatV2.dialect?.(bare)({
    onOpen: () => void told.push('open'),
    onEvent: (name) => void told.push(name),
    onClose: (reason) => void told.push(`closed: ${reason}`),
    onError: ({ unauthorized }) => void told.push(unauthorized ? 'unauthorized' : 'unreachable'),
  });
  if (!port || !wire) throw new Error('there is no dialect');
  port.open(token);
  return { port, wire, told, asked };
}

const send = { name: 'chat:send', args: [{ tempId: 't1', conversationId: 'c1', text: 'hi' }] };
const read = { name: 'chat:read', args: [{ conversationId: 'c1', upToMessageId: 'm2' }] };
const turn = () => new Promise((resolve) => setTimeout(resolve));

describe('signing in by events', () => {
  it('[CN1] is done before the connection counts as there', () => {
    const { wire, told, asked } = speak();
    wire.onOpen();
    expect(told).toEqual(['dial good']);
    expect(asked.map(({ event }) => event)).toEqual([{ name: 'authenticate', args: [{ token: 'good' }] }]);
    wire.onEvent('authenticated', { userId: 'u1' });
    wire.onEvent('token_refreshed', { userId: 'u1' });
    expect(told).toEqual(['dial good', 'open', 'authenticated', 'token_refreshed']);
    wire.onClose('transport close');
    expect(told.at(-1)).toBe('closed: transport close');
  });

  it('[CN1] is left out where there is no token', () => {
    const { wire, told, asked } = speak(null);
    wire.onOpen();
    expect([told, asked]).toEqual([['dial null', 'open'], []]);
  });

  it('[CN1] fails with the token, with the connection, and without an answer, once each', async () => {
    const refused = speak();
    refused.wire.onOpen();
    refused.wire.onEvent('auth_error', { message: 'Invalid token' });
    refused.asked[0]?.reject(new Error('late'));
    await turn();
    expect(refused.told).toEqual(['dial good', 'auth_error', 'hang up', 'unauthorized']);

    const lost = speak();
    lost.wire.onOpen();
    lost.wire.onClose('transport close');
    lost.asked[0]?.reject(new Error('the connection was lost'));
    await turn();
    expect(lost.told).toEqual(['dial good', 'hang up', 'unreachable']);

    const silent = speak();
    silent.wire.onOpen();
    silent.asked[0]?.reject(new Error('no answer'));
    await turn();
    expect(silent.told).toEqual(['dial good', 'hang up', 'unreachable']);
  });

  it('[CN1] is not ended by the silence after an earlier one', async () => {
    const { port, wire, told, asked } = speak();
    wire.onOpen();
    port.close();
    port.open('fresh');
    wire.onOpen();
    asked[0]?.reject(new Error('no answer'));
    await turn();
    wire.onEvent('authenticated', {});
    asked[1]?.reject(new Error('nobody acknowledges'));
    await turn();
    expect(told).toEqual(['dial good', 'hang up', 'dial fresh', 'open', 'authenticated']);
  });

  it('[CN1] is lost with the connection when the token is refused later', () => {
    const { wire, told } = speak();
    wire.onOpen();
    wire.onEvent('authenticated', {});
    wire.onEvent('auth_error', { message: 'Token expired' });
    expect(told.slice(-2)).toEqual(['hang up', 'closed: the token was refused']);
  });
});

describe('answers by events', () => {
  it('[CN2] come to whom they name, and to nobody else', async () => {
    const { port, wire } = speak();
    const [first, second] = [
      port.request(send, 1),
      port.request({ ...send, args: [{ ...send.args[0], tempId: 't2' }] }, 1),
    ];
    const other = { tempId: 't2', message: { id: 'm2' } };
    wire.onEvent('chat:new', { message: { id: 'm1' }, tempId: 't1' });
    wire.onEvent('chat:ack', other);
    expect(await second).toBe(other);
    const refusal = { tempId: 't1', message: 'Text is required' };
    wire.onEvent('chat:error', refusal);
    expect(await first).toBe(refusal);
  });

  it.each([{ upToMessageId: 'm2' }, { messageIds: ['m1', 'm2'] }])(
    '[CN2] come to a mark by what it covers: %o',
    async (covered) => {
      const { port, wire } = speak();
      const answer = { conversationId: 'c1', userId: 'u1', ...covered };
      const marked = port.request(read, 1);
      wire.onEvent('chat:read', { ...answer, messageIds: ['m9'], upToMessageId: undefined });
      wire.onEvent('chat:read', answer);
      expect(await marked).toBe(answer);
    },
  );

  it('[CN2] may be acknowledgements as well; without either, it is as with any request', async () => {
    const { port, wire, asked } = speak();
    const acknowledged = port.request(send, 1);
    asked[0]?.resolve({ ok: true });
    expect(await acknowledged).toEqual({ ok: true });
    const lost = port.request(send, 1);
    asked[1]?.reject(new Error('no answer'));
    await expect(lost).rejects.toThrow('no answer');
    const plain = port.request({ name: 'other', args: ['t1'] }, 1);
    wire.onEvent('chat:ack', { tempId: 't1', message: {} });
    asked[2]?.resolve('by acknowledgement');
    expect(await plain).toBe('by acknowledgement');
  });

  it('[CN2] may be anything: what nobody waits for, and what is none', () => {
    const { wire, told } = speak();
    for (const payload of [undefined, null, 7, [], { tempId: {} }, { tempId: 't9' }])
      for (const name of ['chat:ack', 'chat:error', 'chat:read']) wire.onEvent(name, payload);
    expect(told).toHaveLength(19);
  });
});
