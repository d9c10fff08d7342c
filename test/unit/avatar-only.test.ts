import { describe, expect, it } from 'vitest';
import { createAvatarClient } from '../../src/avatar-only.ts';
import type { SocketHandlers } from '../../src/lib/socket-port.ts';
import { api, mockBackend, profileRoute } from '../support/backend.ts';

const server = mockBackend();

describe('the client for pictures alone', () => {
  it('[PK6] reads people, hears of their pictures and repairs what it missed', async () => {
    let reads = 0;
    server.use(
      profileRoute(() => {
        reads += 1;
        return {};
      }),
    );
    let handlers: SocketHandlers | undefined;
    const client = createAvatarClient({
      baseUrl: api,
      userId: 'me',
      socket(own) {
        handlers = own;
        return { open: () => own.onOpen(), close() {}, emit() {}, request: () => new Promise(() => {}) };
      },
    });
    const user = client.users.live('u1');
    user.subscribe(() => {});
    await expect.poll(() => user.getSnapshot().status).toBe('ready');

    client.realtime.connect();
    await expect.poll(() => client.realtime.status).toBe('live');
    expect(reads).toBe(2);

    handlers?.onEvent('user:avatar:updated', {
      userId: 'u1',
      avatar_url: 'https://cdn.example.com/u1-2.webp',
      avatar_version: 2,
    });
    expect(user.getSnapshot()).toMatchObject({ presence: 'unknown' });
    await expect.poll(() => user.getSnapshot().avatar?.version).toBe(2);

    // A chat event is one it does not know.
    handlers?.onEvent('new_message', { message: 'hi' });
    expect(client.realtime.unknownEvents).toEqual({ new_message: 1 });
    client.dispose();
  });
});
