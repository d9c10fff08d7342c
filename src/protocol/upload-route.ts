import * as z from 'zod/mini';
import { withoutCacheBusters } from '../lib/avatar-url.ts';
import { pictureForm, pictureRefusals } from './picture-form.ts';
import type { FormRoutes, RoutesWith } from './route.ts';
import { parse, someText } from './schemas.ts';
import { avatarFact } from './user-facts.ts';

const published = z.union([z.object({ url: someText }), z.object({ profilePicture: someText })]);

/** One route takes the picture; there is none to read, delete or list. */
export const uploadRouteRoutes: FormRoutes & RoutesWith<never> = {
  upload: {
    method: 'POST',
    path: () => '/api/upload/profile',
    purpose: 'upload the picture',
    idempotent: false,
    form: /* @__PURE__ */ pictureForm('file'),
    refusals: pictureRefusals,
    parse({ body, at }, { userId }, context) {
      const answer = parse(published, body, 'upload the picture');
      // Its `?t=` is of the moment of the answer, and follows a query that may be there.
      const url = withoutCacheBusters('url' in answer ? answer.url : answer.profilePicture);
      return { ...avatarFact(userId, { picture: { url } }, { ...context, at }), changedAt: at };
    },
  },
  profile: null,
  deleteAvatar: null,
  history: null,
  restore: null,
  sync: null,
};
