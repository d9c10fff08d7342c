import multipart from '@fastify/multipart';
import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import { ApiError } from '../errors.ts';
import { requireUser } from '../http.ts';
import { sniff } from '../pictures/picture-container.ts';
import { readPictureForm } from '../pictures/picture-form.ts';
import { isPictureType, newPictureKey } from '../pictures/picture-types.ts';
import { inspectPicture } from '../pictures/pictures.ts';
import type { Tokens } from '../tokens.ts';
import type { MessageFiles } from './message-files.ts';

const MAX_BYTES = 5_000_000;

/**
 * Pictures of messages, put up before the message that names them: judged by what they are, without metadata, under an
 * address of their own for as long as a message names it. Whoever has the address sees the picture.
 */
export async function messageMediaRoutes(
  http: FastifyInstance,
  settings: {
    tokens: Tokens;
    files: MessageFiles;
    folder: string;
    pictureUrl: (path: string) => string;
    limitMedia: preHandlerAsyncHookHandler;
  },
): Promise<void> {
  const { files, folder, pictureUrl } = settings;
  await http.register(multipart);
  http.addHook('onRequest', requireUser(settings.tokens));

  http.post('/api/media', { preHandler: settings.limitMedia }, async (request, reply) => {
    const { bytes } = await readPictureForm(request, { names: ['file'], maxBytes: MAX_BYTES });
    const type = sniff(bytes);
    if (type === undefined || !isPictureType(type)) {
      throw new ApiError(415, 'UNSUPPORTED_TYPE', 'unable to use the file; it must be a JPEG, PNG or WebP');
    }
    const picture = await inspectPicture(bytes, type);
    const key = newPictureKey(`${folder}/media`, request.userId, type);
    await files.publish(key, picture);
    return reply.status(201).send({ success: true, url: pictureUrl(key) });
  });
}
