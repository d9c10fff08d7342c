import type { FastifyInstance } from 'fastify';
import type { Database } from './database.ts';

/** What machines ask: what can you do, and are you well. */
export function serviceRoutes(http: FastifyInstance, database: Database): void {
  http.get('/api/capabilities', async () => ({
    level: 2,
    avatar_version: true,
    client_id: true,
    seq: true,
    sync: true,
    acks: true,
    media_upload: true,
  }));

  http.get('/healthz', async () => {
    await database.query('select 1');
    return { ok: true };
  });
}
