import { formUpload } from '../avatar/form-upload.ts';
import { isExpiredToken } from '../protocol/expired-token.ts';
import { uploadRouteRoutes } from '../protocol/upload-route.ts';
import { userEvents } from '../protocol/user-events.ts';
import { localMemory } from '../users/local-memory.ts';
import type { FormPreset } from './preset.ts';

/**
 * One route takes the picture and answers its address. There is no way to read or delete it: pictures are known from
 * events, lists and what the app says, and remembered from page to page.
 */
export const uploadRoute: FormPreset = {
  name: 'uploadRoute',
  routes: uploadRouteRoutes,
  events: userEvents,
  picture: {
    types: ['image/jpeg', 'image/png'],
    size: 512,
    thumbSize: 64,
    isExact: false,
    quality: 0.85,
    maxBytes: null,
  },
  upload: formUpload,
  isExpiredToken,
  isStamped: false,
  pictures: null,
  poll: null,
  memory: localMemory,
};
