import type { Loss } from '../../src/testing/index.ts';
import { runChatOperation } from './chat-operations.ts';
import { junk, junkNames } from './junk.ts';
import type { Sends } from './sends.ts';
import type { Uploads } from './uploads.ts';
import { type Place, userIds, type World } from './world.ts';

interface Operation {
  readonly weight: number;
  /** Returns what it did, or `null` when there was nothing to do. */
  run(world: World, place: Place, uploads: Uploads, sends: Sends): string | null;
}

const loss = (world: World): Loss => world.random.pick(['noticed', 'half-open']);
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** What people, pages and machines do. */
export const operations: readonly Operation[] = [
  {
    weight: 60,
    run: (world, { page }, _, sends) => page && runChatOperation(world, page, sends),
  },
  {
    weight: 6,
    run(_, { page }, uploads) {
      return page && uploads.upload(page);
    },
  },
  {
    weight: 2,
    run: (_, { page }, uploads) => page && uploads.cancel(page),
  },
  {
    weight: 3,
    run: (_, { page }, uploads) => page && uploads.remove(page),
  },
  {
    weight: 5,
    run: (world, _, uploads) => uploads.elsewhere(world.random.pick(userIds)),
  },
  {
    weight: 2,
    run(world, { page }) {
      if (!page) return null;
      const userId = world.random.pick(userIds);
      page.client.users.get(userId).catch(() => {});
      return `reads the profile of ${userId}`;
    },
  },
  {
    weight: 2,
    run(world, { device: { line } }) {
      const how = loss(world);
      line.cut(how);
      return `loses its connection (${how})`;
    },
  },
  {
    weight: 2,
    run(world, { device: { line } }) {
      const how = loss(world);
      line.goOffline(how);
      return `goes offline (${how})`;
    },
  },
  {
    weight: 4,
    run(_, { device: { line } }) {
      if (line.isUp) return null;
      line.goOnline();
      return 'is online again';
    },
  },
  {
    weight: 1,
    run(world, { device: { line } }) {
      const ms = world.random.between(1_000, 60_000);
      line.refuse(ms);
      return `is refused for ${seconds(ms)}`;
    },
  },
  {
    weight: 1,
    run(_, place) {
      if (!place.page) return null;
      place.page.crash();
      place.page = null;
      return 'page crashes';
    },
  },
  {
    weight: 1,
    run(_, place) {
      if (!place.page) return null;
      place.page.close();
      place.page = null;
      return 'page is closed';
    },
  },
  {
    weight: 5,
    run(world, place) {
      if (place.page) return null;
      world.load(place);
      return 'page loads';
    },
  },
  {
    weight: 1,
    run(world) {
      const ms = world.random.between(500, 20_000);
      world.backend.crash(ms);
      return `backend goes down for ${seconds(ms)}`;
    },
  },
  {
    weight: 1,
    run(world, { device }) {
      world.backend.revokeTokens(device.userId);
      return `tokens of ${device.userId} expire`;
    },
  },
  {
    weight: 1,
    run(world, { page }) {
      if (!page) return null;
      const { realtime } = page.client;
      realtime.disconnect();
      world.clock.schedule(() => page.isAlive && realtime.connect(), world.random.between(0, 5_000));
      return 'disconnects for a moment';
    },
  },
  {
    weight: 2,
    run(_, { page }) {
      if (!page) return null;
      if (page.room.leave()) return 'leaves the room of the bid';
      page.room.join();
      return 'joins the room of the bid';
    },
  },
  {
    weight: 2,
    run: (world) => `hears of number ${world.announceBid()} of the bid`,
  },
  {
    weight: 2,
    run(world, { page }) {
      if (!page) return null;
      const name = world.random.pick(junkNames);
      const payload = junk(world.random);
      const before = page.view();
      page.inject(name, payload);
      const after = page.view();
      world.findings.expect(
        before === after,
        'I14',
        () => `${page.name}: junk in ${name} changed the state: ${JSON.stringify(payload)}`,
      );
      return `is told junk in ${name}`;
    },
  },
];

const total = operations.reduce((sum, { weight }) => sum + weight, 0);

export function drawOperation(world: World): Operation {
  let at = world.random.below(total);
  for (const operation of operations) {
    at -= operation.weight;
    if (at < 0) return operation;
  }
  throw new Error('the weights do not add up');
}
