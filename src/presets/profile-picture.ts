import { formUpload } from '../avatar/form-upload.ts';
import { isExpiredToken } from '../protocol/expired-token.ts';
import { profilePictureRoutes, serverlessRoutes } from '../protocol/profile-picture.ts';
import type { SomeRoutes } from '../protocol/route.ts';
import { userEvents } from '../protocol/user-events.ts';
import { localMemory } from '../users/local-memory.ts';
import { pollEvery } from '../users/poll.ts';
import { definePreset } from './define-preset.ts';
import type { FormPreset } from './preset.ts';

/**
 * Multipart with a history, per-session sync and no live events of its own: pictures are read again every 30 seconds while
 * the page is visible, and remembered from page to page.
 */
export const profilePicture: FormPreset<keyof SomeRoutes> = {
  name: 'profilePicture',
  routes: profilePictureRoutes,
  events: userEvents,
  picture: {
    types: ['image/webp', 'image/jpeg', 'image/png'],
    size: 512,
    thumbSize: 64,
    isExact: false,
    quality: 0.85,
    maxBytes: 10_000_000,
  },
  upload: formUpload,
  isExpiredToken,
  isStamped: false,
  pictures: null,
  poll: /* @__PURE__ */ pollEvery(30_000),
  memory: localMemory,
};

/**
 * The serverless deployment of {@link profilePicture}: JSON in base64 instead of forms, bodies of at most 6 MB, and a
 * backend that may forget what it confirmed.
 */
export const profilePictureJson: FormPreset<keyof SomeRoutes> = /* @__PURE__ */ definePreset({
  extends: profilePicture,
  name: 'profilePictureJson',
  routes: serverlessRoutes,
  // Base64 is a third longer.
  picture: { maxBytes: 4_000_000 },
});
