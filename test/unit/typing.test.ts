import { describe, expect, it } from 'vitest';
import type { TypingChanged } from '../../src/realtime/events.ts';
import { createChatWorld, type Seat, watch } from '../support/chat-world.ts';

const sent = ({ emitted }: Seat) =>
  emitted.map(({ name }) => name).filter((name) => name.startsWith('typing_'));

async function open(options: Parameters<typeof createChatWorld>[0] = {}) {
  const world = createChatWorld(options);
  const maya = await world.seat('u1');
  const jonas = await world.seat('u2');
  const told: TypingChanged[] = [];
  maya.client.realtime.on('typing', (event) => told.push(event));
  const thread = maya.client.messages.live('c1');
  watch(thread);
  watch(jonas.client.messages.live('c1'));
  await world.clock.advance(1_000);
  return { world, maya, jonas, told, thread };
}

describe('typing oneself', () => {
  it('[TY1] is told at most every two seconds, and its end four seconds after the last key', async () => {
    const { world, jonas } = await open();
    for (let i = 0; i < 30; i += 1) {
      jonas.client.realtime.keystroke('c1');
      await world.clock.advance(100);
    }
    expect(sent(jonas)).toEqual(['typing_start', 'typing_start']);
    expect(jonas.emitted.at(-1)?.args).toEqual([{ conversationId: 'c1', userId: 'u2' }]);
    await world.clock.advance(3_800);
    expect(sent(jonas)).toHaveLength(2);
    await world.clock.advance(200);
    expect(sent(jonas)).toEqual(['typing_start', 'typing_start', 'typing_stop']);
  });

  it('[TY2] ends with the message, and when the composer is left', async () => {
    const { world, jonas } = await open();
    jonas.client.realtime.keystroke('c1');
    await world.say(jonas, 'c1', 'hello');
    expect(sent(jonas)).toEqual(['typing_start', 'typing_stop']);
    jonas.client.realtime.keystroke('c1');
    jonas.client.realtime.stopTyping('c1');
    jonas.client.realtime.stopTyping('c1');
    await world.clock.advance(10_000);
    expect(sent(jonas)).toEqual(['typing_start', 'typing_stop', 'typing_start', 'typing_stop']);
  });

  it('[TY3] before a cut is not told after it', async () => {
    const { world, jonas } = await open();
    jonas.client.realtime.keystroke('c1');
    await world.clock.advance(100);
    jonas.device.line.cut();
    await world.clock.advance(20_000);
    expect(jonas.client.realtime.status).toBe('live');
    expect(sent(jonas)).toEqual(['typing_start']);
  });
});

describe('others who type', () => {
  it.each([0, 1, 2] as const)('[TY4] are shown until they stop, at level %i', async (level) => {
    const { world, jonas, told, thread } = await open({ level });
    jonas.client.realtime.keystroke('c1');
    await world.clock.advance(200);
    expect(thread.getSnapshot().typing).toMatchObject([{ id: 'u2' }]);
    jonas.client.realtime.stopTyping('c1');
    await world.clock.advance(200);
    expect(thread.getSnapshot().typing).toEqual([]);
    const event = { conversationId: 'c1', userId: 'u2' };
    expect(told).toEqual([
      { ...event, isTyping: true },
      { ...event, isTyping: false },
    ]);
  });

  it('[TY5] are forgotten six seconds after their last sign', async () => {
    const { world, maya, told, thread } = await open();
    const type = () => maya.hear('user_typing', { conversationId: 'c1', userId: 'u2', isTyping: true });
    type();
    await world.clock.advance(4_000);
    type();
    await world.clock.advance(5_900);
    expect(thread.getSnapshot().typing).toHaveLength(1);
    await world.clock.advance(200);
    expect(thread.getSnapshot().typing).toEqual([]);
    expect(told.map(({ isTyping }) => isTyping)).toEqual([true, false]);
  });

  it('[TY6] stop with their message, and when the connection is lost', async () => {
    const { world, maya, jonas, told, thread } = await open();
    const type = () => maya.hear('user_typing', { conversationId: 'c1', userId: 'u2', isTyping: true });
    type();
    maya.hear('new_message', {
      conversation_id: 'c1',
      message: { id: 'm1', sender_id: 'u2', content: 'hi', seq: 1 },
    });
    expect(told.map(({ isTyping }) => isTyping)).toEqual([true, false]);
    type();
    await world.clock.advance(100);
    expect(thread.getSnapshot().typing).toHaveLength(1);
    maya.client.realtime.disconnect();
    await world.clock.advance(100);
    expect(thread.getSnapshot().typing).toEqual([]);
    expect(jonas.client.realtime.status).toBe('live');
  });

  it('[TY7] are never oneself, on this device or another', async () => {
    const { maya, told } = await open();
    maya.hear('typing_status_update', { conversation_id: 'c1', user_id: 'u1', is_typing: true });
    expect(told).toEqual([]);
  });
});
