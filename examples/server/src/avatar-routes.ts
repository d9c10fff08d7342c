import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Avatars } from './avatars.ts';
import { ApiError } from './errors.ts';
import { afterAnswer } from './http.ts';
import type { Broadcast } from './realtime.ts';
import { text } from './text.ts';

const fileType = z.enum(['avatar', 'thumb']);

const oneOfEach = <T extends { type: string }>(files: T[]) =>
  new Set(files.map((file) => file.type)).size === files.length &&
  files.some((file) => file.type === 'avatar');
const oneOfEachText = 'must hold one avatar and at most one thumb';

const presignBody = z.object({
  files: z
    .array(
      z.object({
        type: fileType,
        filename: text(255).optional(),
        contentType: text(100),
        size: z.number().int().positive(),
      }),
    )
    .max(2)
    .refine(oneOfEach, oneOfEachText),
});

const completeBody = z.object({
  uploads: z
    .array(z.object({ type: fileType, key: text(300) }))
    .max(2)
    .refine(oneOfEach, oneOfEachText),
});

/** Wire A's own avatar: presign, complete, delete. */
export function avatarRoutes(
  http: FastifyInstance,
  settings: {
    avatars: Avatars;
    broadcast: Broadcast;
    pictureUrl: (path: string) => string;
    limits: { uploadsPerMinute: number; uploadSeconds: number };
  },
): void {
  const { avatars, broadcast, pictureUrl, limits } = settings;
  const rateLimit = {
    max: limits.uploadsPerMinute,
    timeWindow: 60_000,
    hook: 'preHandler' as const,
    keyGenerator: (request: { userId: string }) => request.userId,
    errorResponseBuilder: () =>
      new ApiError(429, 'RATE_LIMITED', 'unable to upload; too many tries, wait a little'),
  };

  http.post('/api/users/me/avatar/presign', { config: { rateLimit } }, async (request) => {
    const { files } = presignBody.parse(request.body);
    return { uploads: await avatars.presign(request.userId, files), expiresIn: limits.uploadSeconds };
  });

  http.post('/api/users/me/avatar/complete', async (request, reply) => {
    const { userId } = request;
    const { uploads } = completeBody.parse(request.body);
    const avatar = await avatars.complete(userId, uploads);
    const shown = {
      avatar_url: pictureUrl(avatar.key),
      avatar_thumb_url: pictureUrl(avatar.thumbKey),
      avatar_version: avatar.version,
    };
    if (avatar.fresh) afterAnswer(reply, () => broadcast('user:avatar:updated', { userId, ...shown }));
    return { ok: true, ...shown, avatar_key: avatar.key };
  });

  http.delete('/api/users/me/avatar', async (request, reply) => {
    const { userId } = request;
    const { version } = await avatars.remove(userId);
    afterAnswer(reply, () => broadcast('user:avatar:deleted', { userId, avatar_version: version }));
    return { success: true, avatar_version: version };
  });
}
