import type { FastifyReply } from 'fastify';
import { afterAnswer } from '../http.ts';
import type { Broadcast } from '../realtime.ts';
import type { CompletedAvatar } from './uploads.ts';

export interface ShownAvatar {
  avatar_url: string;
  avatar_thumb_url: string;
  avatar_version: number;
}

/** Tells everyone of changed pictures, once the answer has left; the same whichever wire changed them. */
export interface AvatarNews {
  updated(reply: FastifyReply, userId: string, avatar: CompletedAvatar): ShownAvatar;
  deleted(reply: FastifyReply, userId: string, version: number): void;
}

export function createAvatarNews(settings: {
  broadcast: Broadcast;
  pictureUrl: (path: string) => string;
}): AvatarNews {
  const { broadcast, pictureUrl } = settings;
  return {
    updated(reply, userId, { key, thumbKey, version, fresh }) {
      const shown = {
        avatar_url: pictureUrl(key),
        avatar_thumb_url: pictureUrl(thumbKey),
        avatar_version: version,
      };
      if (fresh) afterAnswer(reply, () => broadcast('user:avatar:updated', { userId, ...shown }));
      return shown;
    },
    deleted(reply, userId, version) {
      afterAnswer(reply, () => broadcast('user:avatar:deleted', { userId, avatar_version: version }));
    },
  };
}
