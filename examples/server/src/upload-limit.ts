import { ApiError } from './errors.ts';

/** One allowance of uploads per user, whatever routes they are sent to. */
export function uploadLimit({ uploadsPerMinute }: { uploadsPerMinute: number }) {
  return {
    max: uploadsPerMinute,
    timeWindow: 60_000,
    groupId: 'uploads',
    hook: 'preHandler' as const,
    keyGenerator: (request: { userId: string }) => request.userId,
    errorResponseBuilder: () =>
      new ApiError(429, 'RATE_LIMITED', 'unable to upload; too many tries, wait a little'),
  };
}
