import { describe, expect, it } from 'vitest';
import { textsOf, watch } from '../support/chat-world.ts';
import { createTabWorld, type TabSeat, type TabWorld } from '../support/tab-world.ts';

/** Opens a thread in every tab and lets it be read. */
async function threads(world: TabWorld, tabs: readonly TabSeat[], conversationId = 'c1') {
  const lives = tabs.map(({ client }) => client.messages.live(conversationId));
  for (const live of lives) watch(live);
  await world.clock.advance(1_000);
  return () => lives.map((live) => textsOf(live.getSnapshot()));
}

const statuses = (tabs: readonly TabSeat[]) => tabs.map(({ client }) => client.realtime.status);
const rooms = ({ emitted }: TabSeat) =>
  emitted.filter(({ name }) => /^(join|leave)_conversation/.test(name)).map(({ name }) => name);

describe('the connection', () => {
  it('[TB1] is one for all tabs: they hear the same, and speak through it', async () => {
    const world = createTabWorld();
    const tabs = [await world.open(), await world.open(), await world.open()];
    const noor = await world.seat('u3');
    expect([statuses(tabs), world.connections()]).toEqual([['live', 'live', 'live'], 1]);
    const texts = await threads(world, tabs, 'c2');
    await world.say(noor, 'c2', 'hi all');
    await world.clock.advance(500);
    expect(texts()).toEqual([['hi all'], ['hi all'], ['hi all']]);
    const hers = noor.client.messages.live('c2');
    watch(hers);
    await world.clock.advance(500);
    tabs[2]?.client.realtime.keystroke('c2');
    await world.clock.advance(500);
    expect(hers.getSnapshot().typing.map(({ name }) => name)).toEqual(['Maya']);
  });

  it('[TB1] is told lost in every tab, and back', async () => {
    const world = createTabWorld();
    const tabs = [await world.open(), await world.open()];
    tabs[0]?.device.line.goOffline('noticed');
    await world.clock.advance(1_000);
    expect(statuses(tabs)).toEqual(['connecting', 'connecting']);
    tabs[0]?.device.line.goOnline();
    await world.clock.advance(10_000);
    expect([statuses(tabs), world.connections()]).toEqual([['live', 'live'], 1]);
  });

  it('[TB1] is used only by tabs that want one', async () => {
    const world = createTabWorld();
    const [first, second] = [await world.open({ isConnected: false }), await world.open()];
    expect([statuses([first, second]), world.connections()]).toEqual([['offline', 'live'], 1]);
    second.client.realtime.disconnect();
    await world.clock.advance(500);
    expect(world.connections()).toBe(0);
    first.client.realtime.connect();
    await world.clock.advance(1_000);
    expect(statuses([first, second])).toEqual(['live', 'offline']);
  });

  it('[TB2] is made by another tab at once when its tab is closed', async () => {
    const world = createTabWorld();
    const [first, second, third] = [await world.open(), await world.open(), await world.open()];
    const texts = await threads(world, [second, third]);
    first.client.dispose();
    await world.clock.advance(900);
    expect([statuses([second, third]), world.connections()]).toEqual([['live', 'live'], 1]);
    const jonas = await world.seat('u2');
    await world.say(jonas, 'c1', 'still there?');
    await world.clock.advance(500);
    expect(texts()).toEqual([['still there?'], ['still there?']]);
  });

  it('[TB2] is made by another tab at once when its tab crashes', async () => {
    const world = createTabWorld();
    const [first, second, third] = [await world.open(), await world.open(), await world.open()];
    first.crash();
    await world.clock.advance(900);
    expect(statuses([second, third])).toEqual(['live', 'live']);
    expect(world.browser.locks.size).toBeGreaterThan(0);
    third.crash();
    await world.clock.advance(900);
    expect([second.client.realtime.status, world.connections()]).toEqual(['live', 1]);
  });

  it('[TB3] is taken from a tab that does not answer, once somebody looks at another', async () => {
    const world = createTabWorld();
    const [first, second] = [await world.open(), await world.open()];
    second.tab.isVisible = false;
    first.tab.freeze();
    await world.clock.advance(20_000);
    expect(second.emitted).toEqual([]);
    second.tab.isVisible = true;
    second.tab.wake();
    await world.clock.advance(3_000);
    expect(second.client.realtime.status).toBe('live');
    expect(world.connections()).toBe(2);
    first.tab.thaw();
    await world.clock.advance(1_000);
    expect([statuses([first, second]), world.connections()]).toEqual([['live', 'live'], 1]);
  });

  it('[TB3] is found lost within seven seconds by a tab that is only looked at', async () => {
    const world = createTabWorld();
    const [first, second] = [await world.open(), await world.open()];
    first.tab.freeze();
    await world.clock.advance(8_000);
    expect([second.client.realtime.status, world.connections()]).toEqual(['live', 2]);
  });

  it('[TB3] is given up by a tab that is told that it will not run any further, and used by it again', async () => {
    const world = createTabWorld();
    const [first, second] = [await world.open(), await world.open()];
    first.tab.freeze({ isTold: true });
    await world.clock.advance(900);
    expect([second.client.realtime.status, world.connections()]).toEqual(['live', 1]);
    first.tab.thaw({ isTold: true });
    await world.clock.advance(1_000);
    expect([statuses([first, second]), world.connections()]).toEqual([['live', 'live'], 1]);
  });

  it('[TB4] stays in a room for as long as any tab wants that, whatever becomes of the others', async () => {
    const world = createTabWorld();
    const [first, second, third] = [await world.open(), await world.open(), await world.open()];
    const undos = [first, second, third].map(({ client }) => client.messages.live('c1').subscribe(() => {}));
    await world.clock.advance(500);
    expect(rooms(first)).toEqual(Array(3).fill('join_conversation'));
    undos[0]?.();
    undos[1]?.();
    await world.clock.advance(500);
    expect(rooms(first)).toHaveLength(3);
    third.crash();
    await world.clock.advance(500);
    expect(rooms(first).slice(3)).toEqual(['leave_conversation']);
  });

  it('[TB12] is one for each tab where the app wants that, and all else is shared', async () => {
    const world = createTabWorld();
    const [first, second] = [await world.open({ tabs: false }), await world.open({ tabs: false })];
    const tabs = [first, second];
    expect([statuses(tabs), world.connections()]).toEqual([['live', 'live'], 2]);
    const texts = await threads(world, tabs);
    await world.say(second, 'c1', 'once');
    expect(texts()).toEqual([['once'], ['once']]);
    expect(tabs.flatMap(({ emitted }) => emitted).filter(({ name }) => name === 'send_message')).toHaveLength(
      1,
    );
  });
});
