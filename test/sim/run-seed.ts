import { calm, type WireLevel } from '../../src/testing/index.ts';
import {
  checkCounts,
  checkInboxes,
  checkNothingUnread,
  checkPresence,
  checkReconnect,
  checkRoom,
  checkSame,
  checkTabs,
  checkThreads,
  checkTypingSent,
} from './chat-invariants.ts';
import type { Finding } from './findings.ts';
import { checkPictures, checkRequests, checkRetryAfter, checkStep, healMs } from './invariants.ts';
import { drawOperation } from './operations.ts';
import { Sends } from './sends.ts';
import { Uploads } from './uploads.ts';
import { type CreateClient, World } from './world.ts';

const operationCount = 60;
/** Long enough for a heartbeat, too short for a client to become suspicious of a silence. */
const heartbeatsMs = 35_000;

export interface SeedResult {
  readonly seed: number;
  readonly level: WireLevel;
  readonly findings: readonly Finding[];
  readonly world: World;
}

/** One seed from the first page load to the last check. */
export async function runSeed(
  createClient: CreateClient,
  seed: number,
  level: WireLevel,
): Promise<SeedResult> {
  const world = new World(createClient, seed, level);
  const onRejection = (reason: unknown) =>
    world.findings.add('I14', `unhandled rejection: ${String(reason)}`);
  process.on('unhandledRejection', onRejection);
  try {
    await play(world);
  } finally {
    for (const page of world.pages()) page.close();
    process.off('unhandledRejection', onRejection);
  }
  return { seed, level, findings: world.findings.list, world };
}

async function play(world: World) {
  const { random, clock, findings } = world;
  const uploads = new Uploads(world);
  const sends = new Sends(world);
  for (const place of world.places) world.load(place);
  for (let step = 0; step < operationCount && !findings.any; step += 1) {
    await clock.advance(pause(world));
    const place = world.places[random.below(world.places.length)];
    const done = place && drawOperation(world).run(world, place, uploads, sends);
    if (done) world.note(`${place.device.deviceId} ${done}`);
    checkStep(world);
  }
  if (findings.any) return;
  world.heal();
  openEverything(world);
  await clock.advance(healMs);
  if (world.hasHeartbeat) checkThreads(world, 'connected');
  await loseFrames(world, sends);
  if (findings.any) return;
  // What got lost on a connection that lives is learnt of, at the latest, when the connection is made anew.
  const since = clock.now();
  for (const { device } of world.places) device.line.cut();
  await clock.advance(healMs);
  checkReconnect(world, since);
  checkStep(world);
  uploads.check();
  sends.check();
  checkPictures(world);
  checkThreads(world, 'reconnected');
  checkInboxes(world);
  checkPresence(world);
  checkTabs(world);
  checkRequests(world);
  checkRetryAfter(world);
  checkTypingSent(world);
  const number = world.announceBid();
  await clock.advance(1_000);
  checkRoom(world, number);
  if (findings.any) return;
  await actInOneTab(world, uploads);
  markEverything(world);
  await clock.advance(healMs);
  checkNothingUnread(world);
  if (findings.any) return;
  await writeMore(world, sends);
}

/** While no event comes in, the other tab knows what is done in this one by itself. */
async function actInOneTab(world: World, uploads: Uploads) {
  const [here, there] = world.places.filter(({ browser }) => browser).map(({ page }) => page);
  if (!here || !there) return;
  const { line } = here.device;
  line.faults = { ...calm, frameLost: 1 };
  world.note(`${here.name} ${uploads.upload(here)} and marks everything, and nobody hears of it`);
  for (const id of here.threads.keys()) here.client.messages.markSeen(id);
  await world.clock.advance(5_000);
  checkSame(world, here, there);
  line.faults = calm;
}

/** Somebody writes to pages that have seen everything. */
async function writeMore(world: World, sends: Sends) {
  const [writer, conversationId] = world.random.chance(0.5) ? [2, '10'] : [3, '20'];
  const page = world.places[writer]?.page;
  if (!page) return;
  const count = 3;
  for (let sent = 0; sent < count; sent += 1) {
    world.note(`${page.device.deviceId} ${sends.send(page, conversationId)}`);
    await world.clock.advance(2_000);
  }
  checkCounts(world, conversationId, page.device.userId, count);
}

/** On good lines one page hears nothing for a moment: a hole is closed soon, a missing end with the heartbeat. */
async function loseFrames(world: World, sends: Sends) {
  const { clock, random } = world;
  if (world.level < 2 || world.findings.any) return;
  const [deaf, writer] = random.chance(0.5) ? [0, 2] : [3, 1];
  const place = world.places[deaf];
  const page = world.places[writer]?.page;
  const conversationId = deaf === 0 ? '10' : '20';
  if (!place || !page) return;
  const { line } = place.device;
  const say = async (isHeard: boolean) => {
    line.faults = isHeard ? calm : { ...calm, frameLost: 1 };
    sends.send(page, conversationId);
    await clock.advance(1_000);
    line.faults = calm;
  };
  world.note(`${place.device.deviceId} misses a message, but not the next`);
  await say(false);
  await say(true);
  await clock.advance(5_000);
  checkThreads(world, 'connected');
  if (!world.hasHeartbeat || world.findings.any) return;
  world.note(`${place.device.deviceId} misses a message and hears of nothing else`);
  await say(false);
  await clock.advance(heartbeatsMs);
  checkThreads(world, 'connected');
}

function openEverything(world: World) {
  for (const page of world.pages()) {
    for (const id of world.conversationsOf(page.device.userId)) page.openThread(id);
  }
}

function markEverything(world: World) {
  for (const page of world.pages()) {
    for (const id of page.threads.keys()) page.client.messages.markSeen(id);
  }
}

function pause({ random }: World): number {
  const kind = random.below(20);
  if (kind === 0) return random.between(30_000, 120_000);
  return kind < 5 ? 0 : random.between(0, kind < 12 ? 500 : 5_000);
}
