import * as z from 'zod/mini';
import { ResponseError } from '../errors.ts';
import { type AvatarFact, type Picture, type Stamp, StampRank, type UserFact } from '../facts.ts';
import type { ParseContext, Preset } from './preset.ts';
import { id, nullableUrl, parse, serverTime, version } from './schemas.ts';

const ticket = z.object({
  fileId: z.optional(id),
  type: z.enum(['avatar', 'thumb']),
  key: z.string().check(z.minLength(1)),
  url: z.string().check(z.minLength(1)),
  method: z.optional(z.enum(['PUT', 'POST'])),
  headers: z.optional(z.record(z.string(), z.string())),
  fields: z.optional(z.record(z.string(), z.string())),
});

const presignAnswer = z.object({
  uploads: z.array(ticket).check(z.minLength(1)),
  expiresIn: z.optional(z.number().check(z.positive())),
});

const stampFields = { avatar_version: z.nullish(version), updated_at: z.nullish(serverTime) };
const avatarFields = { avatar_url: nullableUrl, avatar_thumb_url: z.optional(nullableUrl), ...stampFields };
const nameFields = { display_name: z.nullish(z.string()), username: z.nullish(z.string()) };

const published = z.object({ ...avatarFields, avatar_url: z.string().check(z.minLength(1)) });
const deleted = z.nullish(z.object(stampFields));
export const profileRow = z.object({
  id,
  ...nameFields,
  ...avatarFields,
  avatar_url: z.optional(nullableUrl),
});
const avatarUpdated = z.object({ userId: id, ...avatarFields });
const avatarDeleted = z.object({ userId: id, ...stampFields });
const profileUpdated = z.object({ ...profileRow.shape, id: z.optional(id), userId: id });
const refusal = z.object({ error: z.string() });

/** Direct-to-storage avatars: presign → PUT → complete, with `user:avatar:*` live events. The default. */
export const presigned: Preset = {
  name: 'presigned',

  routes: {
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
        return { ...avatarFact(userId, row, { ...context, at }), changedAt: at };
      },
    },

    deleteAvatar: {
      method: 'DELETE',
      path: () => '/api/users/me/avatar',
      purpose: 'delete the picture',
      idempotent: true,
      accepts: [404],
      parse: ({ status, body, at }, { userId }) => {
        const row = status === 404 ? null : parse(deleted, body, 'delete the picture');
        return { kind: 'avatar', userId, picture: null, stamp: stampOf(row ?? {}, at), changedAt: at };
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
  },

  events: {
    'user:avatar:updated': (payload, context) => {
      const row = parse(avatarUpdated, payload, 'read user:avatar:updated');
      return [{ ...avatarFact(row.userId, row, context), changedAt: context.at }];
    },
    'user:avatar:deleted': (payload, context) => {
      const row = parse(avatarDeleted, payload, 'read user:avatar:deleted');
      return [
        {
          kind: 'avatar',
          userId: row.userId,
          picture: null,
          stamp: stampOf(row, context.at),
          changedAt: context.at,
        },
      ];
    },
    'user:profile:updated': (payload, context) => {
      const row = parse(profileUpdated, payload, 'read user:profile:updated');
      return profileFacts(row.userId, row, context).map((fact) =>
        fact.kind === 'avatar' ? { ...fact, changedAt: context.at } : fact,
      );
    },
  },

  isExpiredToken(status, body) {
    if (status === 401) return true;
    const text = refusal.safeParse(body);
    return status === 403 && text.success && /\btoken\b/i.test(text.data.error);
  },
};

type Row = z.output<typeof profileRow>;
type AvatarRow = Pick<Row, 'avatar_thumb_url' | keyof typeof stampFields> & {
  readonly avatar_url: string | null;
};

function avatarFact(userId: string, row: AvatarRow, context: ParseContext): AvatarFact {
  return { kind: 'avatar', userId, picture: picture(row, context), stamp: stampOf(row, context.at) };
}

function picture(row: AvatarRow, context: ParseContext): Picture | null {
  if (row.avatar_url === null) return null;
  return {
    url: safeUrl('avatar_url', row.avatar_url, context),
    thumbUrl: safeUrl('avatar_thumb_url', row.avatar_thumb_url ?? row.avatar_url, context),
  };
}

function safeUrl(path: string, url: string, context: ParseContext): string {
  const resolved = context.isSafeUrl(url) ? context.resolveUrl(url) : '';
  if (context.isSafeUrl(resolved)) return resolved;
  throw new ResponseError(`unable to show the picture; its address in "${path}" is not safe`, [
    { path, message: 'unsafe address' },
  ]);
}

function stampOf(row: Pick<Row, keyof typeof stampFields>, at: number): Stamp {
  if (typeof row.avatar_version === 'number') return { rank: StampRank.version, value: row.avatar_version };
  if (typeof row.updated_at === 'number') return { rank: StampRank.serverTime, value: row.updated_at };
  return { rank: StampRank.arrival, value: at };
}

/** Facts of the fields that are there: a row or event without a field says nothing about it. */
export function profileFacts(userId: string, row: Omit<Row, 'id'>, context: ParseContext): UserFact[] {
  const stamp = stampOf({ updated_at: row.updated_at }, context.at);
  const facts: UserFact[] = [];
  const { avatar_url, display_name, username } = row;
  if (avatar_url !== undefined) facts.push(avatarFact(userId, { ...row, avatar_url }, context));
  if (typeof display_name === 'string') facts.push({ kind: 'name', userId, value: display_name, stamp });
  if (typeof username === 'string') facts.push({ kind: 'username', userId, value: username, stamp });
  return facts;
}
