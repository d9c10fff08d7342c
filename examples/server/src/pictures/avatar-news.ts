import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { afterAnswer } from '../http.ts';
import type { Broadcast } from '../realtime.ts';
import type { CompletedAvatar } from './uploads.ts';

export const shownAvatar = z.object({
  avatar_url: z.string(),
  avatar_thumb_url: z.string().describe('The avatar’s own address when there is no thumb'),
  avatar_version: z.int().min(1),
});
export type ShownAvatar = z.output<typeof shownAvatar>;

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
