import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import { ApiError } from './errors.ts';

/** Goes before the handlers of all routes that take uploads: a user has one allowance for all of them. */
export function createUploadLimit(
  http: FastifyInstance,
  { uploadsPerMinute }: { uploadsPerMinute: number },
): preHandlerAsyncHookHandler {
  return http.rateLimit({
    max: uploadsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => request.userId,
    errorResponseBuilder: () =>
      new ApiError(429, 'RATE_LIMITED', 'unable to upload; too many tries, wait a little'),
  });
}
