import { describe, expect, it } from 'vitest';
import { createClient } from '../../src/index.ts';
import {
  calm,
  createFakeBackend,
  createRandom,
  createVirtualClock,
  type FakeBackend,
  type FakeDevice,
  type Faults,
} from '../../src/testing/index.ts';
import { textsOf, watch } from '../support/chat-world.ts';

const minute = 60_000;
const texts = Array.from({ length: 20 }, (_, at) => `message ${at}`);

/** An app on one line while Jonas and Maya write twenty messages in turn; then the line is calm again. */
async function live(
  seed: number,
  spoil: (phone: FakeDevice, backend: FakeBackend) => void,
): Promise<{ backend: FakeBackend; phone: FakeDevice; shown: string[]; took: number[] }> {
  const clock = createVirtualClock();
  const backend = createFakeBackend({
    clock,
    random: createRandom(seed),
    users: [{ id: 'maya' }, { id: 'jonas' }],
    conversations: [{ id: 'c1', members: ['maya', 'jonas'] }],
  });
  const phone = backend.device('maya');
  const client = createClient({ ...phone.options, random: createRandom(seed).next });
  watch(client.messages.live('c1'));
  client.realtime.connect();
  await clock.advance(5_000);
  spoil(phone, backend);
  for (const [at, text] of texts.entries()) {
    if (at % 2 === 0) backend.person('jonas').send('c1', text);
    else void client.messages.send('c1', { text }).catch(() => {});
    await clock.advance(1_000);
  }
  phone.line.faults = calm;
  phone.line.goOnline();
  await clock.advance(5 * minute);
  const shown = textsOf(client.messages.live('c1').getSnapshot());
  client.dispose();
  const took = backend.journal.requests.flatMap(({ at, settledAt }) =>
    settledAt === undefined ? [] : [settledAt - at],
  );
  return { backend, phone, shown, took };
}

const frames = (fate: string) => (backend: FakeBackend) =>
  backend.journal.frames.filter((frame) => frame.fate === fate).length;
const requests = (status: unknown) => (backend: FakeBackend) =>
  backend.journal.requests.filter((request) => request.status === status).length;

const ways: [name: string, faults: Partial<Faults>, seen: (backend: FakeBackend) => number][] = [
  ['lost frames', { frameLost: 0.3 }, frames('lost')],
  ['doubled frames', { frameDoubled: 0.5 }, frames('doubled')],
  ['reordered frames', { frameReordered: 0.5, latencyMs: [5, 50] }, frames('late')],
  ['lost acknowledgements', { ackLost: 0.7 }, frames('lost')],
  ['429', { tooMany: 0.5, frameLost: 0.3 }, requests(429)],
  ['lost requests', { requestLost: 0.5, lossNoticed: 1, frameLost: 0.5 }, requests('lost')],
];

describe('On a line with', () => {
  it.each(ways)('[FK5] %s the app shows every message once in the end', async (_, faults, seen) => {
    const { backend, shown } = await live(7, ({ line }) => {
      line.faults = { ...calm, ...faults };
    });
    expect(shown.toSorted()).toEqual(texts.toSorted());
    expect(seen(backend)).toBeGreaterThan(0);
  });

  it('[FK5] latency every request takes the time it was told', async () => {
    const { shown, took } = await live(7, ({ line }) => {
      line.faults = { ...calm, latencyMs: [300, 900] };
      line.cut();
    });
    expect(shown.toSorted()).toEqual(texts.toSorted());
    const slow = took.filter((ms) => ms >= 600);
    expect(slow.length).toBeGreaterThan(0);
    expect(Math.max(...slow)).toBeLessThanOrEqual(1_800);
  });

  it('[FK5] a revoked token requests are refused by 401 until a fresh one is asked for', async () => {
    const { backend, phone, shown } = await live(7, ({ line }, whole) => {
      line.cut();
      whole.revokeTokens('maya');
    });
    expect(shown.toSorted()).toEqual(texts.toSorted());
    expect(phone.refreshes).toBeGreaterThan(0);
    expect(backend.journal.requests.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
  });

  it('[FK5] no network nothing arrives until it is back', async () => {
    const { backend, shown } = await live(7, ({ line }) => line.goOffline());
    expect(shown.toSorted()).toEqual(texts.toSorted());
    const quiet = backend.journal.frames.filter(({ at }) => at > 6_000 && at < 20_000);
    expect(quiet.filter(({ direction }) => direction === 'up')).toEqual([]);
  });

  it('[FK3] faults the same seed gives the same life, and another seed another', async () => {
    const life = async (seed: number) => {
      const { backend } = await live(seed, ({ line }) => {
        line.faults = { ...calm, frameLost: 0.3, serverError: 0.3, latencyMs: [5, 400] };
      });
      // Clients name their messages as they like.
      const { requests: asked, frames: told } = backend.journal;
      return [
        asked.map(({ at, path, status }) => [at, path, status]),
        told.map(({ at, name, fate }) => [at, name, fate]),
      ];
    };
    const first = await life(7);
    expect(await life(7)).toEqual(first);
    expect(await life(8)).not.toEqual(first);
  });
});
