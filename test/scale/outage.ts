import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Postgres } from '../support/services/postgres.ts';
import type { Redis } from '../support/services/redis.ts';
import { deploy } from './deployment.ts';
import { expectWhole } from './invariants.ts';
import { gather, type Member, talk } from './member.ts';

export const confirmedBy = (members: readonly Member[]): number =>
  members.reduce((sum, { confirmed }) => sum + confirmed.size, 0);

/** People on both nodes go on talking while Redis is killed and stays away for so long. */
export async function outlastRedis(
  engines: { postgres: Postgres; redis: Redis },
  seconds: number,
): Promise<void> {
  const { redis } = engines;
  const deployment = await deploy(engines);
  const members = await gather(deployment, await deployment.people(12));
  const stop = talk(members, 500);
  await sleep(1_000);
  await redis.kill();
  try {
    await sleep(500);
    const before = confirmedBy(members);
    await sleep(seconds * 1_000 - 500);
    expect(confirmedBy(members) - before).toBeGreaterThan(members.length);
  } finally {
    await redis.start();
  }
  await sleep(1_000);
  await stop();
  await expectWhole(deployment, members, `Redis was away for ${seconds} s`);
  const [writer, reader] = members;
  await writer?.write('live again');
  await expect
    .poll(() =>
      reader?.thread
        .getSnapshot()
        .items.some((item) => item.kind === 'message' && item.text === 'live again'),
    )
    .toBe(true);
}
