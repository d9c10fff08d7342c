import { z } from 'zod';
import { profilePatch } from '../src/people/profile-routes.ts';
import { profileAnswer } from '../src/people/profiles.ts';
import { shownAvatar } from '../src/pictures/avatar-news.ts';
import { completeBody, presignBody } from '../src/pictures/avatar-routes.ts';
import { mediaQuery } from '../src/pictures/media-routes.ts';
import { base64Picture, mine, sync, update } from '../src/pictures/profile-picture-routes.ts';
import { userId } from '../src/text.ts';
import { type Operation, success, told } from './operation.ts';

const texts = z.record(z.string(), z.string());
const upload = z.object({ fileId: z.string(), type: z.enum(['avatar', 'thumb']), key: z.string() });
const ticket = z.union([
  upload.extend({ method: z.literal('PUT'), url: z.url(), headers: texts }),
  upload.extend({ method: z.literal('POST'), url: z.url(), fields: texts }),
]);
const version = z.int().min(0);
const idParams = z.object({ id: userId });

const presigned = {
  presignAvatar: {
    method: 'POST',
    paths: ['/api/users/me/avatar/presign'],
    wire: 'presigned',
    summary: 'Ask where to put a new picture',
    description:
      'The client then sends each file to its `url`, with exactly the given `headers` as the body of a PUT, or behind the given `fields` in a form, and without its token.',
    body: presignBody,
    answers: { 200: z.object({ uploads: z.array(ticket), expiresIn: z.int().describe('Seconds') }) },
    refuses: [400, 404, 413, 415, 429],
  },
  completeAvatar: {
    method: 'POST',
    paths: ['/api/users/me/avatar/complete'],
    wire: 'presigned',
    summary: 'Show what was put',
    description:
      'The client also sends the `url` of each. Repeating it gives the same answer and tells nobody again; what was begun before a later change is a 409, and what is a day old a 410.',
    body: completeBody,
    answers: {
      200: z.object({ ok: z.literal(true), ...shownAvatar.shape, avatar_key: z.string() }),
    },
    refuses: [400, 403, 404, 409, 410, 413, 415, 422],
  },
  deleteAvatar: {
    method: 'DELETE',
    paths: ['/api/users/me/avatar'],
    wire: 'presigned',
    summary: 'Delete the own picture',
    description: 'A 404 is success too: there is none.',
    answers: { 200: success.extend({ avatar_version: version }) },
    refuses: [404],
  },
  readProfile: {
    method: 'GET',
    paths: ['/api/users/:id/profile'],
    wire: 'presigned',
    summary: 'Read a user; `me` is the caller',
    params: idParams,
    answers: { 200: profileAnswer, 304: 'nothing' },
    refuses: [400, 404],
  },
  changeProfile: {
    method: 'PATCH',
    paths: ['/api/users/me/profile'],
    wire: 'presigned',
    summary: 'Change the own name',
    body: profilePatch,
    answers: { 200: profileAnswer },
    refuses: [400, 404, 413, 415, 429],
  },
} satisfies Record<string, Operation>;

const media = {
  readUser: {
    method: 'GET',
    paths: ['/api/users/:id'],
    wire: 'media',
    summary: 'Read a user with the media id of the picture',
    params: idParams,
    answers: {
      200: profileAnswer.extend({ name: z.string(), profile_picture: z.string().nullable() }).meta({
        id: 'User',
      }),
    },
    refuses: [400, 404],
  },
  uploadProfilePicture: {
    method: 'POST',
    paths: ['/api/users/:id/profile-picture'],
    wire: 'media',
    summary: 'Change the own picture',
    description: 'JPEG, PNG or GIF of at most 800 KiB. The answer has no address: read the user again.',
    params: idParams,
    form: { files: ['file'] },
    answers: { 200: told },
    refuses: [400, 403, 404, 409, 413, 415, 422, 429],
  },
  deleteProfilePicture: {
    method: 'DELETE',
    paths: ['/api/users/:id/profile-picture'],
    wire: 'media',
    summary: 'Delete the own picture',
    params: idParams,
    answers: { 200: told },
    refuses: [400, 403, 404],
  },
  readMedia: {
    method: 'GET',
    paths: ['/api/users/media/:id'],
    wire: 'media',
    summary: 'The picture, or its thumbnail',
    access: 'public',
    params: z.object({ id: z.string() }),
    query: mediaQuery,
    answers: { 200: 'picture', 304: 'nothing' },
    refuses: [400, 404],
  },
} satisfies Record<string, Operation>;

const both = (path: string) => [`/api/profile${path}`, `/api/profile-picture-api${path}`] as const;
const shownName = success.extend({
  profilePicture: z.string(),
  profilePicturePath: z.string(),
  lastPictureSync: z.iso.datetime().nullable().optional(),
  preferences: z.record(z.string(), z.unknown()).optional(),
});
const changedUser = z.object({
  userId: z.string(),
  profilePicture: z.string(),
  updatedAt: z.iso.datetime(),
});

const profilePicture = {
  uploadPicture: {
    method: 'POST',
    paths: both('/upload-picture'),
    wire: 'profilePicture',
    summary: 'Change the own picture, by a form or as base64',
    body: base64Picture,
    form: { files: ['profilePicture'], fields: ['userId'] },
    answers: { 200: told.extend({ filename: z.string(), user: changedUser }) },
    refuses: [400, 403, 404, 409, 413, 415, 422, 429],
  },
  readPicture: {
    method: 'GET',
    paths: both('/picture/:userId'),
    wire: 'profilePicture',
    summary: 'The file name of a user’s picture, and where it is',
    params: z.object({ userId }),
    answers: { 200: shownName },
    refuses: [400, 404],
  },
  readPictureByQuery: {
    method: 'GET',
    paths: both('/picture'),
    wire: 'profilePicture',
    summary: 'The same, with the user in the query; the caller without one',
    query: mine,
    answers: { 200: shownName },
    refuses: [400, 404],
  },
  updatePicture: {
    method: 'PUT',
    paths: both('/update-picture'),
    wire: 'profilePicture',
    summary: 'Show a picture of the history again',
    body: update,
    answers: { 200: told.extend({ user: changedUser }) },
    refuses: [400, 403, 404, 413, 415, 429],
  },
  deletePicture: {
    method: 'DELETE',
    paths: both('/delete-picture'),
    wire: 'profilePicture',
    summary: 'Take the own picture down; the history keeps it',
    body: mine,
    answers: { 200: told },
    refuses: [400, 403, 404, 413, 415],
  },
  syncPicture: {
    method: 'POST',
    paths: both('/sync-picture'),
    wire: 'profilePicture',
    summary: 'Note that this device shows the picture',
    body: sync,
    answers: { 200: told.extend({ syncTimestamp: z.union([z.number(), z.string()]) }) },
    refuses: [400, 403, 413, 415],
  },
  pictureHistory: {
    method: 'GET',
    paths: both('/picture-history'),
    wire: 'profilePicture',
    summary: 'The own pictures, newest first',
    query: mine,
    answers: {
      200: success.extend({
        history: z.array(
          z.object({
            id: z.string(),
            userId: z.string(),
            filename: z.string(),
            uploadDate: z.iso.datetime(),
            isActive: z.boolean(),
            version,
          }),
        ),
      }),
    },
    refuses: [400, 403],
  },
} satisfies Record<string, Operation>;

const uploadRoute = {
  uploadProfile: {
    method: 'POST',
    paths: ['/api/upload/profile'],
    wire: 'uploadRoute',
    summary: 'Change the own picture',
    access: 'token or cookie',
    form: { files: ['file', 'profilePhoto'] },
    answers: { 200: told.extend({ url: z.string(), profilePicture: z.string() }) },
    refuses: [400, 403, 404, 409, 413, 415, 422, 429],
  },
} satisfies Record<string, Operation>;

export const pictureOperations = { ...presigned, ...media, ...profilePicture, ...uploadRoute };
