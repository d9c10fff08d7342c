import type { FastifyRequest } from 'fastify';
import type { RateLimit } from '../nodes/rate-limit.ts';

/** Goes before all routes that take uploads: a user has one allowance for all of them. */
export function createUploadLimit(limit: RateLimit): (request: FastifyRequest) => Promise<void> {
  return (request) => limit(request.userId);
}
