import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sends a picture that never changes under its address: safe to show, and to keep for ever. */
export function sendPicture(
  request: FastifyRequest,
  reply: FastifyReply,
  picture: { type: string; bytes: Buffer; etag: string },
): FastifyReply {
  const etag = `"${picture.etag}"`;
  reply.headers({
    'Cache-Control': 'public, max-age=31536000, immutable',
    'Content-Disposition': 'inline',
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    ETag: etag,
    'X-Content-Type-Options': 'nosniff',
  });
  if (request.headers['if-none-match'] === etag) return reply.status(304).send();
  return reply.type(picture.type).send(picture.bytes);
}
