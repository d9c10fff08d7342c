import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { sendPicture } from '../pictures/picture-answer.ts';
import { filenameOf, typeOfKey } from '../pictures/picture-types.ts';
import type { DiskStorage } from './disk-storage.ts';
import type { Storage } from './storage.ts';

const keyParams = z.object({ '*': z.string() });
const query = z.record(z.string(), z.unknown());

/** These stand for another host: any page may call them, and no token is read. */
export function isStoragePath(path: string): boolean {
  return path.startsWith('/storage/') || path.startsWith('/files/');
}

/** The disk store's door for signed PUTs. */
export async function uploadRoutes(http: FastifyInstance, storage: DiskStorage): Promise<void> {
  http.removeAllContentTypeParsers();
  // The body stays a stream; the store counts it.
  http.addContentTypeParser('*', (_request, _body, done) => done(null));

  http.put('/storage/*', async (request, reply) => {
    await storage.accept({
      key: keyParams.parse(request.params)['*'],
      query: query.parse(request.query),
      contentType: request.headers['content-type'],
      contentLength: request.headers['content-length'],
      body: request.raw,
    });
    return reply.status(200).send();
  });
}

/** Published pictures, where no other host serves them; of a bucket that others use too, nothing but our folder. */
export async function pictureRoutes(
  http: FastifyInstance,
  { storage, folder }: { storage: Storage; folder: string },
): Promise<void> {
  http.get('/files/*', async (request, reply) => {
    const key = keyParams.parse(request.params)['*'];
    const isOurs = key.startsWith(`${folder}/`) && !key.includes('..');
    const type = isOurs ? typeOfKey(key) : undefined;
    const bytes = type && (await storage.readPublished(key));
    if (!type || !bytes) throw new ApiError(404, 'NOT_FOUND', 'unable to find the picture');
    return sendPicture(request, reply, { type, bytes: () => bytes, etag: filenameOf(key) });
  });
}
