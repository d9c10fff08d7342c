import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import { z } from 'zod';
import { text } from '../text.ts';
import type { AvatarNews } from './avatar-news.ts';
import type { Avatars } from './avatars.ts';

const fileType = z.enum(['avatar', 'thumb']);

const oneOfEach = <T extends { type: string }>(files: T[]) =>
  new Set(files.map((file) => file.type)).size === files.length &&
  files.some((file) => file.type === 'avatar');
const oneOfEachText = 'must hold one avatar and at most one thumb';

export const presignBody = z.object({
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

export const completeBody = z.object({
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
    news: AvatarNews;
    limitUploads: preHandlerAsyncHookHandler;
    limits: { uploadSeconds: number };
  },
): void {
  const { avatars, news, limitUploads, limits } = settings;

  http.post('/api/users/me/avatar/presign', { preHandler: limitUploads }, async (request) => {
    const { files } = presignBody.parse(request.body);
    return { uploads: await avatars.presign(request.userId, files), expiresIn: limits.uploadSeconds };
  });

  http.post('/api/users/me/avatar/complete', async (request, reply) => {
    const { uploads } = completeBody.parse(request.body);
    const avatar = await avatars.complete(request.userId, uploads);
    return { ok: true, ...news.updated(reply, request.userId, avatar), avatar_key: avatar.key };
  });

  http.delete('/api/users/me/avatar', async (request, reply) => {
    const { version } = await avatars.remove(request.userId);
    news.deleted(reply, request.userId, version);
    return { success: true, avatar_version: version };
  });
}
