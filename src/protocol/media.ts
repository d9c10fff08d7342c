import * as z from 'zod/mini';
import { pictureForm, pictureRefusals } from './picture-form.ts';
import type { FormRoutes, RoutesWith } from './route.ts';
import { id, parse } from './schemas.ts';
import { avatarFact, userFacts } from './user-facts.ts';

const optionalText = z.nullish(z.string());
const mediaId = z.pipe(
  z.union([z.literal(''), id]),
  z.transform((media) => media || null),
);
const userRow = z.object({
  profile_picture: z.nullish(mediaId),
  display_name: optionalText,
  name: optionalText,
  username: optionalText,
});

const pathOf = (userId: string) => `/api/users/${encodeURIComponent(userId)}`;
const pictureOf = (userId: string) => `${pathOf(userId)}/profile-picture`;

/** A picture gets a media id, which only the user's row tells; pictures and thumbnails are read by it. */
export const mediaRoutes: FormRoutes & RoutesWith<'deleteAvatar' | 'profile'> = {
  upload: {
    method: 'POST',
    path: ({ userId }) => pictureOf(userId),
    purpose: 'upload the picture',
    idempotent: false,
    form: /* @__PURE__ */ pictureForm('file'),
    refusals: pictureRefusals,
    // Five uploads a minute.
    waitMs: 60_000,
    parse: ({ at }) => ({ kind: 'unlocated', name: null, at }),
  },

  deleteAvatar: {
    method: 'DELETE',
    path: ({ userId }) => pictureOf(userId),
    purpose: 'delete the picture',
    idempotent: true,
    accepts: [404],
    parse: ({ at }, { userId }, context) => avatarFact(userId, { picture: null }, { ...context, at }),
  },

  profile: {
    method: 'GET',
    path: ({ userId }) => pathOf(userId),
    purpose: 'read the profile',
    idempotent: true,
    accepts: [404],
    parse({ status, body, at }, { userId }, context) {
      if (status === 404) return null;
      const { profile_picture: media, ...row } = parse(userRow, body, 'read the profile');
      const name = row.display_name ?? row.name;
      const picture = typeof media === 'string' ? mediaPicture(media) : media;
      return userFacts(userId, { picture, name, username: row.username }, { ...context, at });
    },
  },

  history: null,
  restore: null,
  sync: null,
};

/** Without a slash in front, so that it stands under the backend's own path. */
function mediaPicture(media: string) {
  const url = `api/users/media/${encodeURIComponent(media)}`;
  return { url, thumbUrl: `${url}?thumbnail=true` };
}
