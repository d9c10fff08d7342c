import type { preHandlerAsyncHookHandler } from 'fastify';
import type { RateLimit } from '../nodes/rate-limit.ts';

/** Goes before the handlers of all routes that take uploads: a user has one allowance for all of them. */
export function createUploadLimit(limit: RateLimit): preHandlerAsyncHookHandler {
  return (request) => limit(request.userId);
}
