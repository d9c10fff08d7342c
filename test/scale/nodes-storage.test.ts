import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Bucket } from '../support/bucket.ts';
import { Postgres } from '../support/services/postgres.ts';
import { Radosgw } from '../support/services/radosgw.ts';
import { Redis } from '../support/services/redis.ts';
import { colouredFile } from '../support/sharp-encoder.ts';
import { deploy } from './deployment.ts';
import { expectWhole } from './invariants.ts';
import { gather, type Member, talk } from './member.ts';

let engines: { postgres: Postgres; redis: Redis };
let store: Radosgw;
let bucket: Bucket;
beforeAll(async () => {
  const [postgres, redis] = await Promise.all([Postgres.start(['fsync=off']), Redis.start()]);
  engines = { postgres, redis };
  store = await Radosgw.start();
  bucket = await Bucket.create(store, 'nodes');
});
afterAll(async () => {
  bucket?.close();
  await Promise.all([store?.stop(), engines?.postgres.stop(), engines?.redis.stop()]);
});

test('a store that stops in the middle of uploads holds up no message, and they end with the latest picture everywhere', async () => {
  const deployment = await deploy(engines, { ...bucket.env });
  const members = await gather(deployment, await deployment.people(8));
  const { upload } = (members[0] as Member).client.avatar;
  const first = await upload(await colouredFile());
  const stop = talk(members, 300);

  let running = members.length;
  const uploads = await Promise.all(
    members.map(async ({ client }) => {
      const file = await colouredFile();
      return new Promise<{ ended: Promise<unknown> }>((resolve) => {
        const ended = client.avatar
          .upload(file, { onProgress: ({ stage }) => stage === 'put' && resolve({ ended }) })
          .finally(() => {
            running -= 1;
          });
      });
    }),
  );
  store.pause();
  onTestFinished(() => store.resume());
  const written = () => members.reduce((sum, { confirmed }) => sum + confirmed.size, 0);
  const before = written();
  await sleep(3_000);
  expect(written() - before).toBeGreaterThan(members.length);
  expect(running).toBeGreaterThan(0);
  store.resume();
  const outcomes = await Promise.allSettled(uploads.map(({ ended }) => ended));
  await stop();
  await expectWhole(deployment, members, 'the store stopped');

  // Each either shows its new picture, or the one from before.
  for (const [at, { status }] of outcomes.entries()) {
    const [user] = await deployment.query<{ avatar_version: number; avatar_key: string | null }>(
      'select avatar_version, avatar_key from users where id = $1',
      [members[at]?.userId],
    );
    const versionBefore = at === 0 ? (first.version ?? 0) : 0;
    expect(user?.avatar_version).toBe(versionBefore + (status === 'fulfilled' ? 1 : 0));
    if (user?.avatar_key)
      expect(Object.keys(await bucket.objects(user.avatar_key))).toEqual([user.avatar_key]);
  }
  console.log(`uploads: ${outcomes.map(({ status }) => status).join(', ')}`);
});
