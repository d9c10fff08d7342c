import { Postgres } from './postgres.ts';
import { Redis } from './redis.ts';

/** Runs the suites of the server on a real PostgreSQL and with Redis, instead of the embedded database and alone. */
export default async function setup(): Promise<() => Promise<void>> {
  const [postgres, redis] = await Promise.all([Postgres.start(['fsync=off']), Redis.start()]);
  process.env.VISAVIS_TEST_POSTGRES = postgres.url();
  process.env.VISAVIS_TEST_REDIS = redis.url;
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
  };
}
