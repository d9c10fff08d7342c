import { formUpload } from '../avatar/form-upload.ts';
import { isExpiredToken } from '../protocol/expired-token.ts';
import { mediaRoutes } from '../protocol/media.ts';
import { userEvents } from '../protocol/user-events.ts';
import type { FormPreset } from './preset.ts';

/**
 * Multipart with a media id: JPEG or PNG of at most 800 KB, read again to learn the id, thumbnails made by the backend.
 * Where pictures are behind the token too: `definePreset({ extends: media, pictures: privatePictures })`.
 */
export const media: FormPreset<'deleteAvatar' | 'profile'> = {
  name: 'media',
  routes: mediaRoutes,
  events: userEvents,
  picture: {
    types: ['image/jpeg', 'image/png'],
    size: 2_048,
    thumbSize: 150,
    isExact: false,
    quality: 0.92,
    maxBytes: 800_000,
  },
  upload: formUpload,
  isExpiredToken,
  isStamped: false,
  pictures: null,
  poll: null,
  memory: null,
};
