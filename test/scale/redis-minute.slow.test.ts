import { afterAll, beforeAll, test } from 'vitest';
import { Postgres } from '../support/services/postgres.ts';
import { Redis } from '../support/services/redis.ts';
import { outlastRedis } from './outage.ts';

let postgres: Postgres;
let redis: Redis;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([Postgres.start(['fsync=off']), Redis.start()]);
});
afterAll(() => Promise.all([postgres?.stop(), redis?.stop()]));

test('Redis that is away for a minute holds nobody up', async () => {
  await outlastRedis({ postgres, redis }, 60);
});
