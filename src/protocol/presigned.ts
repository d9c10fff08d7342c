import * as z from 'zod/mini';
import { ResponseError } from '../errors.ts';
import type { DirectRoutes, RoutesWith } from './route.ts';
import { id, mapOf, parse, someText } from './schemas.ts';
import {
  avatarFields,
  avatarRowFact,
  noAvatarFact,
  profileFacts,
  profileRow,
  stampFields,
} from './user-rows.ts';

const texts = mapOf((value) => typeof value === 'string');
const ticket = z.object({
  fileId: z.optional(id),
  type: z.literal(['avatar', 'thumb']),
  key: someText,
  url: someText,
  method: z.optional(z.literal(['PUT', 'POST'])),
  headers: z.optional(texts),
  fields: z.optional(texts),
});

const presignAnswer = z.object({
  uploads: z.array(ticket).check(z.minLength(1)),
  expiresIn: z.optional(z.number().check(z.positive())),
});

const published = z.object({ ...avatarFields, avatar_url: someText });
const deleted = z.nullish(z.object(stampFields));

/** Straight to a storage host: presign → PUT → complete. */
export const presignedRoutes: DirectRoutes & RoutesWith<'deleteAvatar' | 'profile'> = {
  presign: {
    method: 'POST',
    path: () => '/api/users/me/avatar/presign',
    purpose: 'presign the upload',
    idempotent: true,
    body: ({ files }) => ({
      files: files.map(({ kind, filename, contentType, size }) => ({
        type: kind,
        filename,
        contentType,
        size,
      })),
    }),
    parse: ({ body }, { files }) => {
      const { uploads, expiresIn } = parse(presignAnswer, body, 'presign the upload');
      const missing = files.find((file) => !uploads.some((upload) => upload.type === file.kind));
      if (missing) {
        throw new ResponseError(
          `unable to presign the upload; the answer has no entry for "${missing.kind}"`,
          [{ path: 'uploads', message: `no entry for "${missing.kind}"` }],
        );
      }
      return {
        uploads: uploads.map((upload) => ({
          fileId: upload.fileId ?? upload.key,
          kind: upload.type,
          key: upload.key,
          url: upload.url,
          method: upload.method ?? (upload.fields ? 'POST' : 'PUT'),
          headers: upload.headers ?? {},
          fields: upload.fields ?? {},
        })),
        expiresInMs: expiresIn === undefined ? null : expiresIn * 1000,
      };
    },
  },

  complete: {
    method: 'POST',
    path: () => '/api/users/me/avatar/complete',
    purpose: 'complete the upload',
    idempotent: true,
    body: ({ uploads }) => ({ uploads: uploads.map(({ kind, key, url }) => ({ type: kind, key, url })) }),
    parse: ({ body, at }, { userId }, context) => {
      const row = parse(published, body, 'complete the upload');
      return { ...avatarRowFact(userId, row, { ...context, at }), changedAt: at };
    },
  },

  deleteAvatar: {
    method: 'DELETE',
    path: () => '/api/users/me/avatar',
    purpose: 'delete the picture',
    idempotent: true,
    accepts: [404],
    parse: ({ status, body, at }, { userId }, context) => {
      const row = status === 404 ? null : parse(deleted, body, 'delete the picture');
      return noAvatarFact(userId, row ?? {}, { ...context, at });
    },
  },

  profile: {
    method: 'GET',
    path: ({ userId }) => `/api/users/${encodeURIComponent(userId)}/profile`,
    purpose: 'read the profile',
    idempotent: true,
    accepts: [404],
    parse: ({ status, body, at }, { userId }, context) => {
      if (status === 404) return null;
      const row = parse(profileRow, body, 'read the profile');
      return profileFacts(userId, row, { ...context, at });
    },
  },

  history: null,
  restore: null,
  sync: null,
};
