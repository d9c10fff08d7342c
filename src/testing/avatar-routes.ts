import type { PublishedAvatar } from './avatar-store.ts';
import type { UserRecord } from './records.ts';
import { Refusal } from './refusal.ts';
import type { Reply, RestSettings, RouteTable } from './rest-route.ts';
import { countOf, fieldsOf, textOf } from './wire-value.ts';

/** Pictures and people. */
export function avatarRoutes({
  records,
  avatars,
  rows,
  announce,
  limit,
  putUrl,
  uploadSeconds,
  level,
}: RestSettings): RouteTable {
  const published = (user: UserRecord, { isNew, key }: PublishedAvatar): Reply => ({
    body: { ok: true, ...rows.avatar(user), ...(level === 2 ? { avatar_key: key } : {}) },
    announce: () => isNew && announce.avatar(user),
  });
  const userOf = (id: string) => {
    const user = records.users.get(id);
    if (user) return user;
    throw new Refusal(404, 'USER_NOT_FOUND', 'unable to find the user');
  };

  return [
    [
      'POST',
      /^\/api\/users\/me\/avatar\/presign$/,
      ({ userId, body }) => {
        limit('upload', userId);
        const files = avatars.presign(userId, wishesOf(body.files));
        const uploads = files.map(({ type, key, contentType }) => ({
          fileId: `f-${key}`,
          type,
          key,
          url: putUrl(key),
          method: 'PUT',
          headers: { 'Content-Type': contentType },
        }));
        return { body: { uploads, expiresIn: uploadSeconds } };
      },
    ],
    [
      'POST',
      /^\/api\/users\/me\/avatar\/complete$/,
      ({ userId, body }) => {
        const uploads = Array.isArray(body.uploads) ? body.uploads : [];
        const keys = uploads.map((upload) => textOf(fieldsOf(upload).key) ?? '');
        return published(userOf(userId), avatars.complete(userId, keys));
      },
    ],
    [
      'DELETE',
      /^\/api\/users\/me\/avatar$/,
      ({ userId }) => {
        const user = avatars.remove(userId);
        const version = level === 2 ? { avatar_version: user.avatarVersion } : {};
        return { body: { success: true, ...version }, announce: () => announce.avatar(user) };
      },
    ],
    [
      'GET',
      /^\/api\/users\/([^/]+)\/profile$/,
      ({ userId, params: [id = ''] }) => ({ body: rows.user(userOf(id === 'me' ? userId : id)) }),
    ],
    [
      'PATCH',
      /^\/api\/users\/me\/profile$/,
      ({ userId, body }) => {
        const user = userOf(userId);
        user.name = textOf(body.display_name) ?? user.name;
        return { body: rows.user(user), announce: () => announce.profile(user) };
      },
    ],
  ];
}

function wishesOf(files: unknown) {
  const wishes = (Array.isArray(files) ? files : []).map((file) => {
    const { type, contentType, size } = fieldsOf(file);
    const bytes = countOf(size);
    if ((type !== 'avatar' && type !== 'thumb') || typeof contentType !== 'string' || !bytes) {
      throw new Refusal(400, 'INVALID_REQUEST', 'unable to read the request; files');
    }
    return { type, contentType, size: bytes } as const;
  });
  if (wishes.some(({ type }) => type === 'avatar')) return wishes;
  throw new Refusal(400, 'INVALID_REQUEST', 'unable to read the request; there is no avatar');
}
