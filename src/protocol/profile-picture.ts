import * as z from 'zod/mini';
import { toDataUrl } from '../lib/data-url.ts';
import { pictureForm, pictureRefusals } from './picture-form.ts';
import type {
  FormRoutes,
  Route,
  RoutesWith,
  SomeRoutes,
  Unlocated,
  UploadInput,
  UserInput,
} from './route.ts';
import { id, parse, serverTime } from './schemas.ts';
import { avatarFact, userFacts } from './user-facts.ts';

type ProfilePictureRoutes = FormRoutes & RoutesWith<keyof SomeRoutes>;

/** What stands where there is no picture. */
const none = /(?:^|\/)default-avatar\.jpg$/;

const optionalText = z.nullish(z.string());
const picture = z.object({ profilePicture: optionalText, profilePicturePath: optionalText });
const changed = z.object({
  filename: optionalText,
  user: z.nullish(z.object({ profilePicture: optionalText })),
});
const past = z.object({
  id,
  filename: z.string(),
  uploadDate: z.nullish(serverTime),
  isActive: z.optional(z.boolean()),
});
const history = z.union([z.array(past), z.object({ history: z.array(past) })]);

const iso = (ms: number) => new Date(ms).toISOString();

/** The answer has the file's name; only a read tells its path. */
const unlocated: Route<unknown, Unlocated>['parse'] = ({ body, at }) => {
  const { filename, user } = parse(changed, body, 'publish the picture');
  return { kind: 'unlocated', name: filename || user?.profilePicture || null, at };
};

/** Multipart uploads with a history; a read names a file and its path. */
export const profilePictureRoutes: ProfilePictureRoutes = {
  upload: {
    method: 'POST',
    path: () => '/api/profile/upload-picture',
    purpose: 'upload the picture',
    // Sent twice, the same picture is twice in the history.
    idempotent: true,
    form: /* @__PURE__ */ pictureForm('profilePicture', ({ userId }) => ({ userId })),
    refusals: pictureRefusals,
    parse: unlocated,
  },

  profile: {
    method: 'GET',
    path: ({ userId }) => `/api/profile/picture/${encodeURIComponent(userId)}`,
    purpose: 'read the picture',
    idempotent: true,
    accepts: [404],
    parse({ status, body, at }, { userId }, context) {
      if (status === 404) return null;
      const { profilePicture: name, profilePicturePath: path } = parse(picture, body, 'read the picture');
      const url = path || name;
      const shown = !url || none.test(url) || none.test(name ?? '') ? null : { url };
      return userFacts(userId, { picture: shown }, { ...context, at });
    },
  },

  deleteAvatar: {
    method: 'DELETE',
    path: () => '/api/profile/delete-picture',
    purpose: 'delete the picture',
    idempotent: true,
    accepts: [404],
    body: ({ userId }) => ({ userId }),
    parse: ({ at }, { userId }, context) => avatarFact(userId, { picture: null }, { ...context, at }),
  },

  history: {
    method: 'GET',
    path: () => '/api/profile/picture-history',
    purpose: 'list earlier pictures',
    idempotent: true,
    parse({ body }) {
      const answer = parse(history, body, 'list earlier pictures');
      const rows = Array.isArray(answer) ? answer : answer.history;
      return rows
        .map(({ id, filename, uploadDate, isActive }) => ({
          id,
          name: filename,
          uploadedAt: uploadDate ?? null,
          isActive: isActive ?? false,
        }))
        .sort((a, b) => (b.uploadedAt ?? 0) - (a.uploadedAt ?? 0));
    },
  },

  restore: {
    method: 'PUT',
    path: () => '/api/profile/update-picture',
    purpose: 'restore the picture',
    idempotent: true,
    body: ({ userId, name, at }) => ({ userId, profilePicture: name, updatedAt: iso(at) }),
    parse: unlocated,
  },

  sync: {
    method: 'POST',
    path: () => '/api/profile/sync-picture',
    purpose: 'tell which picture shows',
    idempotent: true,
    body: ({ userId, name, at }) => ({ userId, profilePicture: name, syncTimestamp: iso(at) }),
    parse: () => {},
  },
};

const base = '/api/profile-picture-api';
const ofUser = ({ userId }: UserInput) => `?userId=${encodeURIComponent(userId)}`;

/** What the serverless deployment has in place of these: JSON instead of forms, and paths of its own. */
export const serverlessRoutes = {
  upload: {
    path: () => `${base}/upload-picture`,
    body: async ({ userId, picture: { blob }, filename }: UploadInput) => ({
      userId,
      base64Image: await toDataUrl(blob),
      filename,
    }),
  },
  profile: { path: (input: UserInput) => `${base}/picture${ofUser(input)}` },
  deleteAvatar: { path: () => `${base}/delete-picture` },
  history: { path: (input: UserInput) => `${base}/picture-history${ofUser(input)}` },
  restore: { path: () => `${base}/update-picture` },
  sync: { path: () => `${base}/sync-picture` },
} as const;
