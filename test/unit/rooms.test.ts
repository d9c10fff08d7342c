import { describe, expect, it } from 'vitest';
import { createClient } from '../../src/client.ts';
import type { SocketEvent, SocketHandlers } from '../../src/lib/socket-port.ts';

/** A client whose connection is the test. */
function connected() {
  const sent: SocketEvent[] = [];
  let handlers: SocketHandlers | undefined;
  const client = createClient({
    baseUrl: 'https://api.example.com',
    userId: 'u1',
    random: () => 0,
    fetch: () => Promise.reject(new TypeError('offline')),
    socket: (own) => {
      handlers = own;
      return {
        open: () => own.onOpen(),
        close() {},
        emit: (event) => sent.push(event),
        request: () => new Promise(() => {}),
      };
    },
  });
  return {
    client,
    sent,
    receive: (name: string) => handlers?.onEvent(name, {}),
    reconnect() {
      handlers?.onClose('transport close');
      handlers?.onOpen();
    },
  };
}

describe('rooms beside conversations', () => {
  it('[RM1] are entered when asked, and left once', async () => {
    const { client, sent, reconnect } = connected();
    client.realtime.connect();
    await expect.poll(() => client.realtime.status).not.toBe('connecting');
    const undo = client.realtime.joinRoom('bid', 7);
    undo();
    undo();
    client.realtime.joinRoom('campaign', 'c9');
    reconnect();
    expect(sent.filter(({ name }) => name.endsWith('_room'))).toEqual([
      { name: 'join_bid_room', args: ['7'] },
      { name: 'leave_bid_room', args: ['7'] },
      { name: 'join_campaign_room', args: ['c9'] },
      { name: 'join_campaign_room', args: ['c9'] },
    ]);
    expect(sent.map(({ name }) => name)).not.toContain('join');
    client.dispose();
  });

  it('[RM1] are left when the last who joined them leaves, and by no undo called twice', async () => {
    const { client, sent, reconnect } = connected();
    client.realtime.connect();
    await expect.poll(() => client.realtime.status).not.toBe('connecting');
    const [first, second] = [client.realtime.joinRoom('bid', 7), client.realtime.joinRoom('bid', '7')];
    client.realtime.joinRoom('campaign', 7);
    first();
    first();
    reconnect();
    second();
    second();
    reconnect();
    expect(sent.flatMap(({ name }) => (name.endsWith('_room') ? [name] : []))).toEqual([
      'join_bid_room',
      'join_campaign_room',
      'join_bid_room',
      'join_campaign_room',
      'leave_bid_room',
      'join_campaign_room',
    ]);
    client.dispose();
  });
});

describe('events that the preset does not know', () => {
  it('[RM2] are counted by name, a hundred names at most', () => {
    const { client, receive } = connected();
    client.realtime.connect();
    receive('payment_status_update');
    receive('payment_status_update');
    for (let i = 0; i < 200; i += 1) receive(`name-${i}`);
    receive('__proto__');
    const { unknownEvents } = client.realtime;
    expect(unknownEvents.payment_status_update).toBe(2);
    expect(Object.keys(unknownEvents)).toHaveLength(100);
    expect(Object.isFrozen(unknownEvents)).toBe(true);
    client.dispose();
  });
});
