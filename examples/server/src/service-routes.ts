import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Database } from './database/database.ts';
import { ApiError } from './errors.ts';

/** A balancer does not wait for long. */
const PATIENCE_MS = 1_000;

/** What machines ask: what can you do, are you alive, and may people be sent to you. */
export function serviceRoutes(
  http: FastifyInstance,
  { database, isLeaving }: { database: Database; isLeaving: () => boolean },
): void {
  http.get('/api/capabilities', async () => ({
    level: 2,
    avatar_version: true,
    client_id: true,
    seq: true,
    sync: true,
    acks: true,
    media_upload: true,
  }));

  // A restart mends no database, so this does not ask for it.
  http.get('/healthz', async () => ({ ok: true }));

  http.get('/readyz', async () => {
    if (isLeaving()) throw new ApiError(503, 'LEAVING', 'unable to take more; this node is leaving');
    const patience = new AbortController();
    const tooLong = sleep(PATIENCE_MS, false, { signal: patience.signal }).catch(() => false);
    const answer = database.query('select 1').then(
      () => true,
      () => false,
    );
    const isThere = await Promise.race([answer, tooLong]);
    patience.abort();
    if (!isThere) throw new ApiError(503, 'UNAVAILABLE', 'unable to answer; the database is away');
    return { ok: true };
  });
}
