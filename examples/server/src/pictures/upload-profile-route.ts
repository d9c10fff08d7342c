import type { FastifyInstance, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { ApiError } from '../errors.ts';
import { bearerToken } from '../http.ts';
import { requireSelf } from '../identity.ts';
import type { AvatarNews } from './avatar-news.ts';
import { readPictureForm } from './picture-form.ts';
import { sourceTypes } from './picture-sizes.ts';

const MAX_BYTES = 10 * 1024 * 1024;

/** Wire D: one route, which gives the address to show. */
export function uploadProfileRoute(
  http: FastifyInstance,
  settings: {
    news: AvatarNews;
    beginUpload: onRequestAsyncHookHandler;
  },
): void {
  const { news, beginUpload } = settings;
  http.post('/api/upload/profile', { onRequest: beginUpload }, async (request, reply) => {
    const { userId, headers } = request;
    requireSelf(userId, headers['user-id']?.toString());
    const form = await readPictureForm(request, { names: ['file', 'profilePhoto'], maxBytes: MAX_BYTES });
    const { avatar_url: url } = news.updated(
      reply,
      userId,
      await request.directUpload.accept(form, { types: sourceTypes }),
    );
    return { success: true, url, profilePicture: url, message: 'The profile picture was changed' };
  });
}

/**
 * The token from the header, or from the cookie `token`. A browser adds the cookie to whatever any page sends, so then
 * the page must be one of ours.
 */
export function bearerOrCookie(isAllowedOrigin: (origin: string | undefined) => boolean) {
  return (request: FastifyRequest): string | undefined => {
    const { authorization, cookie = '', origin } = request.headers;
    if (authorization !== undefined) return bearerToken(request);
    const [, token] = /(?:^|;)\s*token=([^;\s]+)/.exec(cookie) ?? [];
    if (token !== undefined && !isAllowedOrigin(origin))
      throw new ApiError(403, 'FORBIDDEN', 'unable to answer; the page is not allowed to');
    return token;
  };
}
