import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Sends a picture that never changes under its address: safe to show, and to keep for ever. Its bytes are asked for
 * unless the reader has them.
 */
export async function sendPicture(
  request: FastifyRequest,
  reply: FastifyReply,
  picture: { type: string; bytes: () => Buffer | Promise<Buffer>; etag: string },
): Promise<FastifyReply> {
  const etag = `"${picture.etag}"`;
  const headers = {
    'Cache-Control': 'public, max-age=31536000, immutable',
    'Content-Disposition': 'inline',
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    ETag: etag,
    'X-Content-Type-Options': 'nosniff',
  };
  if (request.headers['if-none-match'] === etag) return reply.headers(headers).status(304).send();
  const bytes = await picture.bytes();
  return reply.headers(headers).type(picture.type).send(bytes);
}
