import { describe, expect, it } from 'vitest';
import { createChatWorld, json } from '../support/chat-world.ts';

async function open(answers: Response[] = []) {
  const world = createChatWorld();
  const { client } = await world.seat('u1', {
    isConnected: false,
    answer: (path) => (path.startsWith('/api/fcm/') ? answers.shift() : undefined),
  });
  const calls = () =>
    world.backend.journal.requests.map(({ path, body }) => [path.replace('/api/fcm/', ''), body] as const);
  return { world, client, calls };
}

describe('push', () => {
  it('[PU1] registers a token, and leaves out a device that is not known', async () => {
    const { world, client, calls } = await open();
    await world.during(client.push.register('t1', { deviceType: 'web' }));
    await world.during(client.push.register('t1', { deviceType: 'ios', deviceId: 'd1' }));
    expect(calls()).toEqual([
      ['register', { token: 't1', device_type: 'web' }],
      ['register', { token: 't1', device_type: 'ios', device_id: 'd1' }],
    ]);
    await expect(client.push.register('', { deviceType: 'web' })).rejects.toThrow(TypeError);
  });

  it('[PU2] gives up an earlier token before the next one', async () => {
    const { world, client, calls } = await open();
    for (const token of ['t1', 't2']) await world.during(client.push.register(token, { deviceType: 'web' }));
    await world.during(client.push.unregister('t2'));
    await world.during(client.push.register('t3', { deviceType: 'web' }));
    expect(calls().map(([name, body]) => [name, body && Object(body).token])).toEqual([
      ['register', 't1'],
      ['unregister', 't1'],
      ['register', 't2'],
      ['unregister', 't2'],
      ['register', 't3'],
    ]);
  });

  it('[PU3] takes a token that the backend does not know for unregistered, and tells other refusals', async () => {
    const { world, client } = await open([
      json({ error: 'no such token' }, 404),
      json({ error: 'taken' }, 400),
    ]);
    await world.during(client.push.unregister('t9'));
    await expect(world.during(client.push.register('t1', { deviceType: 'web' }))).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });
});
