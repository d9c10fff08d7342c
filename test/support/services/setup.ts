import { Postgres } from './postgres.ts';

/** Runs the suites of the server on a real PostgreSQL instead of the embedded one. */
export default async function setup(): Promise<() => Promise<void>> {
  const postgres = await Postgres.start(['fsync=off']);
  process.env.VISAVIS_TEST_POSTGRES = postgres.url();
  return () => postgres.stop();
}
