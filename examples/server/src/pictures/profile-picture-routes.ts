import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { requireSelf } from '../identity.ts';
import type { RateLimit } from '../nodes/rate-limit.ts';
import { looseUserId, text } from '../text.ts';
import type { AvatarNews } from './avatar-news.ts';
import type { Avatars } from './avatars.ts';
import type { DirectUploads } from './direct-uploads.ts';
import { type PictureForm, readPictureForm } from './picture-form.ts';
import type { PictureRecords } from './picture-records.ts';
import { sourceTypes } from './picture-sizes.ts';
import { filenameOf } from './picture-types.ts';

export const NO_PICTURE = 'default-avatar.jpg';

const MEGABYTE = 1024 * 1024;
const MAX_BYTES = 10 * MEGABYTE;
const MAX_JSON_BYTES = 6 * MEGABYTE;

export const mine = z.object({ userId: looseUserId.optional() });
export const base64Picture = z.object({
  userId: looseUserId.optional(),
  base64Image: z.string().min(1),
  filename: text(1000).default(''),
});
export const update = mine.extend({ profilePicture: text(300) });
export const sync = mine.extend({ syncTimestamp: z.union([z.number(), text(100)]) });

/** Wire C: a picture is sent whole and known by its file name. The same under both of its prefixes. */
export function profilePictureRoutes(
  http: FastifyInstance,
  settings: {
    avatars: Avatars;
    directUploads: DirectUploads;
    records: PictureRecords;
    news: AvatarNews;
    pictureUrl: (path: string) => string;
    beginUpload: onRequestAsyncHookHandler;
    checkWrites: RateLimit;
    clock: () => number;
  },
): void {
  const { avatars, directUploads, records, news, pictureUrl, beginUpload, checkWrites, clock } = settings;
  const upload = { bodyLimit: MAX_JSON_BYTES, onRequest: beginUpload };
  const limited = { preHandler: (request: FastifyRequest) => checkWrites(request.userId) };
  const now = () => new Date(clock()).toISOString();

  async function accept(request: FastifyRequest, reply: FastifyReply) {
    const { userId } = request;
    const isForm = request.isMultipart();
    const picture = isForm
      ? await readPictureForm(request, { names: ['profilePicture'], maxBytes: MAX_BYTES })
      : readJson(request.body);
    requireSelf(userId, mine.parse(picture.fields).userId);
    const avatar = await request.directUpload.accept(picture, { types: sourceTypes, isKept: true });
    news.updated(reply, userId, avatar);
    const filename = filenameOf(avatar.key);
    const user = { userId, profilePicture: filename, updatedAt: now() };
    return { success: true, message: 'The profile picture was changed', filename, user };
  }

  async function read(userId: string, reader: string) {
    const picture = await records.shown(userId);
    const shown = {
      success: true,
      profilePicture: picture?.filename ?? NO_PICTURE,
      profilePicturePath: picture ? pictureUrl(picture.key) : `/uploads/${NO_PICTURE}`,
    };
    return userId === reader ? { ...shown, ...(await records.profile(userId)) } : shown;
  }

  /** Soft: what is kept for the history stays. */
  async function takeDown(userId: string, reply: FastifyReply) {
    const { version } = await avatars.remove(userId, { soft: true });
    news.deleted(reply, userId, version);
  }

  for (const base of ['/api/profile', '/api/profile-picture-api']) {
    http.post(`${base}/upload-picture`, upload, accept);

    http.get(`${base}/picture/:userId`, (request) =>
      read(z.object({ userId: looseUserId }).parse(request.params).userId, request.userId),
    );
    http.get(`${base}/picture`, (request) =>
      read(mine.parse(request.query).userId ?? request.userId, request.userId),
    );

    http.put(`${base}/update-picture`, limited, async (request, reply) => {
      const { userId, profilePicture } = update.parse(request.body);
      requireSelf(request.userId, userId);
      if (profilePicture !== NO_PICTURE)
        news.updated(reply, request.userId, await directUploads.showAgain(request.userId, profilePicture));
      else if (await records.shown(request.userId)) await takeDown(request.userId, reply);
      const user = { userId: request.userId, profilePicture, updatedAt: now() };
      return { success: true, message: 'The profile picture was changed', user };
    });

    http.delete(`${base}/delete-picture`, async (request, reply) => {
      requireSelf(request.userId, mine.parse(request.body ?? {}).userId);
      await takeDown(request.userId, reply);
      return { success: true, message: 'The profile picture was deleted' };
    });

    http.post(`${base}/sync-picture`, async (request) => {
      const { userId, syncTimestamp } = sync.parse(request.body);
      requireSelf(request.userId, userId);
      await records.noteSync(request.userId);
      return { success: true, message: 'The profile picture is in sync', syncTimestamp };
    });

    http.get(`${base}/picture-history`, async (request) => {
      const { userId } = request;
      requireSelf(userId, mine.parse(request.query).userId);
      const history = (await records.history(userId)).map((picture) => ({
        id: picture.id,
        userId,
        filename: picture.filename,
        uploadDate: picture.created_at.toISOString(),
        isActive: picture.is_active,
        version: picture.version,
      }));
      return { success: true, history };
    });
  }
}

function readJson(body: unknown): PictureForm {
  const { userId, base64Image, filename: name } = base64Picture.parse(body);
  const [, base64 = base64Image] = /^data:[^,]{0,100};base64,(.*)$/s.exec(base64Image) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0)
    throw new ApiError(400, 'INVALID_REQUEST', 'unable to read the picture; it is not base64');
  return { bytes, name, fields: userId === undefined ? {} : { userId } };
}
