import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { afterAnswer } from '../http.ts';
import type { RecordingPushSender } from '../push/push.ts';
import type { ChatServer } from '../realtime.ts';
import type { Announcements } from './announcements.ts';
import { sendPayload } from './chat-payloads.ts';
import type { SendMessage } from './send-message.ts';

/** Tools to try things by hand. Only ever registered in development: they ask for no token. */
export function chatDevRoutes(
  http: FastifyInstance,
  settings: {
    io: ChatServer;
    send: SendMessage;
    announcements: Announcements;
    recorder: RecordingPushSender | undefined;
  },
): void {
  const { io, send, announcements, recorder } = settings;

  http.get('/test-socket', async () => ({ success: true, sockets: io.of('/').sockets.size }));

  http.post('/test-message', async (request, reply) => {
    const { senderId, ...draft } = sendPayload.parse(request.body);
    const sent = await send(z.string({ error: 'name the senderId' }).parse(senderId), draft);
    afterAnswer(reply, () => announcements.messageSent(sent));
    return { success: true, message: sent.message };
  });

  http.get('/dev/pushes', async () => ({ pushes: recorder?.recorded ?? [] }));
}
