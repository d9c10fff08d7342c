import { directUpload } from '../avatar/direct-upload.ts';
import { isExpiredToken } from '../protocol/expired-token.ts';
import { presignedRoutes } from '../protocol/presigned.ts';
import { userEvents } from '../protocol/user-events.ts';
import type { DirectPreset } from './preset.ts';

/** Direct-to-storage avatars: presign → PUT → complete, with `user:avatar:*` live events. The default. */
export const presigned: DirectPreset<'deleteAvatar' | 'profile'> = {
  name: 'presigned',
  routes: presignedRoutes,
  events: userEvents,
  picture: {
    types: ['image/webp', 'image/jpeg', 'image/png'],
    size: 256,
    thumbSize: 64,
    isExact: true,
    quality: 0.82,
    maxBytes: null,
  },
  upload: directUpload,
  isExpiredToken,
  isStamped: true,
  pictures: null,
  poll: null,
  memory: null,
};
