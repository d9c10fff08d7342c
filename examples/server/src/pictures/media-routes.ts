import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { requireSelf } from '../identity.ts';
import { createLane } from '../nodes/lane.ts';
import type { Profiles } from '../people/profiles.ts';
import type { Storage } from '../storage/storage.ts';
import { userId } from '../text.ts';
import type { AvatarNews } from './avatar-news.ts';
import type { Avatars } from './avatars.ts';
import { sendPicture } from './picture-answer.ts';
import { readPictureForm } from './picture-form.ts';
import type { PictureRecords } from './picture-records.ts';
import { shrinkToMedium } from './picture-sizes.ts';

const MAX_BYTES = 800 * 1024;

const userParams = z.object({ id: userId });
const mediaParams = z.object({ id: z.string().regex(/^[a-z0-9-]{1,64}$/, 'is not a media id') });
export const mediaQuery = z.object({ thumbnail: z.enum(['true', 'false']).default('false') });

/** Wire B behind a token: a picture is sent whole, and known by its media id. */
export function mediaRoutes(
  http: FastifyInstance,
  settings: {
    avatars: Avatars;
    records: PictureRecords;
    profiles: Profiles;
    news: AvatarNews;
    beginUpload: onRequestAsyncHookHandler;
  },
): void {
  const { avatars, records, profiles, news, beginUpload } = settings;
  const path = '/api/users/:id/profile-picture';

  http.get('/api/users/:id', async (request) => {
    const { id } = userParams.parse(request.params);
    const of = id === 'me' ? request.userId : id;
    const [profile, picture] = await Promise.all([profiles.read(of), records.shown(of)]);
    return { ...profile, name: profile.display_name, profile_picture: picture?.id ?? null };
  });

  http.post(path, { onRequest: beginUpload }, async (request, reply) => {
    requireSelf(request.userId, userParams.parse(request.params).id);
    const form = await readPictureForm(request, { names: ['file'], maxBytes: MAX_BYTES });
    const types = ['image/jpeg', 'image/png', 'image/gif'] as const;
    news.updated(reply, request.userId, await request.directUpload.accept(form, { types }));
    return { success: true, message: 'The profile picture was changed' };
  });

  http.delete(path, async (request, reply) => {
    requireSelf(request.userId, userParams.parse(request.params).id);
    const { version } = await avatars.remove(request.userId);
    news.deleted(reply, request.userId, version);
    return { success: true, message: 'The profile picture was deleted' };
  });
}

/** Wire B's pictures. Public, as pages show them by `<img>`: their ids cannot be guessed. */
export function mediaPictures(
  http: FastifyInstance,
  { records, storage }: { records: PictureRecords; storage: Storage },
): void {
  const inLane = createLane(1);
  const notFound = () => new ApiError(404, 'NOT_FOUND', 'unable to find the picture');

  async function read(key: string): Promise<Buffer> {
    const bytes = await storage.readPublished(key);
    if (!bytes) throw notFound();
    return bytes;
  }

  http.get('/api/users/media/:id', async (request, reply) => {
    const { id } = mediaParams.parse(request.params);
    const isThumbnail = mediaQuery.parse(request.query).thumbnail === 'true';
    const picture = await records.view(id);
    if (!picture) throw notFound();
    const { key, medium_key: medium, mime_type: type } = picture;
    if (!isThumbnail) return sendPicture(request, reply, { type, bytes: () => read(key), etag: id });
    return sendPicture(request, reply, {
      type,
      // What came through wire A has no such size, and anybody may ask for it.
      bytes: () => (medium === null ? inLane(async () => shrinkToMedium(await read(key))) : read(medium)),
      etag: `${id}-thumbnail`,
    });
  });
}
