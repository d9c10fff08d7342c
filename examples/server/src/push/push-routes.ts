import type { FastifyInstance } from 'fastify';
import { registerBody, unregisterBody } from '../chat/chat-payloads.ts';
import type { Push } from './push.ts';

/** Which devices of the caller may be pushed to. Repeating either call changes nothing. */
export function pushRoutes(http: FastifyInstance, push: Push): void {
  http.post('/api/fcm/register', async (request) => {
    const { token, device_type: platform, device_id: deviceId } = registerBody.parse(request.body);
    await push.register(request.userId, { token, platform, deviceId: deviceId ?? undefined });
    return { success: true };
  });

  http.post('/api/fcm/unregister', async (request) => {
    const { token } = unregisterBody.parse(request.body);
    await push.unregister(request.userId, token);
    return { success: true };
  });
}
