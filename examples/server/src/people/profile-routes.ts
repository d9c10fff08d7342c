import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { afterAnswer } from '../http.ts';
import type { RateLimit } from '../nodes/rate-limit.ts';
import type { Broadcast } from '../realtime.ts';
import { displayName, userId } from '../text.ts';
import type { Profiles } from './profiles.ts';

const profileParams = z.object({ id: userId });
export const profilePatch = z.object({ display_name: displayName.optional() });

/** Reading anyone's profile, and changing one's own. */
export function profileRoutes(
  http: FastifyInstance,
  { profiles, broadcast, checkWrites }: { profiles: Profiles; broadcast: Broadcast; checkWrites: RateLimit },
): void {
  http.get('/api/users/:id/profile', async (request, reply) => {
    const { id } = profileParams.parse(request.params);
    const profile = await profiles.read(id === 'me' ? request.userId : id);
    const etag = `"${createHash('sha256').update(JSON.stringify(profile)).digest('base64url').slice(0, 22)}"`;
    reply.headers({ ETag: etag, 'Cache-Control': 'private, no-cache', Vary: 'Authorization, Origin' });
    if (request.headers['if-none-match'] === etag) return reply.status(304).send();
    return profile;
  });

  const limited = { preHandler: (request: FastifyRequest) => checkWrites(request.userId) };
  http.patch('/api/users/me/profile', limited, async (request, reply) => {
    const { display_name: name } = profilePatch.parse(request.body);
    if (name === undefined) return profiles.read(request.userId);
    const { profile, changed } = await profiles.rename(request.userId, name);
    const event = { userId: profile.id, display_name: profile.display_name };
    if (changed) afterAnswer(reply, () => broadcast('user:profile:updated', event));
    return profile;
  });
}
