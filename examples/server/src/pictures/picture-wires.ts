import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import sharp from 'sharp';
import { requireUser, sendError } from '../http.ts';
import type { RateLimit } from '../nodes/rate-limit.ts';
import type { Profiles } from '../people/profiles.ts';
import type { Storage } from '../storage/storage.ts';
import type { Tokens } from '../tokens.ts';
import type { AvatarNews } from './avatar-news.ts';
import type { Avatars } from './avatars.ts';
import type { DirectUpload, DirectUploads } from './direct-uploads.ts';
import { mediaPictures, mediaRoutes } from './media-routes.ts';
import { sendPicture } from './picture-answer.ts';
import type { PictureRecords } from './picture-records.ts';
import { sides } from './picture-sizes.ts';
import { NO_PICTURE, profilePictureRoutes } from './profile-picture-routes.ts';
import { bearerOrCookie, uploadProfileRoute } from './upload-profile-route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Only on routes that take whole pictures. */
    directUpload: DirectUpload;
  }
}

/** Wires B, C and D: other ways to the same one picture of a user. */
export async function pictureWires(
  http: FastifyInstance,
  settings: {
    tokens: Tokens;
    isAllowedOrigin: (origin: string | undefined) => boolean;
    avatars: Avatars;
    directUploads: DirectUploads;
    records: PictureRecords;
    profiles: Profiles;
    storage: Storage;
    news: AvatarNews;
    pictureUrl: (path: string) => string;
    limitUploads: (request: FastifyRequest) => Promise<void>;
    checkWrites: RateLimit;
    clock: () => number;
  },
): Promise<void> {
  await http.register(multipart);
  http.decorateRequest('directUpload');
  const wires = {
    ...settings,
    /** Before the body: one that takes long to arrive must not undo what its user did meanwhile. */
    async beginUpload(request: FastifyRequest) {
      await settings.limitUploads(request);
      request.directUpload = await settings.directUploads.begin(request.userId);
    },
  };
  mediaPictures(http, settings);

  const grey = { width: sides.avatar, height: sides.avatar, channels: 3 as const, background: '#c9ced6' };
  const bytes = await sharp({ create: grey }).jpeg().toBuffer();
  http.get(`/uploads/${NO_PICTURE}`, (request, reply) =>
    sendPicture(request, reply, { type: 'image/jpeg', bytes: () => bytes, etag: NO_PICTURE }),
  );

  await http.register(async (api) => {
    api.addHook('onRequest', requireUser(settings.tokens));
    mediaRoutes(api, wires);
    profilePictureRoutes(api, wires);
  });

  await http.register(async (api) => {
    api.addHook('onRequest', requireUser(settings.tokens, bearerOrCookie(settings.isAllowedOrigin)));
    api.setErrorHandler((error, request, reply) =>
      sendError(error, request, reply, (details) => ({ error: 'The upload failed', details })),
    );
    uploadProfileRoute(api, wires);
  });
}
