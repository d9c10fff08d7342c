import { describe, expect, it } from 'vitest';
import { createChatWorld, watch } from '../support/chat-world.ts';

async function open(options: Parameters<typeof createChatWorld>[0] = {}) {
  const world = createChatWorld(options);
  const maya = await world.seat('u1');
  const jonas = maya.client.users.live('u2');
  const told = watch(jonas);
  watch(maya.client.conversations.live());
  await world.clock.advance(1_000);
  return { world, maya, jonas, told, presence: () => jonas.getSnapshot().presence };
}

describe('presence', () => {
  it('[PR1] is unknown until the backend has told', async () => {
    const world = createChatWorld();
    const maya = await world.seat('u1', { isConnected: false });
    watch(maya.client.conversations.live());
    await world.clock.advance(1_000);
    expect(maya.client.conversations.live().getSnapshot().items[0]?.otherUser?.presence).toBe('unknown');
  });

  it('[PR2] is online while one of the user’s devices is', async () => {
    const { world, maya, presence } = await open();
    const events: unknown[] = [];
    maya.client.realtime.on('presence', (event) => events.push(event));
    expect(presence()).toBe('offline');
    const [laptop, phone] = [await world.seat('u2'), await world.seat('u2')];
    expect(presence()).toBe('online');
    phone.client.realtime.disconnect();
    await world.clock.advance(1_000);
    expect(presence()).toBe('online');
    laptop.client.realtime.setPresence('away');
    await world.clock.advance(1_000);
    expect(presence()).toBe('away');
    laptop.client.realtime.disconnect();
    await world.clock.advance(1_000);
    expect(presence()).toBe('offline');
    expect(events).toEqual(['online', 'away', 'offline'].map((presence) => ({ userId: 'u2', presence })));
  });

  it('[PR3] is unknown while we are offline, and right again after', async () => {
    const { world, maya, presence } = await open();
    const jonas = await world.seat('u2');
    expect(presence()).toBe('online');
    maya.device.line.goOffline();
    await world.clock.advance(1_000);
    expect(presence()).toBe('unknown');
    jonas.client.realtime.disconnect();
    maya.device.line.goOnline();
    await world.clock.advance(40_000);
    expect(presence()).toBe('offline');
  });

  it('[PR4] told again changes nothing', async () => {
    const { world, maya, jonas, told } = await open();
    maya.hear('user_status_change', { userId: 'u2', status: 'online' });
    await world.clock.advance(100);
    const [before, count] = [jonas.getSnapshot(), told.count];
    maya.hear('user_status_update', { user_id: 'u2', status: 'online' });
    await world.clock.advance(100);
    expect([jonas.getSnapshot(), told.count]).toEqual([before, count]);
    expect(jonas.getSnapshot()).toBe(before);
  });
});
