import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Postgres } from '../support/services/postgres.ts';
import { Redis } from '../support/services/redis.ts';
import { colouredFile } from '../support/sharp-encoder.ts';
import { deploy } from './deployment.ts';
import { expectWhole } from './invariants.ts';
import { gather, type Member, talk } from './member.ts';
import { confirmedBy, outlastRedis } from './outage.ts';

let postgres: Postgres;
let redis: Redis;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([Postgres.start(['fsync=off']), Redis.start()]);
});
afterAll(() => Promise.all([postgres?.stop(), redis?.stop()]));

test('clients on different nodes see each other’s pictures, messages, typing and presence', async () => {
  const deployment = await deploy({ postgres, redis });
  const members = await gather(deployment, await deployment.people(2));
  const [maya, jonas] = members as [Member, Member];
  expect(await deployment.sockets()).toEqual([1, 1]);

  const mayaToJonas = jonas.client.users.live(maya.userId);
  await expect.poll(() => mayaToJonas.getSnapshot().presence).toBe('online');
  maya.client.realtime.keystroke(maya.conversationId);
  await expect.poll(() => jonas.thread.getSnapshot().typing.map(({ id }) => id)).toEqual([maya.userId]);
  await maya.write('over there');
  await expect
    .poll(() => jonas.thread.getSnapshot().items.map((item) => item.kind === 'message' && item.text))
    .toEqual(['over there']);
  expect(jonas.thread.getSnapshot().typing).toEqual([]);
  jonas.client.messages.markSeen(jonas.conversationId);
  await expect
    .poll(() => maya.thread.getSnapshot().items.map((item) => item.kind === 'message' && item.status))
    .toEqual(['seen']);
  const { version } = await maya.client.avatar.upload(await colouredFile());
  await expect.poll(() => mayaToJonas.getSnapshot().avatar?.version).toBe(version);
  await expectWhole(deployment, members, 'two nodes');
  maya.client.realtime.disconnect();
  await expect.poll(() => mayaToJonas.getSnapshot().presence).toBe('offline');
});

test('a node that is killed while people talk loses nothing: they go on at the other', async () => {
  const deployment = await deploy({ postgres, redis });
  const members = await gather(deployment, await deployment.people(24));
  const stop = talk(members, 300);
  const pictures = members.slice(0, 4).map(async ({ client }) => client.avatar.upload(await colouredFile()));
  await sleep(1_500);
  await deployment.nodes[0].kill();
  await expect.poll(async () => (await fetch(`${deployment.url}/healthz`)).status).toBe(200);
  await sleep(3_000);
  await deployment.nodes[0].start();
  await sleep(1_500);
  await stop();
  await Promise.allSettled(pictures);
  await expectWhole(deployment, members, 'a node was killed');
});

test('Redis that is away for 3 seconds holds nobody up', async () => {
  await outlastRedis({ postgres, redis }, 3);
});

test('a standby that is promoted after its primary was killed has every message that was confirmed', async () => {
  const primary = await Postgres.start(['fsync=off']);
  onTestFinished(() => primary.stop());
  const standby = await primary.standby();
  onTestFinished(() => standby.stop());
  // What is confirmed is on both.
  await primary.query('postgres', "alter system set synchronous_standby_names = '*'");
  await primary.query('postgres', 'select pg_reload_conf()');
  const deployment = await deploy({ postgres: primary, redis, hosts: [primary, standby] });
  const members = await gather(deployment, await deployment.people(12));
  const stop = talk(members, 400);
  await sleep(1_500);
  await primary.kill();
  await standby.promote();
  deployment.follow(standby);
  const before = confirmedBy(members);
  await expect.poll(() => confirmedBy(members)).toBeGreaterThan(before + members.length);
  await stop();
  await expectWhole(deployment, members, 'a standby took over');
});

test('both nodes are restarted, one after the other, under 200 clients that talk', async () => {
  const deployment = await deploy({ postgres, redis }, { VISAVIS_DRAIN_SECONDS: '2' });
  const members = await gather(deployment, await deployment.people(200));
  const stop = talk(members, 4_000);
  for (const node of deployment.nodes) {
    await node.stop();
    await node.start();
    // As a rollout does, the next one waits until people are back.
    await expect.poll(async () => sum(await deployment.sockets()), { timeout: 30_000 }).toBe(200);
  }
  await stop();
  await expectWhole(deployment, members, 'both nodes were restarted');
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
